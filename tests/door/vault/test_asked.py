"""What was asked for is written down first: no fault, no restart and nobody else's erasure loses a withdrawal."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from device.door import receipts
from device.door.consent import Event, State, Who
from device.door.store import DATABASE
from device.errors import NoConsent, Unknown, VaultError
from tests.door.vault.made import MODEL, NOW, Door, template


@pytest.mark.parametrize("way", ["another", "sweep", "restart"])
def test_a_withdrawal_that_could_not_be_finished_is_never_lost(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """DEL-01: not by somebody else's that could, and not by a restart; the receipt tells when it was asked for."""
    first, second = door.fill(2)
    monkeypatch.setattr(door.keys, "add", _cannot)
    with pytest.raises(VaultError):
        door.forget.forget(first, Event.WITHDRAW, Who.PERSON, NOW)
    monkeypatch.undo()
    later = NOW + timedelta(hours=1)
    if way == "restart":
        door.store.close()
        door = Door.at(tmp_path)
        assert door.vault.gallery(later).people == (second,)
        assert door.forget.finish(later) == 1
    elif way == "sweep":
        assert door.forget.sweep(later) == 1
    else:
        door.forget.forget(second, Event.WITHDRAW, Who.PERSON, later)
    assert door.vault.state(first) is State.WITHDRAWN
    assert door.vault.gallery(later).people == (() if way == "another" else (second,))
    assert door.store.rows("SELECT * FROM asked") == []
    document = door.store.row("SELECT receipt FROM erasures WHERE person = ?", (first.bytes,))[0]
    told = receipts.verify(document, door.keys.public)
    assert (told["asked_at"], told["time"]) == (NOW.isoformat(), later.isoformat())
    door.store.close()


def test_a_withdrawal_that_could_not_even_be_written_stops_the_face_and_is_tried_again(door: Door) -> None:
    first, second = door.fill(2)
    other = sqlite3.connect(door.data / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(VaultError, match="not even written down"):
        door.forget.forget(first, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.vault.gallery(NOW).people == (second,)
    other.close()
    door.forget.forget(second, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.vault.state(first) is door.vault.state(second) is State.WITHDRAWN


@pytest.mark.parametrize("order", [(Event.WITHDRAW, Event.END), (Event.END, Event.WITHDRAW)])
def test_who_leaves_leaves_whatever_else_was_asked(
    door: Door, monkeypatch: pytest.MonkeyPatch, order: tuple[Event, Event]
) -> None:
    made = door.admit()
    door.enrol(made.person)
    monkeypatch.setattr(door.keys, "add", _cannot)
    for event in order:
        with pytest.raises(VaultError):
            door.forget.forget(made.person, event, Who.OFFICE if event is Event.END else Who.PERSON, NOW)
    monkeypatch.undo()
    assert door.forget.sweep(NOW) == 1
    assert door.vault.state(made.person) is State.ENDED
    with pytest.raises(Unknown):
        door.people.by_pin(made.pin)


def test_between_asking_and_erasing_there_is_no_consent(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """CON-01: not in the vault, not in the schema; and what was asked is not dropped."""
    enrolled, given = door.admit().person, door.admit().person
    door.enrol(enrolled)
    door.give(given)
    consent = door.vault.active(given, NOW)
    monkeypatch.setattr(door.keys, "add", _cannot)
    for person in (enrolled, given):
        with pytest.raises(VaultError):
            door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
        with pytest.raises(VaultError, match="being erased"):
            door.vault.advance(person, Event.RENEW, Who.PERSON, NOW, door.notices.current)
    with pytest.raises(NoConsent):
        door.vault.put_template(consent, template(), NOW)
    insert = "INSERT INTO templates VALUES (NULL, ?, ?, ?, 1, zeroblob(60), zeroblob(540), ?)"
    with pytest.raises(NoConsent):
        door.store.run(insert, (given.bytes, consent.consent.bytes, MODEL, int(NOW.timestamp())))
    with pytest.raises(VaultError):
        door.store.run("DELETE FROM asked")
    monkeypatch.undo()
    assert door.forget.sweep(NOW) == 2


def test_what_the_table_does_not_know_stands_in_nobody_elses_way(door: Door) -> None:
    odd, due, other = door.fill(3)
    door.vault.used(odd, NOW + timedelta(days=80))
    door.vault.used(other, NOW + timedelta(days=80))
    door.store.run("INSERT INTO asked VALUES (?, 'leave', 'person', 0)", (odd.bytes,))
    with pytest.raises(VaultError, match="not finished"):
        door.forget.sweep(NOW + timedelta(days=90))
    assert door.vault.state(due) is State.EXPIRED
    assert door.vault.gallery(NOW).people == (other,)
    door.forget.forget(other, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.vault.state(other) is State.WITHDRAWN


def test_an_erasure_that_cannot_be_done_stops_the_face_and_is_tried_again(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    person = door.admit().person
    door.enrol(person)
    monkeypatch.setattr(door.keys, "add", _cannot)
    with pytest.raises(VaultError):
        door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.vault.gallery(NOW).people == ()
    with pytest.raises(VaultError):
        door.forget.sweep(NOW)
    monkeypatch.undo()
    assert door.forget.sweep(NOW) == 1
    assert door.vault.state(person) is State.WITHDRAWN
    assert door.templates() == 0


def _cannot(*_: object) -> None:
    raise VaultError("The disk is full.")
