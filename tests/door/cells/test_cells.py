"""The cell between doors: its size, its seal, what it carries when, and who has confirmed what."""

import math
import secrets
from collections import Counter
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract.console import Sibling
from device.contract.words import CELL_BYTES, Blob, CellBytes
from device.door.cells import ROOM
from device.door.consent import Event, Who
from device.door.group import Group
from device.door.heard import BEFORE, NONE, Cells
from device.door.matters import SIZES, Badge, Kind, Matter, Withdrawal, pack, unpack
from device.door.store import Store
from device.errors import VaultError, WireError
from tests.door.cells.made import Place, admitted, close, know, minute, office
from tests.door.vault.made import NOW, somewhere

SECOND = timedelta(seconds=1)
BYTES = st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(0, 2**32 - 1)
MATTERS = st.builds(Badge, st.uuids(), BYTES, BYTES, NUMBERS, st.integers(0, 255)) | st.builds(Withdrawal, st.uuids(), NUMBERS)


# --- form ------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(NUMBERS, MATTERS), max_size=8), st.integers(0, 20))
def test_what_is_packed_is_what_is_read(told: list[tuple[int, Matter]], filling: int) -> None:
    packed = b"".join(pack(number, matter) for number, matter in told)
    assert unpack(packed + bytes(filling)) == told


@given(st.binary(min_size=1, max_size=ROOM))
def test_what_is_no_matter_is_refused_as_such(rubbish: bytes) -> None:
    try:
        unpack(rubbish)
    except WireError:
        return
    assert rubbish[0] in {0, *Kind}


def test_a_cell_has_room_for_two_badges_and_later_for_one_with_its_rolling_secret() -> None:
    """One redeemed and one lost in a minute; RFC 6238 secrets have 20 bytes."""
    assert 2 * SIZES[Kind.BADGE] <= ROOM
    assert SIZES[Kind.BADGE] + 20 <= ROOM
    assert 7 * SIZES[Kind.WITHDRAW] <= ROOM


def test_matters_do_not_print_what_they_say() -> None:
    assert repr(Withdrawal(uuid4(), 0)) == "Withdrawal(hidden)"
    assert repr(Badge(uuid4(), b"", b"", 0, 0)) == "Badge(hidden)"


def test_a_cell_is_256_bytes_of_chance_whatever_there_is_to_say(two: list[Place], tmp_path: Path) -> None:
    """ALT-08: joined or not, with matters or without, nothing about it can be counted."""
    alone = Place.at(tmp_path / "alone", 0)
    first, second = two
    person = admitted(two)
    kinds = {
        "alone": [alone.fill()[1] for _ in range(40)],
        "nothing to say": [first.fill()[1] for _ in range(40)],
    }
    for _ in range(40):
        first.make(person, secrets.token_bytes(32), secrets.token_bytes(32))
        second.cells.withdraw_everywhere(person, NOW)
        kinds.setdefault("badge", []).append(first.fill()[1])
        kinds.setdefault("withdrawal", []).append(second.fill()[1])
    for cells in kinds.values():
        assert {len(cell) for cell in cells} == {CELL_BYTES}
        assert len(set(cells)) == len(cells)
        counts = Counter(b"".join(cells))
        spread = sum((counts[byte] - 40) ** 2 / 40 for byte in range(256))
        # Chi-squared with 255 degrees of freedom: chance exceeds this once in 10^9.
        assert spread < 255 + 6.5 * math.sqrt(2 * 255)
    close([alone])


def test_a_door_whose_disk_refuses_sends_a_cell_all_the_same(two: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise VaultError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(Store, "run", refuse)
        assert len(two[0].fill()[1]) == CELL_BYTES
    before = two[1].opens()
    minute(two)
    assert two[1].opens() == before


# --- badges ----------------------------------------------------------------------------------------------------------


def test_a_badge_made_at_one_door_opens_the_others_after_one_cell(three: list[Place]) -> None:
    """Design section 4: within two minutes; the cell of the next minute carries it."""
    first, second, third = three
    person = admitted([])
    with first.door.store.transaction():
        for place in three:
            place.admit(person)
    _, code = first.door.people.invite(NOW, NOW + timedelta(days=7))
    made = first.door.people.redeem(code, NOW)
    for place in (second, third):
        place.admit(made.person)
    minute(three)
    for place in three:
        assert place.door.people.by_badge(made.badge) == made.person
        assert place.door.people.by_pin(made.pin) == made.person
    minute(three)
    assert not any(place.matters.waiting() for place in three)


def test_a_badge_that_came_before_its_person_opens_when_the_person_is_admitted(two: list[Place]) -> None:
    made = two[0].door.admit()
    minute(two)
    assert two[1].opens() == {}
    two[1].admit(made.person)
    assert two[1].door.people.by_badge(made.badge) == made.person


def test_a_lost_badge_dies_at_every_door(two: list[Place]) -> None:
    made = two[0].door.admit()
    two[1].admit(made.person)
    minute(two)
    code = two[1].door.people.invite_again(made.person, NOW, NOW + timedelta(days=7))
    again = two[1].door.people.redeem(code, NOW - timedelta(hours=1), made.pin)
    minute(two)
    for place in two:
        assert list(place.opens()) == [made.person.bytes]
        assert place.door.people.by_badge(again.badge) == made.person
    assert two[0].opens() == two[1].opens()


def test_without_the_old_pin_history_and_face_are_shut_at_every_door(two: list[Place]) -> None:
    """Whoever holds a new code and not the old PIN may be anybody, at the other door as well."""
    made = two[0].door.admit()
    two[1].admit(made.person)
    minute(two)
    two[1].door.enrol(made.person)
    two[1].door.vault.journal.opened(made.person, NOW)
    for pin, shut in ((made.pin, False), (None, True)):
        code = two[0].door.people.invite_again(made.person, NOW, NOW + timedelta(days=7))
        made = two[0].door.people.redeem(code, NOW, pin)
        minute(two)
        assert two[1].door.vault.journal.openings(made.person) == (() if shut else (NOW,))
        assert two[1].door.vault.gallery(NOW).people == (() if shut else (made.person,))
    two[1].door.forget.sweep(NOW)
    assert not two[1].has_face(made.person)


def test_nothing_starves_because_a_door_is_gone(three: list[Place]) -> None:
    """A door that is off for weeks confirms nothing, and the two others go on within two minutes all the same."""
    here, gone = three[:2], three[2]
    people = [admitted(three) for _ in range(20)]
    for person in people:
        here[0].cells.withdraw_everywhere(person, NOW)
    for _ in range(30):
        minute(here)
    assert {here[0].cells.unconfirmed(person) for person in people} == {1}
    made = here[0].door.admit()
    here[1].admit(made.person)
    minute(here)
    assert here[1].door.people.by_badge(made.badge) == made.person
    for _ in range(8):
        minute([here[0], gone])
    assert {here[0].cells.unconfirmed(person) for person in people} == {0}


def test_withdrawals_go_before_badges(two: list[Place]) -> None:
    people = [admitted(two) for _ in range(6)]
    for person in people:
        two[0].make(person, secrets.token_bytes(32), secrets.token_bytes(32))
    two[1].door.enrol(people[5])
    two[0].cells.withdraw_everywhere(people[5], NOW)
    minute(two)
    assert not two[1].has_face(people[5])


def test_a_door_that_missed_something_for_ever_is_told_the_book_again(two: list[Place]) -> None:
    """What room is left tells the book, two entries a minute."""
    people = [admitted(two) for _ in range(5)]
    for person in people:
        two[0].make(person, secrets.token_bytes(32), secrets.token_bytes(32))
    two[0].door.store.run("DELETE FROM matters")
    for _ in range(3):
        minute(two)
    assert two[1].opens() == two[0].opens()
    assert len(two[1].opens()) == 5


# --- who may say what ------------------------------------------------------------------------------------------------


def test_a_flipped_bit_another_place_or_another_office_is_nothing(two: list[Place], tmp_path: Path) -> None:
    person = admitted(two)
    first, second = two
    second.door.enrol(person)
    first.cells.withdraw_everywhere(person, NOW)
    slot, cell = first.fill()
    for at in range(0, CELL_BYTES, 5):
        forged = bytearray(cell)
        forged[at] ^= 1
        second.take((slot, CellBytes(bytes(forged))))
    for other in (1, 2, 7, 8, -1):
        second.take((other, cell))
    second.take((slot, CellBytes(b"")))
    strangers = office(tmp_path / "strangers", 2)
    know([strangers[0], second])
    strangers[0].cells.withdraw_everywhere(person, NOW)
    second.take(strangers[0].fill())
    know(two)
    assert second.has_face(person)
    second.take((slot, cell))
    assert not second.has_face(person)
    close(strangers)


def test_a_cell_handed_on_as_another_doors_is_nothing(three: list[Place]) -> None:
    """The console says whose it is; the seal says it again."""
    person = admitted(three)
    second = three[1]
    second.door.enrol(person)
    three[0].cells.withdraw_everywhere(person, NOW)
    _, cell = three[0].fill()
    second.take((2, cell))
    assert second.has_face(person)
    second.take((0, cell))
    assert not second.has_face(person)


def test_a_replaced_door_is_not_believed_what_the_broken_one_said(two: list[Place], tmp_path: Path) -> None:
    """Neither are old cells the new door's, nor do old confirmations count for what the new door says."""
    first, second = two
    person = admitted(two)
    for _ in range(5):
        minute(two)
    replayed = first.fill()
    new = Place.at(tmp_path / "new", 0)
    new.door.keys.adopt(second.door.keys.office_key)
    know([new])
    new.admit(person)
    new.cells.siblings((new.sibling(), second.sibling()))
    second.door.enrol(person)
    new.cells.withdraw_everywhere(person, NOW)
    lost = new.fill()
    new.take(second.fill())
    assert new.cells.unconfirmed(person) == 1
    know([new, second])
    second.take(replayed)
    second.take(lost)
    new.take(second.fill())
    assert not second.has_face(person)
    assert new.cells.unconfirmed(person) == 0
    close([new])


def test_a_badge_of_a_broken_door_outlives_it(two: list[Place], tmp_path: Path) -> None:
    made = two[0].door.admit()
    two[1].admit(made.person)
    minute(two)
    new = Place.at(tmp_path / "new", 0)
    know([new, two[1]])
    assert two[1].door.people.by_badge(made.badge) == made.person
    close([new])


def test_a_door_that_is_left_out_has_confirmed_nothing_for_thirty_days(three: list[Place]) -> None:
    """A console that takes a door out of the group, and brings it back, cannot make *every door* mean fewer."""
    person = admitted(three)
    three[0].cells.withdraw_everywhere(person, NOW)
    know(three[:2])
    for _ in range(2):
        minute(three[:2])
    assert three[0].cells.unconfirmed(person) == 1
    know(three)
    for _ in range(2):
        minute(three)
    assert three[0].cells.unconfirmed(person) == 0
    assert not three[2].has_face(person)


def test_a_retired_door_is_waited_for_no_more_in_the_end(three: list[Place]) -> None:
    person = admitted(three)
    three[0].cells.withdraw_everywhere(person, NOW)
    know(three[:2])
    for _ in range(2):
        minute(three[:2])
    three[0].door.store.run("UPDATE door SET seen_at = ?", (int(NOW.timestamp()) + 30 * 86_400,))
    know(three[:2])
    assert three[0].cells.unconfirmed(person) == 0
    assert three[0].matters.waiting() == 0
    assert three[0].door.store.rows("SELECT public FROM heard_cells") == [(three[1].door.keys.public,)]


@pytest.mark.parametrize("wrong", ["slot twice", "door twice", "key twice", "slot 8", "slot -1", "short key"])
def test_what_makes_no_group_changes_nothing(two: list[Place], wrong: str) -> None:
    group: Group = two[0].group
    before = group.others
    own, other = (place.sibling() for place in two)
    third = {
        "slot twice": Sibling(door=uuid4(), slot=1, public=Blob(bytes(32))),
        "door twice": Sibling(door=other.door, slot=2, public=Blob(bytes(32))),
        "key twice": Sibling(door=uuid4(), slot=2, public=other.public),
        "slot 8": Sibling(door=uuid4(), slot=8, public=Blob(bytes(32))),
        "slot -1": Sibling(door=uuid4(), slot=-1, public=Blob(bytes(32))),
        "short key": Sibling(door=uuid4(), slot=2, public=Blob(bytes(31))),
    }[wrong]
    two[0].cells.siblings((own, other, third))
    assert group.others == before


@given(st.lists(st.integers(1, 40), min_size=1, max_size=60))
def test_what_was_heard_is_told_apart_as_far_back_as_it_says(counters: list[int]) -> None:
    """Against a plain set: nothing is taken twice, and only cells more than eight behind are given up."""
    cells, plain = NONE, set[int]()
    for counter in counters:
        newest = max(plain, default=0)
        assert cells.has(counter) == (counter in plain or (counter < newest - BEFORE))
        if not cells.has(counter):
            cells = cells.with_(counter)
            plain.add(counter)
        assert set(cells.all()) == {one for one in plain if one >= max(plain) - BEFORE}
    assert isinstance(cells, Cells)


def test_no_badge_is_left_in_what_waits_when_somebody_leaves(two: list[Place]) -> None:
    """DEL-02: the book and the queue, too."""
    made = two[0].door.admit()
    digest, pin = two[0].opens()[made.person.bytes]
    assert two[0].matters.waiting() == 1
    two[0].door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    assert two[0].matters.waiting() == 0
    assert not somewhere(two[0].door.data, digest)
    assert not somewhere(two[0].door.data, pin)
