"""Owns the two clocks of a door, and the simulated one, whose wall time is in a file. What never happens here: mixing them up."""

import time
from datetime import UTC, datetime
from pathlib import Path

from device.config import Settings
from device.door.ports import Clock
from device.errors import SetupError


class SystemClock:
    """The machine's two clocks."""

    def now(self) -> datetime:
        """Wall time, UTC, whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)

    def passed_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()


class FileClock(SystemClock):
    """Wall time from a file of seconds since 1970; it stands still between two writes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last: datetime | None = None
        self.now()

    def now(self) -> datetime:
        """
        What the file says, or said last: whoever writes it may be in the middle of that.

        Raises: SetupError when it never said anything.
        """
        try:
            self._last = datetime.fromtimestamp(int(self._path.read_text(encoding="ascii")), UTC)
        except (OSError, ValueError, OverflowError):
            if self._last is None:
                raise SetupError("The simulated clock's file does not hold the seconds since 1970. Write them into it.") from None
        return self._last


def of(settings: Settings) -> Clock:
    """
    The clock of this door.

    Raises: SetupError when a simulated one cannot be read.
    """
    return SystemClock() if settings.clock is None else FileClock(settings.clock)
