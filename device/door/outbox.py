"""Owns what waits until the console has stored it: records by number, on the disk, bounded.

A record is put in the transaction of whatever it is about, so neither exists without the other. What never happens here:
sending; a number used twice.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

from device.contract.console import RECORDS, Alarm, AlarmRaised, BundlePart, Hourly, Record
from device.contract.words import decode, encode
from device.door.store import Store
from device.door.times import seconds
from device.errors import WireError

RECORDS_MOST: Final = 10_000
"""What may wait: more than a year of counts, or months of bundles, without a console."""

_DROPPED_FIRST: Final = (Hourly.__name__, BundlePart.__name__)
"""What an outbox that is full lets go of, oldest first; only then anything else."""


class Outbox:
    """One door's records for the console."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, make: Callable[[int], Record]) -> None:
        """One more record, made with the number it is given; it belongs to the caller's transaction."""
        with self._store.transaction():
            number = self.last + 1
            record = make(number)
            self._store.run("UPDATE records_made SET number = ?", (number,))
            values = (number, type(record).__name__, encode(record))
            self._store.run("INSERT INTO outbox VALUES (?, ?, ?)", values)
            over = self.count() - RECORDS_MOST
            if over > 0:
                query = """DELETE FROM outbox WHERE number IN (SELECT number FROM outbox
                    ORDER BY CASE kind WHEN ? THEN 0 WHEN ? THEN 1 ELSE 2 END, number LIMIT ?)"""
                self._store.run(query, (*_DROPPED_FIRST, over))

    def waiting(self, after: int, most: int) -> list[Record]:
        """The oldest records above this number, in order. One that this program cannot read, of another version, is let go."""
        found: list[Record] = []
        for number, body in self._store.rows(
            "SELECT number, body FROM outbox WHERE number > ? ORDER BY number LIMIT ?", (after, most)
        ):
            try:
                record = decode(body, RECORDS)
            except WireError:
                self._store.run("DELETE FROM outbox WHERE number = ?", (number,))
            else:
                found += [record] if isinstance(record, Record) else []
        return found

    def stored(self, number: int) -> None:
        """The console has stored all up to this number; they are let go of."""
        if self._store.row("SELECT 1 FROM outbox WHERE number <= ? LIMIT 1", (number,)):
            self._store.run("DELETE FROM outbox WHERE number <= ?", (number,))

    def count(self) -> int:
        """How many wait."""
        return int(self._store.row("SELECT count(*) FROM outbox")[0])

    @property
    def last(self) -> int:
        """The number of the last record that was made."""
        return int(self._store.row("SELECT number FROM records_made")[0])


class Alarms:
    """What needs somebody at this door; each is told once when it begins and once when it is over."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def set(self, alarm: Alarm, now: datetime, *, on: bool) -> None:
        """This alarm stands, or does not; nothing is told when that is no news."""
        if on is self.standing(alarm):
            return
        with self._store.transaction():
            if on:
                self._store.run("INSERT INTO alarms VALUES (?, ?)", (alarm.value, seconds(now)))
            else:
                self._store.run("DELETE FROM alarms WHERE alarm = ?", (alarm.value,))
            self._outbox.put(lambda number: AlarmRaised(number=number, alarm=alarm, at=now, over=not on))

    def standing(self, alarm: Alarm) -> bool:
        """Whether this alarm was raised and is not over."""
        return self._store.row("SELECT 1 FROM alarms WHERE alarm = ?", (alarm.value,)) is not None
