"""Owns whether the face before the camera is still the same one; pure.

A face that is lost for a moment, jumps, or has company is another one afterwards: its number changes, and what was gathered of
it does not count (promise 4). What never happens here: recognising anybody.
"""

from dataclasses import dataclass
from typing import Final

from device.eyes.ports import Box

LOST_FRAMES: Final = 3
"""Frames without the face after which it is lost: a tenth of a second, in which nobody changes places with another."""
SHARED_LEAST: Final = 0.3
"""Least overlap (intersection over union) of the same face from one frame to the next. Source: own measurement, a head that
turns fast stays above 0.5 at 30 frames a second."""


@dataclass(slots=True)
class Track:
    """The one face that is followed."""

    number: int = 0
    missed: int = 0
    last: Box | None = None

    def follow(self, box: Box | None, *, alone: bool = True) -> int:
        """The number of the face in this frame; 0 when there is none. With a second face beside it, it is lost at once."""
        if box is None or not alone:
            self.missed += 1
            if self.missed >= LOST_FRAMES or not alone:
                self.last = None
            return 0
        if self.last is None or overlap(self.last, box) < SHARED_LEAST:
            self.number += 1
        self.last, self.missed = box, 0
        return self.number


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0 to 1."""
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    if width <= 0 or height <= 0:
        return 0.0
    common = width * height
    return common / (one.width * one.height + other.width * other.height - common)
