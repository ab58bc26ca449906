"""Owns the port of a bolt. What never happens here: a timer, a decision."""

from typing import Protocol

from device.contract.office import LockState


class Bolt(Protocol):
    """Something that lets a door open, and falls back."""

    def release(self) -> None:
        """
        Start to open; returns at once.

        Raises: LockFault when the hardware refuses.
        """

    def secure(self) -> None:
        """
        Start to close; returns at once.

        Raises: LockFault when the hardware refuses.
        """

    def state(self) -> LockState:
        """What it is now; UNKNOWN when the hardware does not say."""

    def close(self) -> None:
        """Give the hardware back, closed."""
