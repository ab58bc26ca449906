"""Promise 1 three times over: in the vault's type, in its answer, and in the schema (CON-01)."""

import copy
import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from device.contract.words import NoticeText
from device.door.consent import Event, State, Who
from device.door.schema import TEMPLATES_MOST
from device.door.seal import SEALED_BYTES, WRAPPED_BYTES
from device.door.vault import ActiveConsent
from device.errors import FaceFault, NoConsent, VaultError, VaultFull
from tests.door.vault.made import MODEL, NOW, Door, somewhere, template

LATER = NOW + timedelta(days=366)


def _none(_: Door, __: UUID) -> datetime:
    return NOW


def _declined(door: Door, person: UUID) -> datetime:
    door.vault.advance(person, Event.DECLINE, Who.PERSON, NOW)
    return NOW


def _withdrawn(door: Door, person: UUID) -> datetime:
    door.give(person)
    door.vault.advance(person, Event.WITHDRAW, Who.PERSON, NOW)
    return NOW


def _expired(door: Door, person: UUID) -> datetime:
    door.give(person)
    return LATER


def _other_notice(door: Door, person: UUID) -> datetime:
    door.give(person)
    door.notices.put_in_force(NoticeText("Something else."), NOW)
    return NOW


def _badge_made_again(door: Door, person: UUID) -> datetime:
    door.give(person)
    later = NOW + timedelta(minutes=1)
    door.people.redeem(door.people.invite_again(person, later, later + timedelta(days=1)), later)
    return later


WITHOUT = [_none, _declined, _withdrawn, _expired, _other_notice]


@pytest.mark.parametrize("without", [*WITHOUT, _badge_made_again])
def test_without_a_live_consent_there_is_no_value_to_store_with(door: Door, without: Callable[[Door, UUID], datetime]) -> None:
    person = door.admit().person
    now = without(door, person)
    with pytest.raises(NoConsent):
        door.vault.active(person, now)


@pytest.mark.parametrize("without", WITHOUT)
def test_without_a_live_consent_the_schema_refuses_and_no_byte_is_written(
    door: Door, without: Callable[[Door, UUID], datetime]
) -> None:
    person = door.admit().person
    now = without(door, person)
    kept = door.store.row("SELECT id FROM consents WHERE person = ?", (person.bytes,))
    consent = (kept and kept[0]) or uuid4().bytes
    sealed = secrets.token_bytes(SEALED_BYTES)
    with pytest.raises(sqlite3.IntegrityError, match="no live consent"):
        _insert(door, person.bytes, consent, sealed, now)
    assert not door.templates()
    assert not somewhere(door.data, sealed[:16])


def test_an_old_live_consent_stores_nothing_after_it_was_taken_back(door: Door) -> None:
    person = door.admit().person
    door.give(person)
    consent = door.vault.active(person, NOW)
    door.vault.advance(person, Event.WITHDRAW, Who.PERSON, NOW)
    mean = template()
    with pytest.raises(NoConsent):
        door.vault.put_template(consent, mean, NOW)
    door.give(person)
    with pytest.raises(NoConsent, match="later one"):
        door.vault.put_template(consent, mean, NOW)
    assert not door.templates()


def test_a_live_consent_of_somebody_else_does_not_count(door: Door) -> None:
    """The schema wants person and consent to belong together."""
    first, second = door.admit().person, door.admit().person
    door.give(first)
    door.give(second)
    consent = door.vault.active(first, NOW).consent
    with pytest.raises(sqlite3.IntegrityError, match="no live consent"):
        _insert(door, second.bytes, consent.bytes, secrets.token_bytes(SEALED_BYTES), NOW)


def test_only_the_vault_makes_a_live_consent(door: Door) -> None:
    person = door.admit().person
    door.give(person)
    real = door.vault.active(person, NOW)
    told = {"person": person, "consent": real.consent, "notice": 1, "notice_sha256": b"", "until": LATER, "at": NOW}
    with pytest.raises(NoConsent):
        ActiveConsent(**told, made_by=object())  # type: ignore[arg-type]  # a forger does not care
    with pytest.raises((ValueError, TypeError)):
        replace(real, person=uuid4())  # type: ignore[call-arg]  # on purpose
    with pytest.raises(NoConsent):
        copy.deepcopy(real)


def test_a_yes_to_a_notice_that_is_not_in_force_is_no_yes(door: Door) -> None:
    person = door.admit().person
    old = door.notices.current
    door.notices.put_in_force(NoticeText("Something else."), NOW)
    for notice in (old, None):
        with pytest.raises(NoConsent, match="changed"):
            door.vault.advance(person, Event.GIVE, Who.PERSON, NOW, notice)
    assert door.vault.state(person) is State.NOT_CHOSEN


def test_with_a_live_consent_one_template_is_stored_and_no_second(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    assert door.vault.state(person) is State.ENROLLED
    with pytest.raises(VaultError):
        door.vault.put_template(door.vault.active(person, NOW), template(), NOW)
    assert door.templates() == 1


def test_what_is_no_embedding_is_not_stored(door: Door) -> None:
    person = door.admit().person
    door.give(person)
    broken = template()
    broken[7] = float("nan")
    for mean in (broken, template()[:127], template().astype("f8")):
        with pytest.raises(FaceFault):
            door.vault.put_template(door.vault.active(person, NOW), mean, NOW)
    assert not door.templates()


def test_the_501st_template_is_refused_by_the_schema(door: Door) -> None:
    """Promise 6; the vault's own story meets the same refusal."""
    door.fill(TEMPLATES_MOST)
    person = door.admit().person
    door.give(person)
    with pytest.raises(VaultFull):
        door.vault.put_template(door.vault.active(person, NOW), template(), NOW)
    consent = door.vault.active(person, NOW).consent
    with pytest.raises(sqlite3.IntegrityError, match="vault full"):
        _insert(door, person.bytes, consent.bytes, secrets.token_bytes(SEALED_BYTES), NOW)
    assert door.templates() == TEMPLATES_MOST
    assert door.vault.state(person) is State.GIVEN


def test_a_consent_cannot_end_while_its_template_is_there(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    end = "UPDATE consents SET state = 'withdrawn', id = NULL, notice = NULL, given_at = NULL, until = NULL"
    with pytest.raises(sqlite3.IntegrityError, match="template goes first"):
        door.store._connection.execute(end)
    with pytest.raises(sqlite3.IntegrityError):
        door.store._connection.execute("DELETE FROM consents")
    with pytest.raises(VaultError, match="forgetting"):
        door.vault.advance(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.vault.state(person) is State.ENROLLED


@pytest.mark.parametrize("column", ["person", "consent", "model", "sealed", "made_at"])
def test_a_template_row_is_never_changed(door: Door, column: str) -> None:
    """ACC-14: no adaptation; only the wrapping of its key may be made anew."""
    door.enrol(door.admit().person)
    value = 1 + int(NOW.timestamp()) if column == "made_at" else secrets.token_bytes(SEALED_BYTES if column == "sealed" else 16)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        door.store._connection.execute(f"UPDATE templates SET generation = 9, {column} = ?", (value,))  # noqa: S608  # fixed list


def test_storing_and_ending_are_no_steps_by_themselves(door: Door) -> None:
    person = door.admit().person
    door.give(person)
    for event, who in ((Event.STORE, Who.DOOR), (Event.END, Who.OFFICE), (Event.DECOMMISSION, Who.OFFICE)):
        with pytest.raises(VaultError):
            door.vault.advance(person, event, who, NOW)
    assert door.vault.state(person) is State.GIVEN


def _insert(door: Door, person: bytes, consent: bytes, sealed: bytes, now: datetime) -> None:
    door.store._connection.execute(
        "INSERT INTO templates (person, consent, model, generation, wrapped, sealed, made_at) VALUES (?, ?, ?, 1, ?, ?, ?)",
        (person, consent, MODEL, secrets.token_bytes(WRAPPED_BYTES), sealed, int(now.timestamp())),
    )
