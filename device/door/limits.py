"""Owns how failed attempts slow a way in: pure counting by monotonic seconds, per door, naming nobody.

What never happens here: locking anybody else out; a face's failures touch neither badge nor PIN (ALT-07).
"""

from dataclasses import dataclass
from typing import Final

FACE_FREE: Final = 5
FACE_WAIT_S: Final = 30
FACE_MOST: Final = 50
"""Failures without delay, the delay after them, and the failures after which the face is off. Source: ACC-10, PAD-11."""
FACE_REST_S: Final = 3600
"""The window these are counted in (ACC-10: per door and time window): an hour without a failure forgets them."""

KEYPAD_FREE: Final = 5
KEYPAD_WAIT_MOST_S: Final = 60
KEYPAD_REST_S: Final = 900
"""Wrong entries without delay; then 1, 2, 4 ... 60 s each, until a right one or a quarter of an hour of quiet (ACC-11)."""


@dataclass(slots=True)
class Limit:
    """One way in's failures."""

    rest_s: int
    failures: int = 0
    last_s: float = 0.0

    def failed(self, at_s: float) -> None:
        """One more failure."""
        self._forget(at_s)
        self.failures += 1
        self.last_s = at_s

    def passed(self) -> None:
        """Someone got in; what was before is forgotten."""
        self.failures = 0

    def _forget(self, at_s: float) -> None:
        if at_s - self.last_s >= self.rest_s:
            self.failures = 0


class KeypadLimit(Limit):
    """Wrong PINs or codes slow the keypad, for everybody alike and never for long."""

    __slots__ = ()

    def wait_s(self, at_s: float) -> int:
        """Seconds until the keypad listens again."""
        self._forget(at_s)
        over = self.failures - KEYPAD_FREE
        if over < 0:
            return 0
        delay = min(KEYPAD_WAIT_MOST_S, 1 << min(over, 10))
        return max(0, round(self.last_s + delay - at_s))


class FaceLimit(Limit):
    """Failed faces bring a delay, then an end to faces for a while; badge and PIN go on."""

    __slots__ = ()

    def open(self, at_s: float) -> bool:
        """Whether a face may be tried now."""
        self._forget(at_s)
        if self.failures >= FACE_MOST:
            return False
        return self.failures < FACE_FREE or at_s - self.last_s >= FACE_WAIT_S
