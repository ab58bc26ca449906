"""dlib's own way to look at a picture: every size of it on one canvas, and one network over the whole.

It proves that the detector is read exactly; the engine itself looks at four levels apart (docs/decisions/0006-four-levels.md).
Source: `compute_tiled_image_pyramid_details` and `create_tiled_pyramid` in dlib, pyramid_down.h, with the padding of
`input_rgb_image_pyramid`; `resize_bilinear` in dlib, cpu_dlib.cpp; `loss_mmod` in dlib, loss.h.
"""

from dataclasses import dataclass

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from device.eyes import graphs, networks
from device.eyes.ports import Box, Frame
from device.eyes.pyramid import FIRST_PX, OVERLAP_MOST, STEP, STEP_PX, WINDOW_PX, Level

BETWEEN, AROUND = 10, 11
"""Pixels of the mean colour between levels and around all."""
LOWEST = 5
"""The least height of a level."""

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Place:
    """Where a level lies on the canvas."""

    left: int
    top: int
    width: int
    height: int

    def of(self, canvas: Floats) -> Floats:
        return canvas[0, :, self.top : self.top + self.height, self.left : self.left + self.width]

    def away(self, x: float, y: float) -> float:
        """Distance of a point from it, squared; 0 inside."""
        across = max(self.left - x, 0, x - (self.left + self.width - 1))
        down = max(self.top - y, 0, y - (self.top + self.height - 1))
        return float(across**2 + down**2)


class Canvas:
    """The detector as dlib runs it, for pictures of one size."""

    def __init__(self, height: int, width: int) -> None:
        self.places, self.height, self.width = tiled(height, width)
        drawn = graphs.detector(networks.source(networks.DETECTOR).read_bytes(), (Level(self.height, self.width, 0, 0),))
        self._network = ort.InferenceSession(drawn, providers=["CPUExecutionProvider"])

    def find(self, picture: Frame) -> tuple[Box, ...]:
        """The faces in a picture, surest first, in its own pixels."""
        (scores,) = self._network.run(None, {"level0": self.drawn(picture)})
        found = []
        for down, across in np.argwhere(scores[0, 0] > 0):
            found.append(self._box(float(across), float(down), float(scores[0, 0, down, across])))
        kept: list[Box] = []
        for box in sorted(found, key=lambda box: -box.score):
            if all(_shared(box, other) <= OVERLAP_MOST for other in kept):
                kept.append(box)
        return tuple(kept)

    def drawn(self, picture: Frame) -> Floats:
        """The canvas with every level on it. Shape: (1, 3, height, width) float32."""
        canvas: Floats = np.empty((1, 3, self.height, self.width), np.float32)
        canvas[:] = np.array(networks.COLOURS, np.float32).reshape(1, 3, 1, 1)
        self.places[0].of(canvas)[:] = picture.transpose(2, 0, 1)
        for above, below in zip(self.places, self.places[1:], strict=False):
            below.of(canvas)[:] = resized(above.of(canvas), below.height, below.width)
        return canvas

    def _box(self, across: float, down: float, score: float) -> Box:
        """The window of a cell, taken to lie in the level nearest to its middle."""
        x, y = FIRST_PX + STEP_PX * across, FIRST_PX + STEP_PX * down
        away = [place.away(x, y) for place in self.places]
        number = away.index(min(away))
        place, up = self.places[number], STEP**-number
        half = (WINDOW_PX - 1) / 2
        left, top = (x - place.left - half) * up, (y - place.top - half) * up
        side = round(2 * half * up) + 1
        return Box(round(left), round(top), side, side, score)


def tiled(height: int, width: int) -> tuple[tuple[Place, ...], int, int]:
    """Where the levels of a picture of this size lie, and the canvas's height and width."""
    sizes = [(height, width)]
    while (height := height * 5 // 6) >= LOWEST and (width := width * 5 // 6) > 0:
        sizes.append((height, width))
    first_height, first_width = sizes[0]
    total = sum(height + BETWEEN for height, _ in sizes) - 2 * BETWEEN
    column, last_width = 0, 0
    for height, width in sizes:
        if width <= first_width - last_width - BETWEEN and 2 * (column - first_height) >= total - first_height:
            break
        column, last_width = column + height + BETWEEN, width
    column -= BETWEEN
    places: list[Place] = []
    y = AROUND
    while y < column and len(places) < len(sizes):
        height, width = sizes[len(places)]
        places.append(Place(AROUND, y, width, height))
        y += height + BETWEEN
    y -= BETWEEN
    # The second column goes back up, at the right, until it would meet the first level.
    for height, width in sizes[len(places) :]:
        if y - height < AROUND + first_height:
            break
        places.append(Place(AROUND + first_width - width, y - height, width, height))
        y -= height + BETWEEN
    return tuple(places), column + 2 * AROUND, first_width + 2 * AROUND


def resized(planes: Floats, height: int, width: int) -> Floats:
    """Planes at another size, corner on corner."""
    top, bottom, down = _between(planes.shape[1], height)
    left, right, across = _between(planes.shape[2], width)
    rows = planes[:, top] * (1 - down)[:, None] + planes[:, bottom] * down[:, None]
    return np.asarray(rows[:, :, left] * (1 - across) + rows[:, :, right] * across, np.float32)


def _between(before: int, after: int) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """For each new pixel: the two old ones it lies between, and the second one's share."""
    at = np.arange(after) * ((before - 1) / max(after - 1, 1))
    low = np.floor(at).astype(np.intp)
    return low, np.minimum(low + 1, before - 1), (at - low).astype(np.float32)


def _shared(one: Box, other: Box) -> float:
    """The common part over the smallest rectangle around both."""
    rights = one.left + one.width, other.left + other.width
    bottoms = one.top + one.height, other.top + other.height
    across = max(0, min(rights) - max(one.left, other.left))
    down = max(0, min(bottoms) - max(one.top, other.top))
    around = (max(rights) - min(one.left, other.left)) * (max(bottoms) - min(one.top, other.top))
    return across * down / around
