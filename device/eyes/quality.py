"""Owns what makes a frame fit to be embedded: how many are near, how bright, how sharp; pure.

Its reasons are hints for the person, live on the screen; none is stored (ACC-16). What never happens here: a network, a guess
about a person.
"""

import math
from typing import Final

import cv2

from device.contract.sight import Hint
from device.eyes.ports import HEIGHT, NEAR_PX, WIDTH, Box, Frame

DARK: Final = 40.0
"""Mean luminance (0 to 255) below which a face, or an empty frame, wants more light. Source: own measurement, the demo's
portraits dimmed until their embeddings moved by more than 0.3."""
BLURRED: Final = 0.0017
"""Sharpness of a face in its least sharp direction below which it moves too fast. Source: own measurement on the portraits, with
noise: 0.0020 and more where sharp or slightly soft, 0.0016 and less where moved by an eighth of the face in any direction."""
LOOKED_AT_PX: Final = 100
"""Side to which a face is scaled before its sharpness is measured, so that nearness does not count as sharpness."""


def judge(frame: Frame, boxes: tuple[Box, ...]) -> tuple[Hint, Box | None]:
    """What would help, and the one near face there is, if it is one."""
    near = [box for box in boxes if box.width >= NEAR_PX]
    if len(near) > 1:
        return Hint.ONE_PERSON, None
    if not near:
        if _luminance(frame) < DARK:
            return Hint.MORE_LIGHT, None
        return (Hint.CLOSER if boxes else Hint.NOBODY), None
    box = near[0]
    face = _inside(frame, box)
    if _luminance(face) < DARK:
        return Hint.MORE_LIGHT, box
    if _sharpness(face) < BLURRED:
        return Hint.HOLD_STILL, box
    return Hint.FINE, box


def _inside(frame: Frame, box: Box) -> Frame:
    return frame[max(0, box.top) : min(HEIGHT, box.top + box.height), max(0, box.left) : min(WIDTH, box.left + box.width)]


def _luminance(picture: Frame) -> float:
    # Every fourth pixel is enough for a mean.
    return float(picture[::4, ::4].mean())


def _sharpness(face: Frame) -> float:
    """Change of brightness from pixel to pixel, squared, as a share of all brightness, along the direction where it is least."""
    grey = cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (LOOKED_AT_PX, LOOKED_AT_PX), interpolation=cv2.INTER_AREA)
    across, down = (cv2.Sobel(grey, cv2.CV_32F, *way, scale=1 / 8).ravel() for way in ((1, 0), (0, 1)))
    xx, yy, xy = float(across @ across), float(down @ down), float(across @ down)
    least = (xx + yy) / 2 - math.hypot((xx - yy) / 2, xy)
    mean = max(1.0, float(grey.mean()))
    return least / (LOOKED_AT_PX * mean) ** 2
