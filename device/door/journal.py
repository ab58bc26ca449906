"""Owns two records: the choice log, whose rows are chained by hash and never change, and each person's own openings.

What never happens here: biometric data, a way in, a refusal's reason, an opening kept longer than its days.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from device.contract.words import TUPLE_MOST
from device.door.consent import Event, State, Who
from device.door.deadlines import by_now
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import FaultCode, VaultError

_BEGIN: Final = bytes(32)


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

    def drop_openings(self, person: UUID) -> None:
        """Remove a person's openings, in the caller's transaction."""
        self._store.run("DELETE FROM openings WHERE person = ?", (person.bytes,))

    def prune(self, now: datetime, openings_days: int) -> None:
        """Remove the openings that are older than their days (DEL-09)."""
        before = seconds(now) - days(openings_days)
        if self._store.row("SELECT 1 FROM openings WHERE at < ? LIMIT 1", (before,)):
            self._store.run("DELETE FROM openings WHERE at < ?", (before,))


def _hash(row: tuple[object, ...]) -> bytes:
    words = [value.hex() if isinstance(value, bytes) else value for value in row]
    return hashlib.sha256(json.dumps(words, separators=(",", ":")).encode()).digest()
