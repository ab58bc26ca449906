"""Codes, badges and PINs: everybody has them, and nothing else opens (ALT-04, ALT-09)."""

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device.door import badges
from device.door.consent import Event, Who
from device.door.people import PIN_SPACE, pin_digits
from device.errors import Unknown
from tests.door.vault.made import NOW, Door, somewhere

WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)
QR_LETTERS = set(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


def test_an_invitation_makes_a_badge_and_a_pin_once(door: Door) -> None:
    person, code = door.people.invite(NOW, NOW + WEEK)
    assert len(code) == 10
    assert code.isdigit()
    made = door.people.redeem(code, NOW)
    assert made.person == person
    assert not made.again
    assert door.people.by_badge(made.badge) == person
    assert door.people.by_pin(made.pin) == person
    with pytest.raises(Unknown):
        door.people.redeem(code, NOW)


def test_a_code_lives_to_the_second_and_is_then_removed(door: Door) -> None:
    _, code = door.people.invite(NOW, NOW + WEEK)
    with pytest.raises(Unknown):
        door.people.redeem(code, NOW + WEEK)
    door.people.redeem(code, NOW + WEEK - SECOND)
    door.people.invite(NOW, NOW + WEEK)
    door.forget.sweep(NOW + WEEK)
    assert door.store.rows("SELECT * FROM invitations") == []


def test_a_reissued_code_kills_the_one_before(door: Door) -> None:
    person, code = door.people.invite(NOW, NOW + WEEK)
    again = door.people.invite_again(person, NOW, NOW + WEEK)
    with pytest.raises(Unknown):
        door.people.redeem(code, NOW)
    assert door.people.redeem(again, NOW).person == person


def test_a_lost_badge_works_until_it_is_made_again(door: Door) -> None:
    first = door.admit()
    code = door.people.invite_again(first.person, NOW, NOW + WEEK)
    assert door.people.by_badge(first.badge) == first.person
    second = door.people.redeem(code, NOW)
    assert second.again
    assert door.people.by_badge(second.badge) == first.person
    with pytest.raises(Unknown):
        door.people.by_badge(first.badge)
    with pytest.raises(Unknown):
        door.people.by_pin(first.pin)


def test_history_stays_shut_when_the_badge_was_made_again_without_the_old_pin(door: Door) -> None:
    made = door.admit()
    door.vault.journal.opened(made.person, NOW)
    later = NOW + timedelta(hours=1)
    kept = door.people.redeem(door.people.invite_again(made.person, later, later + WEEK), later, made.pin)
    assert door.vault.journal.openings(made.person) == (NOW,)
    door.people.redeem(door.people.invite_again(made.person, later, later + WEEK), later, "0" * len(kept.pin) + "1")
    assert door.vault.journal.openings(made.person) == ()
    door.vault.journal.opened(made.person, later)
    assert door.vault.journal.openings(made.person) == (later,)


def test_only_digests_are_kept(door: Door) -> None:
    person, code = door.people.invite(NOW, NOW + WEEK)
    assert not somewhere(door.data, code.encode())
    made = door.people.redeem(code, NOW)
    badge_id = badges.read(made.badge, door.keys)
    for secret in (made.badge, badge_id):
        assert not somewhere(door.data, secret)
    columns = door.store.row("SELECT digest, pin FROM badges WHERE person = ?", (person.bytes,))
    assert [len(column) for column in columns] == [32, 32]


def test_a_badge_fits_the_compact_letters_of_a_qr_code(door: Door) -> None:
    badge = door.admit().badge
    assert set(badge) <= QR_LETTERS
    assert len(badge) == badges.PAYLOAD_BYTES == 132


def test_a_flipped_bit_makes_a_badge_worthless(door: Door) -> None:
    badge = door.admit().badge
    for at in range(len(badge)):
        for bit in (0, 1, 4, 5):
            forged = bytearray(badge)
            forged[at] ^= 1 << bit
            with pytest.raises(Unknown):
                door.people.by_badge(bytes(forged))


def test_another_doors_badge_is_worthless(door: Door, tmp_path: Path) -> None:
    other = Door.at(tmp_path / "other", new=True)
    badge = other.admit().badge
    other.store.close()
    with pytest.raises(Unknown):
        door.people.by_badge(badge)


def test_a_well_signed_badge_that_was_never_issued_is_worthless(door: Door) -> None:
    _, payload = badges.make(door.keys)
    with pytest.raises(Unknown):
        door.people.by_badge(payload)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.binary(min_size=128, max_size=128).map(lambda tail: b"BYL1" + tail))
def test_rubbish_is_not_a_badge(door: Door, rubbish: bytes) -> None:
    with pytest.raises(Unknown):
        door.people.by_badge(rubbish)


@pytest.mark.parametrize("words", ["' OR 1=1 --", "1; DROP TABLE people", "%", "", "0" * 500, "\u0660\u0661\u0662\u0663", "\x00"])
def test_words_that_mean_something_to_a_database_mean_nothing_here(door: Door, words: str) -> None:
    door.admit()
    for act in (
        lambda: door.people.by_pin(words),
        lambda: door.people.by_badge(words.encode()),
        lambda: door.people.redeem(words, NOW),
    ):
        with pytest.raises(Unknown):
            act()
    assert door.people.count() == 1


def test_who_is_unknown_and_who_has_left_hear_the_same(door: Door) -> None:
    made = door.admit()
    door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    told = set()
    for act in (
        lambda: door.people.by_badge(made.badge),
        lambda: door.people.by_pin(made.pin),
        lambda: door.people.by_badge(b"rubbish"),
        lambda: door.people.by_pin("0000000"),
        lambda: door.people.redeem("0000000000", NOW),
    ):
        with pytest.raises(Unknown) as refused:
            act()
        told.add(refused.value.sentence)
    assert len(told) == 1


def test_a_person_who_left_is_not_invited_again(door: Door) -> None:
    made = door.admit()
    door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    assert not door.people.active(made.person)
    for person in (made.person, UUID(int=1)):
        with pytest.raises(Unknown):
            door.people.invite_again(person, NOW, NOW + WEEK)


def test_pins_are_unique_and_as_long_as_the_number_of_people_asks(door: Door) -> None:
    """ALT-09."""
    with door.store.transaction():
        pins = [door.admit().pin for _ in range(120)]
    assert [len(pin) for pin in pins] == [4] * 10 + [5] * 90 + [6] * 20
    assert len(set(pins)) == len(pins)


@given(st.integers(1, 10_000))
def test_there_are_a_thousand_possible_pins_for_each_allocated(allocated: int) -> None:
    digits = pin_digits(allocated)
    assert digits >= 4
    assert 10**digits >= PIN_SPACE * allocated
    assert digits == 4 or 10 ** (digits - 1) < PIN_SPACE * allocated


def test_two_people_never_share_a_pin_or_a_badge(door: Door) -> None:
    first, second = door.admit().person, door.admit().person
    with pytest.raises(sqlite3.IntegrityError):
        door.store._connection.execute(
            "UPDATE badges SET pin = (SELECT pin FROM badges WHERE person = ?) WHERE person = ?", (first.bytes, second.bytes)
        )


def test_the_office_reads_its_own_list_in_pages_and_no_hour(door: Door) -> None:
    """The day a code was collected, never the hour."""
    people = [door.admit(NOW + timedelta(minutes=n)).person for n in range(5)]
    waiting, _ = door.people.invite(NOW, NOW + WEEK)
    door.forget.forget(people[1], Event.END, Who.OFFICE, NOW)
    lines = door.people.lines(None, 4) + door.people.lines(people[3], 4)
    assert [line.person for line in lines] == [*people, waiting]
    assert [line.ended for line in lines] == [False, True, False, False, False, False]
    assert {line.collected_on for line in lines[:5]} == {datetime(2026, 3, 2, tzinfo=NOW.tzinfo)}
    assert lines[5].collected_on is None
    assert door.people.count() == 5
    with pytest.raises(Unknown):
        door.people.lines(UUID(int=1), 4)
    with pytest.raises(Unknown):
        door.people.known(UUID(int=1))
