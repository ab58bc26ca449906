"""The badge book: one for the whole office, and what follows from it at one door."""

import secrets
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from device.door.book import STRANGERS_DAYS
from device.door.consent import Event, Who
from device.door.matters import Badge
from device.errors import VaultError
from tests.door.cells.made import Place, admitted, close, know, minute, office
from tests.door.vault.made import NOW

DAY = timedelta(days=1)


def _badge() -> tuple[bytes, bytes]:
    return secrets.token_bytes(32), secrets.token_bytes(32)


def test_of_two_badges_made_at_once_one_counts_everywhere(two: list[Place]) -> None:
    person = admitted(two)
    badges = sorted(_badge() for _ in range(2))
    for place, badge in zip(two, reversed(badges), strict=True):
        place.make(person, *badge)
    minute(two)
    assert [place.opens()[person.bytes] for place in two] == [badges[1]] * 2


def test_a_clock_that_is_behind_makes_no_badge_older_than_the_one_it_replaces(two: list[Place]) -> None:
    person = admitted(two)
    two[0].make(person, *_badge(), NOW)
    minute(two)
    later = _badge()
    two[1].make(person, *later, NOW - timedelta(hours=3))
    minute(two)
    assert [place.opens()[person.bytes] for place in two] == [later] * 2


def test_of_two_who_drew_one_pin_the_earlier_keeps_it(two: list[Place]) -> None:
    """ALT-09: nobody's PIN opens for two; the other one's badge goes on, and a new code gives a new PIN."""
    first, second = admitted(two), admitted(two)
    pin = secrets.token_bytes(32)
    two[0].make(first, secrets.token_bytes(32), pin, NOW)
    two[1].make(second, secrets.token_bytes(32), pin, NOW + timedelta(seconds=1))
    minute(two)
    for place in two:
        assert place.opens()[first.bytes][1] == pin
        assert place.opens()[second.bytes][1] != pin
    assert two[0].opens() == two[1].opens()
    again = _badge()
    two[0].make(second, *again, NOW + DAY)
    minute(two)
    assert [place.opens()[second.bytes] for place in two] == [again] * 2


def test_doors_of_a_group_draw_from_different_pins(tmp_path: Path) -> None:
    """So that two doors do not draw one PIN before they have heard of one another."""
    places = office(tmp_path, 8)
    drawn = [{place.door.admit().person for _ in range(6)} for place in places]
    pins = [{place.opens()[person.bytes][1] for person in people} for place, people in zip(places, drawn, strict=True)]
    assert [{pin[-1] % 8 for pin in of_one} for of_one in pins] == [{slot} for slot in range(8)]
    close(places)


def test_a_pin_that_another_door_has_given_is_given_to_nobody_else(two: list[Place]) -> None:
    """Also when whoever has it is not admitted here."""
    pin = secrets.token_bytes(31) + bytes([1])
    assert two[1].book.pin_is_free(pin)
    assert not two[0].book.pin_is_free(pin)
    person = admitted(two[:1])
    two[0].make(person, secrets.token_bytes(32), pin)
    minute(two)
    assert two[1].opens() == {}
    assert not two[1].book.pin_is_free(pin)


def test_a_badge_told_of_somebody_who_left_here_stays_nothing(two: list[Place]) -> None:
    made = two[0].door.admit()
    two[1].admit(made.person)
    two[1].door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    for _ in range(3):
        minute(two)
    assert two[1].opens() == {}
    assert two[1].book.of(made.person) is None
    assert two[0].door.people.by_badge(made.badge) == made.person


def test_the_badge_of_a_stranger_is_kept_only_as_long_as_some_door_tells_of_it(two: list[Place]) -> None:
    """DEL-02, MIN-05: somebody never admitted here, who has left everywhere else."""
    made = two[0].door.admit()
    kept = two[0].door.admit()
    for _ in range(2):
        minute(two)
    two[0].door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    two[1].door.forget.sweep(NOW + STRANGERS_DAYS * DAY)
    assert two[1].book.of(made.person) is not None
    minute(two, NOW + STRANGERS_DAYS * DAY)
    two[1].door.forget.sweep(NOW + (STRANGERS_DAYS + 1) * DAY)
    assert two[1].book.of(made.person) is None
    assert two[1].book.of(kept.person) is not None


def test_whoever_is_admitted_keeps_their_badge_without_being_told_again(two: list[Place]) -> None:
    made = two[0].door.admit()
    two[0].door.forget.sweep(NOW + 2 * STRANGERS_DAYS * DAY)
    assert two[0].door.people.by_badge(made.badge) == made.person


def test_a_door_that_has_not_joined_makes_no_badge(two: list[Place], tmp_path: Path) -> None:
    """It would open nothing elsewhere; the code stays good."""
    new = Place.at(tmp_path / "new", 2)
    know([*two, new])
    person, code = new.door.people.invite(NOW, NOW + DAY)
    with pytest.raises(VaultError, match="not joined"):
        new.door.people.redeem(code, NOW)
    assert new.opens() == {}
    new.group.join()
    assert new.door.people.redeem(code, NOW).person == person
    close([new])


def test_resets_are_counted_round_and_round(two: list[Place]) -> None:
    person = admitted(two)
    for _ in range(258):
        with two[0].door.store.transaction():
            two[0].book.made(person, *_badge(), NOW, again=True)
    found = two[0].book.of(person)
    assert found is not None
    assert found.resets == 257 % 256
    assert found.order > Badge(person, b"", b"", 0, 0).order


def test_an_older_badge_told_late_changes_nothing(two: list[Place]) -> None:
    person = uuid4()
    two[0].admit(person)
    badge = _badge()
    two[0].make(person, *badge)
    before = two[0].book.of(person)
    two[0].book.take(Badge(person, *_badge(), 5, 0), NOW)
    assert two[0].book.of(person) == before
    assert two[0].matters.waiting() == 1


def test_a_code_that_was_used_at_one_door_is_used_at_every_door(two: list[Place]) -> None:
    """A code is good once; one that is newer than the badge that is told of stays good."""
    person, digest, new = admitted(two), secrets.token_bytes(32), secrets.token_bytes(32)
    for place in two:
        place.door.people.put_code(person, digest, NOW, NOW + DAY)
    two[0].make(person, *_badge(), NOW + timedelta(minutes=5))
    minute(two)
    assert two[1].door.store.row("SELECT 1 FROM invitations") is None
    two[1].door.people.put_code(person, new, NOW + timedelta(hours=1), NOW + DAY)
    two[0].make(person, *_badge(), NOW + timedelta(minutes=6))
    minute(two)
    assert two[1].door.store.row("SELECT count(*) FROM invitations") == (1,)
