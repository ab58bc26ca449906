"""Requests to custodians: a reason from a list, a day at most, and the door is the one that tells people."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from admin import doors, incidents, marks, settings
from admin.console import Console
from admin.errors import BadInput, NotThere
from device.contract.console import ASKED_A_DAY, Reason
from tests.admin.conftest import NOON as NOW
from tests.admin.office.conftest import marked


def ask(console: Console, door: UUID, begins: timedelta, ends: timedelta) -> int:
    return incidents.ask(console, door, Reason.THEFT, NOW - begins, NOW - ends, NOW)[0]


def person(console: Console, name: str = "Ada") -> UUID:
    found = uuid4()
    console.store.run("INSERT INTO people VALUES (?, ?, NULL, 'en', NULL, NULL, 0, NULL)", (found.bytes, name))
    return found


def test_a_day_of_one_door_is_asked_of_that_door_alone(console: Console, a_door: Callable[..., UUID]) -> None:
    front, _ = a_door("Front"), a_door("Back")
    number = ask(console, front, timedelta(hours=24), timedelta(0))
    assert [(where, key) for where, key, _ in marked(console, "incident")] == [(front, marks.number_key(number))]
    found = incidents.one(console, number)
    assert (found.door_name, found.reason, found.ends_at - found.begins_at) == ("Front", Reason.THEFT, timedelta(days=1))
    assert found.released == 0
    console.store.run("INSERT INTO released_days VALUES (?, 20000, x'00')", (number,))
    assert incidents.one(console, number).released == 1


@pytest.mark.parametrize(
    ("begins", "ends"),
    [
        (timedelta(hours=1), timedelta(hours=1)),
        (timedelta(hours=1), timedelta(hours=2)),
        (timedelta(hours=1), timedelta(seconds=1)),
        (timedelta(hours=24, seconds=1), timedelta(0)),
        (timedelta(hours=1), timedelta(hours=-1)),
        (timedelta(days=90, seconds=1), timedelta(days=90)),
    ],
    ids=["empty", "backwards", "under an hour", "over a day", "not over yet", "further back than is kept"],
)
def test_a_span_that_cannot_be_is_refused(
    console: Console, a_door: Callable[..., UUID], begins: timedelta, ends: timedelta
) -> None:
    """Promise 10: a span of a day at most."""
    with pytest.raises(BadInput):
        ask(console, a_door(), begins, ends)
    assert incidents.every(console) == []


def test_how_far_back_one_may_ask_is_what_the_doors_keep(console: Console, a_door: Callable[..., UUID]) -> None:
    door = a_door()
    settings.change(console, "openings_days", 7, NOW)
    with pytest.raises(BadInput, match="The doors keep 7 days"):
        ask(console, door, timedelta(days=8), timedelta(days=7, hours=12))
    assert ask(console, door, timedelta(days=7), timedelta(days=6, hours=12)) == 1


def test_no_more_is_asked_in_a_day_than_a_door_takes(console: Console, a_door: Callable[..., UUID]) -> None:
    """The door passes over what is more; so nothing is asked that nobody would be told of."""
    front, back = a_door("Front"), a_door("Back")
    for _ in range(ASKED_A_DAY):
        ask(console, front, timedelta(hours=2), timedelta(0))
    with pytest.raises(BadInput, match="tomorrow"):
        ask(console, front, timedelta(hours=2), timedelta(0))
    ask(console, back, timedelta(hours=2), timedelta(0))
    later = NOW + timedelta(days=1)
    incidents.ask(console, front, Reason.THEFT, NOW - timedelta(hours=2), NOW, later)


def test_no_more_is_asked_of_a_person_in_a_day_than_doors_take(console: Console, a_door: Callable[..., UUID]) -> None:
    ada, bob = person(console), person(console, "Bob")
    for one in (ada, bob):
        marks.mark(console, (a_door(one.hex),), marks.Kind.PERSON, one.bytes)
    for _ in range(ASKED_A_DAY):
        incidents.ask_evidence(console, ada, NOW)
    with pytest.raises(BadInput, match="tomorrow"):
        incidents.ask_evidence(console, ada, NOW)
    incidents.ask_evidence(console, bob, NOW)
    incidents.ask_evidence(console, ada, NOW + timedelta(days=1))


def test_a_door_that_is_not_paired_or_retired_is_not_asked(console: Console, a_door: Callable[..., UUID]) -> None:
    with pytest.raises(BadInput):
        ask(console, doors.add(console, "New", None), timedelta(hours=2), timedelta(0))
    gone = a_door()
    doors.retire(console, gone, NOW)
    with pytest.raises(NotThere):
        ask(console, gone, timedelta(hours=2), timedelta(0))


def test_evidence_is_asked_of_every_door_that_knew_the_person(console: Console, a_door: Callable[..., UUID]) -> None:
    """Their group's doors today, and one that was told of them before."""
    front, back, _ = a_door("Front"), a_door("Back"), a_door("Shed")
    ada = person(console)
    console.store.run("INSERT INTO groups VALUES (1, 'Staff')")
    console.store.run("INSERT INTO group_doors VALUES (1, ?, 0)", (front.bytes,))
    console.store.run("INSERT INTO memberships VALUES (?, 1)", (ada.bytes,))
    marks.mark(console, (back,), marks.Kind.PERSON, ada.bytes)
    number, woken = incidents.ask_evidence(console, ada, NOW)
    assert set(woken) == {front, back}
    assert {(where, key) for where, key, _ in marked(console, "evidence")} == {(door, marks.number_key(number)) for door in woken}
    (request,) = incidents.evidence(console)
    assert (request.person, request.person_name, request.released, request.doors) == (ada, "Ada", 0, 2)


def test_evidence_of_nobody_is_not_asked(console: Console, a_door: Callable[..., UUID]) -> None:
    a_door()
    with pytest.raises(NotThere):
        incidents.ask_evidence(console, uuid4(), NOW)
    with pytest.raises(BadInput):
        incidents.ask_evidence(console, person(console), NOW)


def test_people_are_found_by_a_part_of_their_name_without_its_marks(console: Console) -> None:
    for name in ("Ada Lovelace", "Özgür Çelik", "Adalbert 50%"):
        person(console, name)
    assert [name for _, name in incidents.named(console, "ada")] == ["Ada Lovelace", "Adalbert 50%"]
    assert [name for _, name in incidents.named(console, "ozgur")] == ["Özgür Çelik"]
    assert [name for _, name in incidents.named(console, "%")] == ["Adalbert 50%"]
    assert incidents.named(console, "  ") == []
