"""Doors: which share badges, how they are, and that a door that goes leaves nothing waiting."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from admin import doors, times
from admin.console import Console
from admin.doors import Only, State
from admin.errors import BadInput, NotThere
from device.contract.console import Alarm, CommandKind
from tests.admin.conftest import NOON as NOW
from tests.admin.conftest import Clockwork
from tests.admin.office.conftest import marked, standing


def test_a_new_door_shares_badges_with_whom_one_says(console: Console) -> None:
    first = doors.one(console, doors.add(console, "Front", None))
    second = doors.one(console, doors.add(console, "Back", first.group))
    alone = doors.one(console, doors.add(console, "Shed", None))
    assert (first.slot, second.slot, second.group) == (0, 1, first.group)
    assert alone.group != first.group
    assert {group: [door.name for door in members] for group, members in doors.groups(doors.every(console)).items()} == {
        first.group: ["Back", "Front"],
        alone.group: ["Shed"],
    }


def test_no_more_than_eight_share_badges_and_a_retired_one_leaves_room(console: Console, a_door: Callable[..., UUID]) -> None:
    """Design section 4: cells are relayed within groups of at most 8."""
    first = a_door("Door 1")
    group = doors.one(console, first).group
    for number in range(2, 9):
        doors.add(console, f"Door {number}", group)
    with pytest.raises(BadInput, match="8 doors at most"):
        doors.add(console, "Door 9", group)
    doors.retire(console, first, NOW)
    assert doors.one(console, doors.add(console, "Door 9", group)).slot == 0


@pytest.mark.parametrize("group", [0, 7, -1])
def test_a_door_joins_only_doors_that_are_there(console: Console, group: int) -> None:
    with pytest.raises(BadInput):
        doors.add(console, "Front", group)


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "front\ndoor\x00"])
def test_a_door_has_a_name_that_can_be_read(console: Console, name: str) -> None:
    with pytest.raises(BadInput) as refused:
        doors.add(console, name, None)
    assert refused.value.field == "name"


def test_no_two_doors_have_one_name(console: Console) -> None:
    front, back = doors.add(console, "Front", None), doors.add(console, "Back", None)
    with pytest.raises(BadInput):
        doors.rename(console, back, "front")
    doors.rename(console, front, "front")
    assert doors.one(console, front).name == "front"


def test_a_door_is_up_while_it_is_heard(console: Console, clockwork: Clockwork) -> None:
    door = doors.add(console, "Front", None)
    assert doors.one(console, door).state is State.NEW
    standing(console, door, clockwork.now(), eyes=0)
    assert doors.one(console, door).state is State.UP
    assert doors.one(console, door).broken == ("camera",)
    clockwork.forward(179)
    assert doors.one(console, door).state is State.UP
    clockwork.forward(1)
    assert doors.one(console, door).state is State.SILENT
    assert doors.one(console, door).broken == ()


def test_a_retired_door_leaves_nothing_waiting(console: Console, a_door: Callable[..., UUID]) -> None:
    first = a_door("Front")
    second = a_door("Back", doors.one(console, first).group)
    other = a_door("Shed")
    run = console.store.run
    person = bytes(16)
    run("INSERT INTO people VALUES (?, 'Ada', NULL, 'en', NULL, NULL, 0, 1)", (person,))
    run("INSERT INTO endings VALUES (?, ?, NULL), (?, ?, NULL)", (person, first.bytes, person, second.bytes))
    run("INSERT INTO groups VALUES (1, 'Staff')")
    run("INSERT INTO group_doors VALUES (1, ?, 0), (1, ?, 0)", (first.bytes, second.bytes))
    run("INSERT INTO marks VALUES (?, 'limits', x'', 1)", (first.bytes,))
    run("INSERT INTO alarms (door, alarm, at) VALUES (?, 'eyes_down', 5)", (first.bytes,))
    assert doors.retire(console, first, NOW) == (first, second)
    assert console.store.rows("SELECT door FROM endings") == [(second.bytes,)]
    assert console.store.rows("SELECT door FROM group_doors") == [(second.bytes,)]
    assert {door for door, *_ in marked(console, "siblings")} == {second}
    assert marked(console, "limits") == []
    assert doors.alarms(console) == []
    assert [door.id for door in doors.every(console)] == [second, other]
    assert [door.id for door in doors.every(console, retired=True)] == [first]
    for act in (lambda: doors.retire(console, first, NOW), lambda: doors.tell(console, first, CommandKind.OPEN_ONCE, NOW)):
        with pytest.raises(NotThere):
            act()


def test_a_command_counts_up_and_is_good_for_half_a_minute(
    console: Console, a_door: Callable[..., UUID], clockwork: Clockwork
) -> None:
    front, back = a_door("Front"), a_door("Back")
    acts = [doors.tell(console, door, CommandKind.OPEN_ONCE, clockwork.now()) for door in (front, back, front)]
    assert acts == [1, 2, 3]
    console.store.run("UPDATE commands SET done = 1 WHERE act = 1")
    assert [(told.done, (told.until - told.asked_at).seconds) for told in doors.told(console, front)] == [(None, 30), (True, 30)]


def test_a_door_paired_just_now_is_not_silent_before_its_first_minute_could_have_come(
    console: Console, a_door: Callable[..., UUID], clockwork: Clockwork
) -> None:
    door = standing(console, a_door(), clockwork.now(), minute_at=None)
    clockwork.forward(179)
    assert doors.one(console, door).state is State.UNHEARD
    with pytest.raises(BadInput, match="does not answer"):
        doors.tell(console, door, CommandKind.OPEN_ONCE, clockwork.now())
    clockwork.forward(1)
    assert doors.one(console, door).state is State.SILENT
    console.store.run("UPDATE doors SET minute_at = ?", (times.seconds(clockwork.now()),))
    assert doors.one(console, door).state is State.UP


@pytest.mark.parametrize(
    ("ages_min", "said"),
    [
        ([], "There is no door yet"),
        ([0], "The door is up"),
        ([9], "The door does not answer"),
        ([None], "The door is not paired yet"),
        ([9, None], "None of the 2 doors is up"),
        ([0, 9, 9], "1 of 3 doors is up"),
        ([0, 0, 9], "2 of 3 doors are up"),
        ([0, 0], "2 doors are up"),
    ],
)
def test_how_the_doors_are_is_said_in_a_sentence_that_reads(
    console: Console, ages_min: list[int | None], said: str, clockwork: Clockwork
) -> None:
    for number, age_min in enumerate(ages_min):
        door = doors.add(console, f"Door {number}", None)
        if age_min is not None:
            standing(console, door, clockwork.now() - timedelta(minutes=age_min))
    assert doors.said(doors.every(console)) == said


def test_a_list_is_narrowed_to_doors_of_one_kind(console: Console, a_door: Callable[..., UUID]) -> None:
    standing(console, a_door("Broken"), NOW, eyes=0)
    standing(console, a_door("Testing"), NOW, testing=1)
    standing(console, a_door("Unheard"), NOW, minute_at=None)
    standing(console, a_door("Silent"), NOW - timedelta(hours=1))
    doors.add(console, "New", None)
    doors.retire(console, a_door("Retired"), NOW)
    every = [*doors.every(console), *doors.every(console, retired=True)]
    for only in Only:
        found = [door.name for door in every if door.belongs(only)]
        assert found == (["Broken", "Testing"] if only is Only.UP else [only.value.capitalize()])


def test_what_nobody_has_seen_comes_before_what_somebody_has(console: Console, a_door: Callable[..., UUID]) -> None:
    door = a_door()
    for at, seen_at in ((1, None), (2, 9), (3, None), (4, 9)):
        console.store.run("INSERT INTO alarms (door, alarm, at, seen_at) VALUES (?, 'forced', ?, ?)", (door.bytes, at, seen_at))
    assert [times.seconds(alarm.at) for alarm in doors.alarms(console)] == [3, 1, 4, 2]


def test_a_silent_door_is_told_nothing(console: Console, a_door: Callable[..., UUID], clockwork: Clockwork) -> None:
    """A door that opens minutes later opens for nobody."""
    door = a_door()
    clockwork.forward(240)
    with pytest.raises(BadInput, match="too late"):
        doors.tell(console, door, CommandKind.OPEN_ONCE, clockwork.now())
    assert doors.told(console, door) == []


def test_an_alarm_stays_until_it_is_over_and_seen(console: Console, a_door: Callable[..., UUID], clockwork: Clockwork) -> None:
    door = a_door()
    console.store.run("INSERT INTO alarms (door, alarm, at) VALUES (?, 'forced', ?)", (door.bytes, times.seconds(NOW)))
    (alarm,) = doors.alarms(console)
    assert (alarm.alarm, alarm.door_name, alarm.seen, alarm.over_at) == (Alarm.FORCED, "Front door", False, None)
    doors.saw(console, alarm.number, clockwork.now())
    assert [found.seen for found in doors.alarms(console)] == [True]
    console.store.run("UPDATE alarms SET over_at = 9")
    assert doors.alarms(console) == []
    with pytest.raises(NotThere):
        doors.saw(console, 99, clockwork.now())
