"""Owns the console's clock: the machine's, or in a simulation a file that holds the seconds since 1970.

Time stands still between two writes of that file. What never happens here: a simulated clock that the settings do not name.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Wall time, for records and deadlines."""

    def now(self) -> datetime:
        """UTC, whole seconds."""


class SystemClock:
    """The machine's."""

    def now(self) -> datetime:
        """UTC, whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)


class FileClock:
    """A simulated one."""

    def __init__(self, source: Path) -> None:
        self._source = source

    def now(self) -> datetime:
        """UTC, whole seconds."""
        return datetime.fromtimestamp(int(self._source.read_text(encoding="ascii")), UTC)
