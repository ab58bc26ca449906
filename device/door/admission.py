"""Owns when each person may enter: the span and the weekly hours that policy told. Who was invited beside the door may always.

What never happens here: a badge, a lock, a face; deciding that somebody leaves.
"""

from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract import console
from device.contract.screen import NoEntry
from device.door.hours import ALWAYS, Span, Week, admits
from device.door.store import Store
from device.door.times import seconds

_INSIDE: Final = "coalesce(begins_at, 0) <= :now AND (ends_at IS NULL OR ends_at > :now)"
"""Whether a moment lies within a span."""


class Admission:
    """The spans and hours of one door, in its own time zone."""

    def __init__(self, store: Store, zone: ZoneInfo) -> None:
        self._store = store
        self.zone: Final = zone

    def refusal(self, person: UUID, now: datetime) -> NoEntry | None:
        """Why this person may not enter now; nothing when they may."""
        query = """SELECT 1 FROM people WHERE id = :person AND ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM asked WHERE person = :person AND event = 'end')"""
        if self._store.row(query, {"person": person.bytes}) is None:
            # Whoever was ended stays out while the disk does not let the rest be finished.
            return NoEntry.NOT_VALID
        values = {"person": person.bytes, "now": seconds(now)}
        row = self._store.row(f"SELECT {_INSIDE} FROM admitted WHERE person = :person", values)  # noqa: S608  # our own words
        if row is None:
            return None
        if not row[0]:
            return NoEntry.NOT_VALID
        query = "SELECT hours FROM admitted_hours WHERE person = ?"
        hours = {number for (number,) in self._store.rows(query, (person.bytes,))}
        if ALWAYS in hours or admits(now, self.zone, self._weeks(hours), self._holidays()):
            return None
        return NoEntry.OUTSIDE_HOURS

    def over(self, now: datetime) -> list[UUID]:
        """Everybody whose span is over and who has not left yet (DEL-02)."""
        query = """SELECT person FROM admitted JOIN people ON id = person WHERE ends_at <= ? AND ended_at IS NULL
            AND person NOT IN (SELECT person FROM asked WHERE event = 'end')"""
        return [UUID(bytes=person) for (person,) in self._store.rows(query, (seconds(now),))]

    # --- what policy tells, in its transaction -------------------------------------------------------------------------

    def put(self, told: console.Admitted) -> None:
        """This person's span and hours are these."""
        begins_at, ends_at = (None if at is None else seconds(at) for at in (told.begins_at, told.ends_at))
        with self._store.transaction():
            self._store.run(
                """INSERT INTO admitted (person, begins_at, ends_at) VALUES (?, ?, ?)
                ON CONFLICT (person) DO UPDATE SET begins_at = excluded.begins_at, ends_at = excluded.ends_at""",
                (told.person.bytes, begins_at, ends_at),
            )
            self._store.run("DELETE FROM admitted_hours WHERE person = ?", (told.person.bytes,))
            for number in set(told.hours):
                self._store.run("INSERT INTO admitted_hours VALUES (?, ?)", (told.person.bytes, number))

    def put_hours(self, told: console.Hours) -> None:
        """These weekly hours are so from now on, or are no more."""
        with self._store.transaction():
            self._store.run("DELETE FROM hours WHERE hours = ?", (told.hours,))
            if told.gone:
                return
            self._store.run("INSERT INTO hours VALUES (?, ?)", (told.hours, int(told.on_holidays)))
            for span in told.spans:
                self._store.run("INSERT INTO spans VALUES (?, ?, ?, ?)", (told.hours, span.day, span.begins_min, span.ends_min))

    def put_holidays(self, told: console.Holidays) -> None:
        """The holidays are these."""
        with self._store.transaction():
            self._store.run("DELETE FROM holidays")
            for day in set(told.days):
                self._store.run("INSERT INTO holidays VALUES (?)", (day,))

    # --- inside --------------------------------------------------------------------------------------------------------

    def _weeks(self, hours: set[int]) -> list[Week]:
        found = []
        for number, on_holidays in self._store.rows("SELECT hours, on_holidays FROM hours"):
            if number in hours:
                rows = self._store.rows("SELECT day, begins_min, ends_min FROM spans WHERE hours = ?", (number,))
                found.append(Week(tuple(Span(*row) for row in rows), bool(on_holidays)))
        return found

    def _holidays(self) -> set[int]:
        return {day for (day,) in self._store.rows("SELECT day FROM holidays")}
