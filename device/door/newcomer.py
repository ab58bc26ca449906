"""Owns the digits of a new door on its own screen, and what becomes of such digits when they are typed here.

While this door waits for the office's key there are always digits that are good. What never happens here: a key; deciding
whether digits are right.
"""

from datetime import datetime

from device.contract.words import Digits
from device.door.joining import Joining
from device.door.outbox import Outbox
from device.errors import VaultError


class Newcomer:
    """The screen's side of joining."""

    def __init__(self, joining: Joining, outbox: Outbox) -> None:
        self._joining = joining
        self._outbox = outbox
        self._digits: Digits | None = None

    def digits(self, now: datetime) -> str | None:
        """What is to be typed at another door, while this one still wants the key; asked for anew when they are too old."""
        if not self._joining.needed:
            self._digits = None
        elif self._digits is None or self._joining.until(now) is None:
            self._digits = self._asked(now)
        return self._digits

    def typed(self, digits: str, now: datetime) -> bool:
        """Digits of a new door were typed here; whether they were right, and the key goes to it."""
        return self._joining.typed(digits, now)

    def _asked(self, now: datetime) -> Digits | None:
        try:
            digits, asked = self._joining.begin(now)
            self._outbox.put(asked)
        except VaultError:
            return None
        return digits
