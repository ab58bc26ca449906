"""Owns the geometry of the detector: the sizes it looks at, and what a score at a cell says about a box in the frame.

Pure numbers. What never happens here: a picture, a network.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device.eyes.ports import HEIGHT, WIDTH, Box

WINDOW_PX = 80
"""Side of the detector's window. Source: `detector_width` in mmod_human_face_detector.dat."""
STEP = 5 / 6
"""From one level to the next. Source: `pyramid_down<6>` in dlib, dnn_mmod_face_detection_ex.cpp."""
FIRST = 80 / 192
"""Scale of the first level. Its windows are 192 px, so no box is narrower than near (160 px, MIN-02). A window also answers to
faces smaller than itself: on the portraits all from 150 px are found, and none under 130. Smaller windows would find more
faces that are not near, and cost a fifth more each time."""
FIRST_PX, STEP_PX = 14, 8
"""Centre of the first cell's window, and the distance to the next. Source: three 5x5 convolutions of stride 2."""
OVERLAP_MOST = 0.3383
"""Faces that share more of their common rectangle are one. Source: `overlaps_nms` in mmod_human_face_detector.dat."""


@dataclass(frozen=True, slots=True)
class Level:
    """One size of the picture, and the margin before it that puts its cells where dlib's are."""

    height: int
    width: int
    top: int
    left: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Shape of the detector's input for this level."""
        return 1, 3, self.top + self.height, self.left + self.width

    @property
    def cells(self) -> tuple[int, int]:
        """Rows and columns of the score."""
        return _cells(self.shape[2]), _cells(self.shape[3])


LEVELS = (Level(200, 267, 3, 3), Level(166, 222, 5, 3), Level(138, 185, 5, 3), Level(115, 154, 1, 3))
"""Each 5/6 of the one before; the last window is 332 px, a face a hand's length from the camera. The margins are dlib's places of
these levels on its canvas, modulo a cell's 8 pixels. Source: `compute_tiled_image_pyramid_details` in dlib, pyramid_down.h."""


def _cells(pixels: int) -> int:
    for _ in range(3):
        pixels = (pixels - 5) // 2 + 1
    return pixels


def _table() -> NDArray[np.int32]:
    """Left, top and side of every cell's box in the frame, level after level. Shape: (cells, 3) int32."""
    rows = []
    for number, level in enumerate(LEVELS):
        up_x, up_y = WIDTH / level.width, HEIGHT / level.height
        side = round(WINDOW_PX / (FIRST * STEP**number))
        down, across = np.indices(level.cells).reshape(2, -1)
        middle_x = (FIRST_PX + STEP_PX * across - level.left + 0.5) * up_x
        middle_y = (FIRST_PX + STEP_PX * down - level.top + 0.5) * up_y
        rows.append(np.stack([middle_x - side / 2, middle_y - side / 2, np.full(down.size, side)], axis=1))
    return np.concatenate(rows).round().astype(np.int32)


BOXES = _table()


def boxes(scores: list[NDArray[np.float32]]) -> tuple[Box, ...]:
    """The faces that these scores, one map a level, tell of; surest first, each face once."""
    flat = np.concatenate([score.ravel() for score in scores])
    hits = np.flatnonzero(flat > 0)
    kept: list[Box] = []
    for cell in hits[np.argsort(-flat[hits], kind="stable")]:
        left, top, side = BOXES[cell].tolist()
        if all(_shared(left, top, side, other) <= OVERLAP_MOST for other in kept):
            kept.append(Box(left, top, side, side, float(flat[cell])))
    return tuple(kept)


def _shared(left: int, top: int, side: int, other: Box) -> float:
    """The common part of two boxes over the smallest rectangle around both, as dlib counts it."""
    rights, bottoms = (left + side, other.left + other.width), (top + side, other.top + other.height)
    across = min(rights) - max(left, other.left)
    down = min(bottoms) - max(top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    return across * down / ((max(rights) - min(left, other.left)) * (max(bottoms) - min(top, other.top)))
