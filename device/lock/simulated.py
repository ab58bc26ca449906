"""Owns the simulated bolt: it takes time to travel, like a real one."""

import time

from device.contract.office import LockState
from device.errors import SettingsError

TRAVEL_S = 0.15
"""A motor bolt's travel. Source: order of magnitude of common motor locks; only the simulation rests on it."""


class SimulatedBolt:
    """A bolt without hardware; the settings must say that it is one."""

    def __init__(self, *, simulated: bool) -> None:
        if not simulated:
            raise SettingsError("Setting `lock.kind` is simulated; that needs `simulated = true`.")
        self._released = False
        self._moved_at = -TRAVEL_S

    def release(self) -> None:
        """Start to open."""
        self._drive(released=True)

    def secure(self) -> None:
        """Start to close."""
        self._drive(released=False)

    def state(self) -> LockState:
        """Closed, moving or open, by the time since it was driven."""
        if time.monotonic() - self._moved_at < TRAVEL_S:
            return LockState.MOVING
        return LockState.OPEN if self._released else LockState.CLOSED

    def close(self) -> None:
        """Fall back."""
        self.secure()

    def _drive(self, *, released: bool) -> None:
        if released is not self._released:
            self._released = released
            self._moved_at = time.monotonic()
