"""Test pictures: the two public-domain portraits inside installed packages, photographed again in every way a test asks."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from device.eyes.ports import HEIGHT, WIDTH, Frame


@dataclass(frozen=True)
class Portrait:
    """A picture, and where its face is: middle and width as dlib's detector sees it, in its own pixels."""

    package: str
    file: str
    x: float
    y: float
    width: float


GRACE = Portrait("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", 266, 238, 182)
EILEEN = Portrait("skimage", "data/astronaut.png", 223, 118, 95)
BOTH = (GRACE, EILEEN)


@dataclass(frozen=True)
class Shot:
    """One way to photograph a portrait: face's width, turn in degrees, light, blur, and where its middle is."""

    width: float = 210
    turn: float = 0
    light: float = 1
    blur: float = 0
    x: float = WIDTH / 2
    y: float = HEIGHT / 2


PLAIN = Shot()
VARIED = (
    PLAIN,
    *(Shot(light=light) for light in (0.4, 0.6, 0.8, 1.2)),
    *(Shot(width=width) for width in (200, 220, 250, 260)),
    *(Shot(turn=turn) for turn in (-9, -4, 4, 9)),
    *(Shot(blur=blur) for blur in (0.7, 1.2, 1.8)),
    Shot(light=0.7, width=250, turn=5, blur=1, x=300, y=250),
)
"""Light, scale, rotation and blur, one after the other, and all at once."""


def photograph(portrait: Portrait, shot: Shot = PLAIN) -> Frame:
    """One frame of one portrait."""
    turn = cv2.getRotationMatrix2D((portrait.x, portrait.y), shot.turn, shot.width / portrait.width)
    turn[:, 2] += (shot.x - portrait.x, shot.y - portrait.y)
    frame = cv2.warpAffine(_picture(portrait), turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    if shot.blur:
        frame = cv2.GaussianBlur(frame, (0, 0), shot.blur)
    return np.ascontiguousarray(cv2.convertScaleAbs(frame, alpha=shot.light))


def two_people() -> Frame:
    """Both portraits side by side, each near."""
    left = photograph(GRACE, Shot(width=190, x=WIDTH / 4))
    right = photograph(EILEEN, Shot(width=190, x=WIDTH * 3 / 4))
    return np.ascontiguousarray(np.hstack([left[:, : WIDTH // 2], right[:, WIDTH // 2 :]]))


def nobody() -> Frame:
    """A wall."""
    return np.full((HEIGHT, WIDTH, 3), 130, np.uint8)


def _picture(portrait: Portrait) -> NDArray[np.uint8]:
    spec = find_spec(portrait.package)
    assert spec is not None
    assert spec.submodule_search_locations
    raw = np.frombuffer((Path(spec.submodule_search_locations[0]) / portrait.file).read_bytes(), np.uint8)
    return np.asarray(cv2.imdecode(raw, cv2.IMREAD_COLOR_RGB), np.uint8)
