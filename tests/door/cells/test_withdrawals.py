"""A withdrawal for every door: done at all of them, confirmed when it is done, and done once."""

from pathlib import Path

import pytest

from device.door import receipts
from device.door.consent import Event, Who
from device.door.heard import BEFORE
from device.errors import VaultError
from tests.door.cells.made import Place, admitted, close, minute, office
from tests.door.vault.made import NOW


def test_a_withdrawal_for_every_door_is_done_at_all_of_them_and_then_confirmed(three: list[Place]) -> None:
    """Promise 8: the receipt names how many have not confirmed; after the second minute none is left."""
    person = admitted(three)
    for place in three:
        place.door.enrol(person)
    first = three[0]
    assert first.cells.withdraw_everywhere(person, NOW) == 2
    receipt = first.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert receipts.verify(receipt.document, first.door.keys.public)["doors_not_confirmed"] == 2
    minute(three)
    assert not any(place.has_face(person) for place in three)
    minute(three)
    assert first.cells.unconfirmed(person) == 0
    later = first.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert receipts.verify(later.document, first.door.keys.public)["doors_not_confirmed"] == 0


def test_a_withdrawal_that_is_not_finished_is_not_confirmed(two: list[Place], monkeypatch: pytest.MonkeyPatch) -> None:
    """A receipt is never before it is true: the other door confirms only what is done."""
    person = admitted(two)
    two[1].door.enrol(person)
    two[0].cells.withdraw_everywhere(person, NOW)

    def refuse(*_: object) -> None:
        raise VaultError("The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(two[1].door.keys, "add", refuse)
        for _ in range(3):
            minute(two)
        assert two[0].cells.unconfirmed(person) == 1
        assert two[1].door.vault.gallery(NOW).people == ()
    for _ in range(2):
        minute(two)
    assert not two[1].has_face(person)
    assert two[0].cells.unconfirmed(person) == 0


def test_a_face_given_after_a_withdrawal_was_done_stays_whatever_comes_again(two: list[Place]) -> None:
    """Confirmations that were lost make the same withdrawal come again, and recorded cells are played again."""
    person = admitted(two)
    first, second = two
    second.door.enrol(person)
    first.cells.withdraw_everywhere(person, NOW)
    recorded = [first.fill() for _ in range(3)]
    second.take(recorded[0])
    second.door.enrol(person)
    for sent in (*recorded, *recorded, first.fill()):
        second.take(sent)
    assert second.has_face(person)
    for _ in range(BEFORE + 2):
        minute(two)
    for sent in recorded:
        second.take(sent)
    assert second.has_face(person)


def test_a_cell_that_comes_late_undoes_no_later_yes(two: list[Place]) -> None:
    """It was confirmed in another cell meanwhile, so its number waits for nobody."""
    person = admitted(two)
    first, second = two
    first.cells.withdraw_everywhere(person, NOW)
    late = first.fill()
    for _ in range(3):
        minute(two)
    assert first.cells.unconfirmed(person) == 0
    second.door.enrol(person)
    second.take(late)
    assert second.has_face(person)
    assert second.door.store.rows("SELECT * FROM heard_matters") == []


def test_what_a_door_confirms_to_one_it_confirms_to_no_other(three: list[Place]) -> None:
    person = admitted(three)
    three[2].cells.withdraw_everywhere(person, NOW)
    three[2].fill()
    three[0].take(three[1].fill())
    three[2].take(three[0].fill())
    assert three[2].cells.unconfirmed(person) == 2


def test_pressing_again_and_again_leaves_one_matter(two: list[Place]) -> None:
    person = admitted(two)
    for _ in range(50):
        assert two[0].cells.withdraw_everywhere(person, NOW) == 1
    assert two[0].matters.waiting() == 1


def test_alone_there_is_nobody_to_tell(tmp_path: Path) -> None:
    alone = office(tmp_path, 1)
    made = alone[0].door.admit()
    assert alone[0].cells.withdraw_everywhere(made.person, NOW) == 0
    assert alone[0].matters.waiting() == 0
    close(alone)
