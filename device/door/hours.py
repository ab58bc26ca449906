"""Owns weekly hours as one question: does this moment lie within them, by the wall clock of the door's own zone.

In the hour a clock skips nobody is missing, and an hour that comes twice counts twice. What never happens here: reading a
clock or a disk; knowing whose hours they are.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

ALWAYS: Final = 0
"""The number of the hours that admit at any time; a set of weekly hours has a number above it."""
FIRST_DAY: Final = date(1970, 1, 1)
"""What days are counted from."""


@dataclass(frozen=True, slots=True)
class Span:
    """One piece of a week."""

    day: int
    """0 is Monday."""
    begins_min: int
    ends_min: int
    """Minute of the day at which it is over; 1440 at most."""


@dataclass(frozen=True, slots=True)
class Week:
    """One set of weekly hours."""

    spans: tuple[Span, ...]
    on_holidays: bool
    """Whether they count on holidays, too."""


def admits(now: datetime, zone: ZoneInfo, weeks: Iterable[Week], holidays: Collection[int]) -> bool:
    """
    Whether any of these hours admits now.

    Units: holidays in days since 1970-01-01, in the door's own zone.
    """
    at = now.astimezone(zone)
    minute, holiday = at.hour * 60 + at.minute, local_day(now, zone) in holidays
    return any(
        span.day == at.weekday() and span.begins_min <= minute < span.ends_min
        for week in weeks
        if week.on_holidays or not holiday
        for span in week.spans
    )


def local_day(now: datetime, zone: ZoneInfo) -> int:
    """The day it is at the door, in days since 1970-01-01."""
    return (now.astimezone(zone).date() - FIRST_DAY).days


def midnight(day: int) -> datetime:
    """How a day is told: at its midnight, as if it were London's in winter."""
    return datetime.fromtimestamp(day * 86400, UTC)
