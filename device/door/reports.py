"""Owns what is told to the console and when: counts by the hour, days when they are over, ends after their minute, alarms.

Each goes into the outbox in the transaction that notes that it was told. What never happens here: sending; a time of
passing; anything whose size or moment follows from what one person chose.
"""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract.console import Alarm, Answers, Collected, EndedHere, Hourly
from device.contract.words import TUPLE_MOST
from device.door.console import Console
from device.door.days import Days
from device.door.hours import FIRST_DAY, local_day, midnight
from device.door.outbox import RECORDS_MOST, Alarms, Outbox
from device.door.store import Store
from device.door.times import moment, seconds

PEOPLE_LEAST: Final = 5
"""Fewer different people than this in an hour, and nothing is told of it. Source: design section 4."""
HOURS_MOST: Final = 48
"""Hours that are told of after a pause; older ones are nobody's business any more."""
DAYS_MOST: Final = 90
"""Days that are sealed after a pause; no opening is older than that (DEL-09)."""
DISK_LOW_BYTES: Final = 200_000_000
STEP: Final = timedelta(minutes=2)
"""A clock that goes apart from the other by this much between two looks was set."""
_HOUR_S: Final = 3600


class Reports:
    """What one door tells its console by itself."""

    def __init__(self, store: Store, console: Console, outbox: Outbox, days: Days, zone: ZoneInfo) -> None:
        self._store = store
        self._console = console
        self._outbox = outbox
        self._days = days
        self._zone = zone
        self.alarms: Final = Alarms(store, outbox)
        self._before: tuple[datetime, float] | None = None
        self._stepped_s = 0.0

    def serve(self, now: datetime) -> None:
        """Put into the outbox whatever has come due; nothing before pairing."""
        if self._console.pinned is None:
            return
        self._hours(now)
        self._ended_days(now)
        self._endings(now)

    def health(self, now: datetime, *, eyes: bool, front: bool, lock: bool) -> None:
        """Raise, or end, the alarms of what answers and of what is full."""
        if self._console.pinned is None:
            return
        standing = {
            Alarm.EYES_DOWN: not eyes,
            Alarm.SCREEN_DOWN: not front,
            Alarm.LOCK_SILENT: not lock,
            Alarm.DISK_LOW: shutil.disk_usage(self._store.folder).free < DISK_LOW_BYTES,
            Alarm.OUTBOX_FULL: self._is_full(),
        }
        for alarm, on in standing.items():
            self.alarms.set(alarm, now, on=on)

    def clocks(self, now: datetime, passed_s: float) -> None:
        """Look whether the wall clock was set since the last look; an hour without that, and the alarm is over."""
        if self._console.pinned is None:
            return
        before, self._before = self._before, (now, passed_s)
        if before is not None and abs((now - before[0]).total_seconds() - (passed_s - before[1])) >= STEP.total_seconds():
            self._stepped_s = passed_s
            self.alarms.set(Alarm.CLOCK_STEPPED, now, on=True)
        elif self.alarms.standing(Alarm.CLOCK_STEPPED) and passed_s - self._stepped_s >= _HOUR_S:
            self.alarms.set(Alarm.CLOCK_STEPPED, now, on=False)

    # --- inside ------------------------------------------------------------------------------------------------------

    def _is_full(self) -> bool:
        waiting = self._outbox.count()
        return waiting >= RECORDS_MOST or (waiting > RECORDS_MOST // 2 and self.alarms.standing(Alarm.OUTBOX_FULL))

    def _hours(self, now: datetime) -> None:
        this = seconds(now) // _HOUR_S
        last = self._noted("hour")
        if last is None or last > this + HOURS_MOST:
            # From here on: it was paired in this hour, or the clock was far ahead for a while.
            self._note("hour", this - 1)
        elif last + 1 < this:
            with self._store.transaction():
                for hour in range(max(last + 1, this - HOURS_MOST), this):
                    self._put_hour(hour)
                self._note("hour", this - 1)

    def _put_hour(self, hour: int) -> None:
        begins_at = hour * _HOUR_S
        query = "SELECT count(*), count(DISTINCT person) FROM openings WHERE at >= ? AND at < ?"
        openings, people = self._store.row(query, (begins_at, begins_at + _HOUR_S))
        told = openings if people >= PEOPLE_LEAST else 0
        self._outbox.put(lambda number: Hourly(number=number, hour=moment(begins_at), openings=told))

    def _ended_days(self, now: datetime) -> None:
        today = local_day(now, self._zone)
        last = self._noted("day")
        if last is None:
            self._note("day", today - 1)
            return
        for day in range(max(last + 1, today - DAYS_MOST), today):
            with self._store.transaction():
                self._put_day(day, now)
                self._note("day", day)

    def _put_day(self, day: int, now: datetime) -> None:
        people = self._store.rows("SELECT person FROM collected WHERE day <= ? ORDER BY person", (seconds(midnight(day)),))
        ids = [UUID(bytes=person) for (person,) in people]
        for at in range(0, len(ids), TUPLE_MOST):
            self._outbox.put(_collected(midnight(day), tuple(ids[at : at + TUPLE_MOST])))
        self._store.run("DELETE FROM collected WHERE day <= ?", (seconds(midnight(day)),))
        told = FIRST_DAY + timedelta(days=day)
        self._days.end(told, now)
        if told.weekday() == 6:
            monday = midnight(day - 6)
            self._outbox.put(lambda number: Answers(number=number, week=monday, budget_met=None, badge_good=None))

    def _endings(self, now: datetime) -> None:
        """Whoever cannot open this door any more, and of whom no face is here: after the same delay for everybody."""
        query = """SELECT person FROM endings WHERE due_at <= ?
            AND person NOT IN (SELECT id FROM people WHERE ended_at IS NULL)
            AND person NOT IN (SELECT person FROM asked) AND person NOT IN (SELECT person FROM templates)
            ORDER BY due_at, person"""
        for (person,) in self._store.rows(query, (seconds(now),)):
            with self._store.transaction():
                self._store.run("DELETE FROM endings WHERE person = ?", (person,))
                self._outbox.put(_ended(UUID(bytes=person)))

    def _noted(self, column: str) -> int | None:
        row = self._store.row(f"SELECT {column} FROM console")  # noqa: S608  # one of our own column names
        return None if row is None or row[0] is None else int(row[0])

    def _note(self, column: str, value: int) -> None:
        self._store.run(f"UPDATE console SET {column} = ?", (value,))  # noqa: S608  # one of our own column names


def _collected(day: datetime, people: tuple[UUID, ...]) -> Callable[[int], Collected]:
    return lambda number: Collected(number=number, day=day, people=people)


def _ended(person: UUID) -> Callable[[int], EndedHere]:
    return lambda number: EndedHere(number=number, person=person)
