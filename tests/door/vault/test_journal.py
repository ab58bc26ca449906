"""The choice log that cannot be changed, and openings that are the person's own (CON-08, DEL-09)."""

import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from device.contract import screen
from device.contract.wire import MESSAGE_MOST
from device.contract.words import NOTICE_MOST, WHOLE_MOST, NoticeText, decode, encode
from device.door.consent import Event, Who
from device.door.notice import render
from device.errors import SettingsError, VaultError
from tests.door.vault.made import KEEPING, NOW, SITE, Door

COLUMNS = ("person", "event", "who", "state", "at", "consent", "notice", "notice_sha256", "previous", "hash")


def _story(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    door.vault.advance(door.admit().person, Event.DECLINE, Who.PERSON, NOW)


def test_every_choice_is_a_row_that_holds(door: Door) -> None:
    _story(door)
    told = door.store.rows("SELECT event, who, state, notice FROM choices")
    assert told == [
        ("give", "person", "given", 1),
        ("store", "door", "enrolled", 1),
        ("withdraw", "person", "withdrawn", 1),
        ("decline", "person", "badge_and_pin", None),
    ]
    assert door.vault.journal.verify() == 4


@pytest.mark.parametrize("change", ["UPDATE choices SET state = 'withdrawn'", "DELETE FROM choices"])
def test_a_choice_cannot_be_changed_or_removed(door: Door, change: str) -> None:
    _story(door)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        door.store._connection.execute(change)


def test_a_choice_cannot_be_slipped_in(door: Door) -> None:
    _story(door)
    for number in (0, 2, 5, 9):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            door.store._connection.execute(
                "INSERT INTO choices SELECT ?, person, event, who, state, at, consent, notice, notice_sha256, previous, hash "
                "FROM choices WHERE number = 1",
                (number,),
            )


@pytest.mark.parametrize("column", COLUMNS)
def test_whoever_changes_a_row_all_the_same_is_found_out(door: Door, column: str) -> None:
    """With the triggers out of the way, the chain still tells."""
    _story(door)
    value = 7 if column in {"at", "notice"} else bytes(32) if column not in {"event", "who", "state"} else "end"
    door.store._connection.execute("DROP TRIGGER no_choice_is_changed")
    door.store._connection.execute(f"UPDATE choices SET {column} = ? WHERE number = 2", (value,))  # noqa: S608  # fixed list
    with pytest.raises(VaultError, match="changed"):
        door.vault.journal.verify()


def test_a_row_taken_out_is_found_out(door: Door) -> None:
    _story(door)
    door.store._connection.execute("DROP TRIGGER no_choice_is_removed")
    door.store._connection.execute("DELETE FROM choices WHERE number = 2")
    with pytest.raises(VaultError):
        door.vault.journal.verify()


def test_openings_are_the_persons_own_and_say_no_way_in(door: Door) -> None:
    first, second = door.admit().person, door.admit().person
    for minutes in range(3):
        door.vault.journal.opened(first, NOW + timedelta(minutes=minutes))
    door.vault.journal.opened(second, NOW)
    assert door.vault.journal.openings(first, 2) == (NOW + timedelta(minutes=2), NOW + timedelta(minutes=1))
    assert door.vault.journal.openings(second) == (NOW,)
    columns = [name for (name,) in door.store.rows("SELECT name FROM pragma_table_info('openings')")]
    assert columns == ["number", "person", "at"]


def test_openings_go_after_their_days(door: Door) -> None:
    person = door.admit().person
    door.vault.journal.opened(person, NOW)
    door.vault.journal.opened(person, NOW + timedelta(days=1))
    door.forget.sweep(NOW + timedelta(days=90))
    assert len(door.vault.journal.openings(person)) == 2
    door.forget.sweep(NOW + timedelta(days=90, seconds=1))
    assert door.vault.journal.openings(person) == (NOW + timedelta(days=1),)


def test_every_notice_that_was_shown_can_be_read_again(door: Door) -> None:
    """CON-04."""
    first = door.notices.current
    assert door.notices.put_in_force(first.text, NOW) == first
    second = door.notices.put_in_force(NoticeText("Another text."), NOW)
    assert (second.version, door.notices.current) == (2, second)
    assert door.notices.of(1) == first
    assert first.sha256 != second.sha256
    with pytest.raises(VaultError):
        door.notices.of(3)
    for change in ("UPDATE notices SET text = ''", "DELETE FROM notices"):
        with pytest.raises(sqlite3.IntegrityError):
            door.store._connection.execute(change)


def test_the_notice_says_what_it_must() -> None:
    """CON-06, ALT-03, TRA-02 and the notice of `design.md` section 4."""
    text = render(SITE, KEEPING)
    for words in (
        "badge and a PIN",
        "Example Ltd, 1 High Street",
        "privacy@example.org",
        "128 numbers",
        "serves as comparison",
        "may also be compared",
        "look too much alike",
        "365 days",
        "90 days",
        "How to take it back",
        "signed receipt",
        "no effect",
    ):
        assert words in text
    for word in ("condition of employment", "cannot be reversed", "revoke", "cancel"):
        assert word not in text
    assert len(text) < NOTICE_MOST


def test_names_too_long_for_the_notice_are_told_with_their_key() -> None:
    site = type(SITE)(name="x" * NOTICE_MOST, door="d", controller="c", contact="c", zone="UTC")
    with pytest.raises(SettingsError, match=r"`site\.name`"):
        render(site, KEEPING)


@pytest.mark.parametrize("letter", ["x", '"', "é", "界", "\U0001f6aa"])
def test_the_longest_notice_in_any_letters_fits_a_message(letter: str) -> None:
    room = NOTICE_MOST - len(render(replace(SITE, contact=""), KEEPING).encode())
    fits = replace(SITE, contact=letter * (room // len(letter.encode())))
    message = screen.Notice(scene=WHOLE_MOST, version=WHOLE_MOST, text=render(fits, KEEPING), days=WHOLE_MOST)
    assert len(encode(message)) <= MESSAGE_MOST
    assert decode(encode(message), (screen.Notice,)) == message
    with pytest.raises(SettingsError, match=r"`site\.contact`"):
        render(replace(fits, contact=fits.contact + letter), KEEPING)


@pytest.mark.parametrize("letter", ["\x01", "\n", "\x7f"])
def test_a_name_of_more_than_plain_text_is_told_with_its_key(letter: str) -> None:
    with pytest.raises(SettingsError, match=r"`site\.door`"):
        render(replace(SITE, door=f"Front{letter}door"), KEEPING)
