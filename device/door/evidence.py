"""Owns the evidence of consents: a key of each person, and a daily bundle of equal slots that tells nobody anything.

A slot is a row of the choice log under its person's key, or chance. Everybody has a key, whatever they chose. Slots that no
new row takes carry older rows again, so that evidence outlives a broken door. What never happens here: a refusal; a
bundle whose size follows from a choice; a key given out before its person was told, or one that opens what comes after.
"""

import secrets
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from device.contract import sealed
from device.door import sealing
from device.door.store import Store
from device.door.times import days, seconds

KEPT_DAYS: Final = 1096
"""Three years after a person's end their key goes, and with it all evidence on them. Source: DEL-10."""


class Evidence:
    """The evidence of one door."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def bundle(self, door: UUID, now: datetime) -> bytes:
        """Today's slots, new rows first; how many follows from how many are admitted. In the caller's transaction."""
        self._draw(now)
        room = slots(int(self._store.row("SELECT count(*) FROM people WHERE ended_at IS NULL")[0]))
        bound = sealed.slot_seal(door)
        found = [sealing.under(key, sealed.pack_choice(row), bound) for key, *row in self._take(room)]
        found += [secrets.token_bytes(sealed.SLOT_BYTES) for _ in range(room - len(found))]
        return b"".join(found)

    def key(self, person: UUID) -> bytes:
        """This person's evidence key; drawn now, if they have none."""
        with self._store.transaction():
            self._keep(person.bytes)
            row = self._store.row("SELECT key FROM evidence_keys WHERE person = ?", (person.bytes,))
        return bytes(row[0])

    def renew(self, person: UUID) -> None:
        """What comes from now on is closed under another key, in the transaction that gives this one out."""
        self._store.run("UPDATE evidence_keys SET key = ? WHERE person = ?", (secrets.token_bytes(32), person.bytes))

    def _draw(self, now: datetime) -> None:
        since = seconds(now) - days(KEPT_DAYS)
        query = "DELETE FROM evidence_keys WHERE person IN (SELECT id FROM people WHERE ended_at <= ?)"
        self._store.run(query, (since,))
        query = """SELECT id FROM people LEFT JOIN evidence_keys ON person = id
            WHERE person IS NULL AND (ended_at IS NULL OR ended_at > ?)"""
        for (person,) in self._store.rows(query, (since,)):
            self._keep(person)

    def _keep(self, person: bytes) -> None:
        self._store.run("INSERT INTO evidence_keys VALUES (?, ?) ON CONFLICT DO NOTHING", (person, secrets.token_bytes(32)))

    def _take(self, room: int) -> list[Any]:
        """The rows whose turn it is, at most so many: what was never sent, then older ones, round and round."""
        newest, again = self._store.row("SELECT newest, again FROM evidence_sent")
        rows = """SELECT key, choices.* FROM choices JOIN evidence_keys USING (person)
            WHERE consent IS NOT NULL AND number > ? AND number <= ? ORDER BY number LIMIT ?"""
        last = int(self._store.row("SELECT coalesce(max(number), 0) FROM choices")[0])
        new = self._store.rows(rows, (newest, last, room))
        old = self._store.rows(rows, (again, newest, room - len(new)))
        old += self._store.rows(rows, (0, min(again, newest), room - len(new) - len(old)))
        newest = new[-1][1] if new else newest
        again = old[-1][1] if old else 0
        self._store.run("UPDATE evidence_sent SET newest = ?, again = ?", (newest, again))
        return [*new, *old]


def slots(people: int) -> int:
    """How many slots a bundle has when so many are admitted: a power of two, no fewer than people."""
    return max(sealed.SLOTS_LEAST, 1 << max(0, people - 1).bit_length())
