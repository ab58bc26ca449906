"""Owns how moments and days are kept: `_at` and `until` as whole seconds since 1970, `_on` and `day` as days since 1970.

What never happens here: reading a clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_FIRST: Final = date(1970, 1, 1)


def seconds(moment: datetime) -> int:
    """Whole seconds of an aware moment."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be kept.")
    return int(moment.timestamp())


def moment(kept: int) -> datetime:
    """The moment of these seconds, in UTC."""
    return datetime.fromtimestamp(kept, UTC)


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _FIRST).days


def day(kept: int) -> date:
    """The day of this number."""
    return _FIRST + timedelta(days=kept)


def midnight(of: date, zone: ZoneInfo) -> datetime:
    """The moment at which this day begins there, in UTC."""
    return datetime.combine(of, time(), zone).astimezone(UTC)


def local(of: datetime, zone: str) -> date:
    """Which day it is there at this moment."""
    return of.astimezone(ZoneInfo(zone)).date()
