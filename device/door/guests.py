"""Owns visitors: bearer codes of which only a digest is kept, good for a span, gone by themselves after it.

What never happens here: a name, a face, a PIN, a personal page, a record of who came.
"""

from datetime import datetime
from hashlib import sha256
from typing import Final

from device.contract import console
from device.door.store import Store
from device.door.times import seconds

MARK: Final = b"BYLV1"
"""What a visitor's QR code begins with; a badge begins otherwise."""


class Guests:
    """The visitors' codes of one door."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def admits(self, payload: bytes, now: datetime) -> bool:
        """Whether this is a visitor's code that is good now."""
        query = "SELECT 1 FROM guests WHERE digest = ? AND begins_at <= ? AND ends_at > ?"
        digest = sha256(payload).digest()
        return payload.startswith(MARK) and self._store.row(query, (digest, seconds(now), seconds(now))) is not None

    def put(self, told: console.Guest) -> None:
        """This visitor's code is so from now on, or is no more. In the policy's transaction."""
        with self._store.transaction():
            self._store.run("DELETE FROM guests WHERE visitor = ? OR digest = ?", (told.visitor.bytes, told.digest))
            if not told.gone:
                values = (told.visitor.bytes, told.digest, seconds(told.begins_at), seconds(told.ends_at))
                self._store.run("INSERT INTO guests VALUES (?, ?, ?, ?)", values)

    def prune(self, now: datetime) -> None:
        """Remove the codes whose time is over."""
        if self._store.row("SELECT 1 FROM guests WHERE ends_at <= ? LIMIT 1", (seconds(now),)):
            self._store.run("DELETE FROM guests WHERE ends_at <= ?", (seconds(now),))
