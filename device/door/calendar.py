"""Owns the door's own days: when each begins and ends in its time zone, and which of them a span touches.

What never happens here: reading a clock; a day that always has 24 hours.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = timedelta(days=1)


def bounds(day: date, zone: ZoneInfo) -> tuple[int, int]:
    """When this day begins there and when it is over, in seconds since 1970."""
    return _midnight(day, zone), _midnight(day + DAY, zone)


def touched(begins_at: datetime, ends_at: datetime, zone: ZoneInfo) -> Iterator[date]:
    """The days there that a span touches."""
    day = begins_at.astimezone(zone).date()
    while _midnight(day, zone) < ends_at.timestamp():
        yield day
        day += DAY


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(0), zone).timestamp())
