"""Owns how moments are kept: whole seconds since 1970, UTC. What never happens here: reading a clock."""

from datetime import UTC, datetime, timedelta


def seconds(moment: datetime) -> int:
    """Whole seconds of an aware moment."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be kept.")
    return int(moment.timestamp())


def moment(kept: int) -> datetime:
    """The moment of these seconds, in UTC."""
    return datetime.fromtimestamp(kept, UTC)


def days(number: int) -> int:
    """So many days, in seconds."""
    return int(timedelta(days=number).total_seconds())
