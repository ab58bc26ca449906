"""Owns the ports through which the stories see the world: eyes, lock, clock, pairing. What never happens here: anything real."""

from datetime import datetime
from typing import Protocol

from device.contract.office import LockState
from device.contract.sight import Mode
from device.contract.words import Message


class Eyes(Protocol):
    """The camera process, at arm's length."""

    def look(self, window: int, mode: Mode, within_ms: int) -> bool:
        """Ask for a window; False when nobody is there to look."""

    def stop(self, window: int) -> None:
        """End a window; harmless when it has ended."""


class Lock(Protocol):
    """The lock, at arm's length."""

    def open_for(self, seconds: int) -> None:
        """
        Open now; it closes by itself after so many seconds.

        Raises: LockFault when its keeper does not confirm; then nothing is said to be open.
        """

    def state(self) -> LockState:
        """What the lock says of itself; UNKNOWN when it says nothing."""

    def close(self) -> None:
        """Hang up; an opening under way ends by itself."""


class Clock(Protocol):
    """Two clocks that are never mixed up."""

    def now(self) -> datetime:
        """Wall time, UTC: for records and deadlines in days."""

    def passed_s(self) -> float:
        """Monotonic seconds: for windows, waits and the lock."""


class Pairing(Protocol):
    """How this door and a console come to know one another."""

    def hear(self, message: Message) -> None:
        """What the link says of it."""
