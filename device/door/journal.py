"""Owns three records: the choice log, whose rows are chained by hash and never change, each person's own openings, and who
in the office opened their page.

What never happens here: biometric data, a way in, a refusal's reason, an opening kept longer than its days.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from device.contract import console, screen
from device.contract.words import TUPLE_MOST
from device.door.consent import Event, State, Who
from device.door.deadlines import by_now
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import FaultCode, VaultError

_BEGIN: Final = bytes(32)
LOOKS_DAYS: Final = 365
"""How long a person is told who opened their page."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """Which consent, to which notice, a row of the choice log is about."""

    consent: UUID
    notice: int
    notice_sha256: bytes


@dataclass(frozen=True, slots=True)
class Chosen:
    """One row of the choice log."""

    person: UUID
    event: Event
    who: Who
    state: State
    agreed: Agreed | None


class Journal:
    """The choice log and the openings of one door."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def chose(self, chosen: Chosen, now: datetime) -> None:
        """Add one row to the choice log; it belongs to the caller's transaction (CON-08)."""
        with self._store.transaction():
            last = self._store.row("SELECT number, hash FROM choices ORDER BY number DESC LIMIT 1")
            number, previous = (last[0] + 1, last[1]) if last else (1, _BEGIN)
            agreed = chosen.agreed
            told = (None, None, None) if agreed is None else (agreed.consent.bytes, agreed.notice, agreed.notice_sha256)
            words = (chosen.event.value, chosen.who.value, chosen.state.value)
            row = (number, chosen.person.bytes, *words, seconds(now), *told, previous)
            self._store.run("INSERT INTO choices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, _hash(row)))

    def last(self, person: UUID) -> tuple[str, str, str] | None:
        """Event, who and state of this person's newest row of the choice log."""
        query = "SELECT event, who, state FROM choices WHERE person = ? ORDER BY number DESC LIMIT 1"
        found: tuple[str, str, str] | None = self._store.row(query, (person.bytes,))
        return found

    def verify(self) -> int:
        """
        How many rows the choice log has, each of them in its place and unchanged.

        Raises: VaultError when one is not.
        """
        previous = _BEGIN
        rows = self._store.rows("SELECT * FROM choices ORDER BY number")
        for number, row in enumerate(rows, start=1):
            if row[0] != number or row[-2] != previous or row[-1] != _hash(row[:-1]):
                raise VaultError("The choice log was changed after it was written.", FaultCode.VAULT_DAMAGED)
            previous = row[-1]
        return len(rows)

    def opened(self, person: UUID, now: datetime) -> None:
        """This person opened the door; how is nobody's business."""
        self._store.run("INSERT INTO openings (person, at) VALUES (?, ?)", (person.bytes, seconds(by_now(self._store, now))))

    def openings(self, person: UUID, most: int = TUPLE_MOST) -> tuple[datetime, ...]:
        """A person's own openings, newest first."""
        query = "SELECT at FROM openings WHERE person = ? ORDER BY at DESC LIMIT ?"
        rows = self._store.rows(query, (person.bytes, most))
        return tuple(moment(at) for (at,) in rows)

    def drop_openings(self, person: UUID, now: datetime) -> None:
        """
        Remove a person's openings, in the caller's transaction.

        Every request of custodians concerns them from here on, so that whoever has their page next learns nothing of them.
        """
        at = seconds(by_now(self._store, now))
        with self._store.transaction():
            self._store.run("DELETE FROM openings WHERE person = ?", (person.bytes,))
            query = "INSERT OR IGNORE INTO concerned SELECT incidents_told.number, id FROM incidents_told, people WHERE id = ?"
            self._store.run(query, (person.bytes,))
            # Requests that are still to come for the time before it concern them, too.
            self._store.run("INSERT OR REPLACE INTO openings_dropped SELECT id, ? FROM people WHERE id = ?", (at, person.bytes))

    def opened_by_office(self, act: int, now: datetime) -> None:
        """The office had the door opened, once; no person is concerned."""
        self._store.run("INSERT INTO office_openings VALUES (?, ?)", (act, seconds(by_now(self._store, now))))

    def looked(self, told: console.PageOpened) -> None:
        """Somebody in the office opened this person's page. In the policy's transaction; again is harmless."""
        values = (told.number, told.person.bytes, told.role.value, told.reason.value, seconds(told.day))
        self._store.run("INSERT OR IGNORE INTO looks VALUES (?, ?, ?, ?, ?)", values)

    def looks(self, person: UUID, most: int = TUPLE_MOST) -> tuple[screen.Look, ...]:
        """Who in the office opened this person's page, newest first."""
        query = "SELECT role, reason, day FROM looks WHERE person = ? ORDER BY number DESC LIMIT ?"
        return tuple(
            screen.Look(role=console.Role(role), reason=console.LookReason(reason), day=moment(day))
            for role, reason, day in self._store.rows(query, (person.bytes, most))
        )

    def prune(self, now: datetime, openings_days: int) -> None:
        """Remove what is older than its days: openings (DEL-09), and who opened a page."""
        for table, column, kept_days in (
            ("openings", "at", openings_days),
            ("openings_dropped", "at", openings_days),
            ("office_openings", "at", openings_days),
            ("looks", "day", LOOKS_DAYS),
        ):
            before = seconds(now) - days(kept_days)
            if self._store.row(f"SELECT 1 FROM {table} WHERE {column} < ? LIMIT 1", (before,)):  # noqa: S608  # fixed list
                self._store.run(f"DELETE FROM {table} WHERE {column} < ?", (before,))  # noqa: S608  # fixed list


def _hash(row: tuple[object, ...]) -> bytes:
    words = [value.hex() if isinstance(value, bytes) else value for value in row]
    return hashlib.sha256(json.dumps(words, separators=(",", ":")).encode()).digest()
