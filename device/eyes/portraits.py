"""Owns the demo's camera: a doorway in which two portraits in the public domain can stand, or a badge be held up.

Who stands there is one word in the file `who` of the stage folder, read anew for each frame. Frames differ as re-photographs do:
a little movement, turn, scale, light and noise. What never happens here: a face of anybody else; a file written.
"""

import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import cv2
import numpy as np
import segno

from device.errors import CameraFault, FaultCode, SetupError
from device.eyes.cameras import Paced, read
from device.eyes.ports import HEIGHT, WIDTH, Frame

START_S: Final = 0.1
"""What opening takes; a fast webcam's."""
ALONE_PX: Final = 222
"""How wide the face of somebody alone before the door is, as the detector counts; of two together a little less."""
CUT_AT: Final = 0.4
"""Scale at which a person is cut out of a picture: enough for an outline that is softened anyway, and soon done."""
Outline = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """One picture: the middle and width of its face, an outline around the person, and one that surely lies within."""

    package: str
    path: str
    x: int
    y: int
    width: int
    around: Outline
    within: Outline


_SOURCES = {
    "grace": _Source(
        *("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", 266, 238, 182),
        around=(
            *((175, 80), (200, 18), (320, 18), (375, 85), (368, 130), (385, 200), (364, 300), (375, 335), (505, 390), (511, 430)),
            *((511, 599), (5, 599), (22, 420), (50, 375), (175, 335), (160, 280), (148, 200), (146, 110)),
        ),
        within=(
            *((185, 80), (215, 35), (300, 35), (350, 90), (355, 200), (352, 290), (336, 302), (330, 340), (440, 400), (470, 590)),
            *((60, 590), (80, 400), (204, 366), (202, 300), (172, 280), (170, 110)),
        ),
    ),
    "eileen": _Source(
        *("skimage", "data/astronaut.png", 223, 118, 95),
        around=(
            *((150, 60), (185, 12), (265, 12), (305, 70), (300, 125), (270, 150), (310, 220), (350, 280), (365, 345), (365, 511)),
            *((15, 511), (35, 300), (110, 230), (110, 180), (170, 140), (150, 110)),
        ),
        within=(
            *((175, 60), (220, 30), (270, 50), (285, 90), (250, 130), (240, 190), (290, 250), (320, 330), (300, 500), (60, 500)),
            *((60, 320), (130, 240), (200, 200), (200, 140), (175, 100)),
        ),
    ),
}


class _Portrait:
    """One person, cut out of a picture."""

    def __init__(self, source: _Source) -> None:
        spec = find_spec(source.package)
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            raise SetupError(f"The package {source.package} is not installed. `make setup` installs it.")
        self._source = source
        self._cut = _cut(read(Path(folders[0]) / source.path), source)

    def stand(self, frame: Frame, x: float, y: float, width: float, turn: float) -> None:
        """Put the person before what is in the frame: the face's centre at x, y, so wide, turned by so many degrees."""
        move = cv2.getRotationMatrix2D((self._source.x, self._source.y), turn, width / self._source.width)
        move[:, 2] += (x - self._source.x, y - self._source.y)
        there = cv2.warpAffine(self._cut, move, (WIDTH, HEIGHT))
        behind = cv2.cvtColor(cv2.bitwise_not(there[:, :, 3]), cv2.COLOR_GRAY2RGB)
        cv2.add(cv2.multiply(frame, behind, scale=1 / 255), np.ascontiguousarray(there[:, :, :3]), dst=frame)


def _cut(picture: Frame, source: _Source) -> Frame:
    """The person alone, softly edged. Shape: (height, width, 4) uint8, red, green and blue as they count, and how much."""
    small = cv2.resize(picture, None, fx=CUT_AT, fy=CUT_AT, interpolation=cv2.INTER_AREA)
    mask = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    for outline, what in ((source.around, cv2.GC_PR_FGD), (source.within, cv2.GC_FGD)):
        cv2.fillPoly(mask, [(np.array(outline) * CUT_AT).astype(np.int32)], what)
    cv2.grabCut(small, mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 1, cv2.GC_INIT_WITH_MASK)
    person = cv2.erode(np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32), np.ones((3, 3), np.uint8))
    soft = cv2.GaussianBlur(cv2.resize(person, picture.shape[1::-1]), (0, 0), 2)[..., np.newaxis]
    return np.concatenate([picture * soft, 255 * soft], axis=2).astype(np.uint8)


def _wall() -> Frame:
    """A calm wall, lit from the upper left."""
    down, across = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    light = 1.08 - 0.3 * np.hypot(across - 0.3, down - 0.1)
    return np.ascontiguousarray((light[..., np.newaxis] * np.array((168, 165, 160))).astype(np.uint8))


class PortraitCamera(Paced):
    """The camera of a doorway on a stage."""

    def __init__(self, source: Path, *, simulated: bool, seed: int | None = None) -> None:
        super().__init__(simulated=simulated)
        self._stage = source
        self._random = np.random.default_rng(seed)
        self._open = False
        self._people = {name: _Portrait(source) for name, source in _SOURCES.items()}
        self._wall = _wall()
        self._held: tuple[bytes, Frame] | None = None

    def open(self) -> None:
        """Begin. Raises: CameraFault when there is no stage."""
        if not self._stage.is_dir():
            raise CameraFault(f"There is no stage folder at {self._stage}.", FaultCode.CAMERA_MISSING)
        time.sleep(START_S)
        self._open = True

    def frame(self) -> Frame:
        """The next frame. Raises: CameraFault when the camera is closed, or was unplugged in play."""
        if not self._open:
            raise CameraFault("The camera is closed.", FaultCode.CAMERA_LOST)
        self.wait()
        who = self._said("who").decode("ascii", "replace").strip() or "nobody"
        frame = self._wall.copy()
        if who in self._people:
            self._people[who].stand(frame, *self._about(WIDTH * 0.515, ALONE_PX))
        elif who == "both":
            self._people["grace"].stand(frame, *self._about(WIDTH * 0.27, ALONE_PX * 0.88))
            self._people["eileen"].stand(frame, *self._about(WIDTH * 0.75, ALONE_PX * 0.88))
        elif who == "badge":
            self._hold_up(frame)
        elif who not in {"nobody", "darkness"}:
            raise CameraFault("The camera was unplugged.", FaultCode.CAMERA_LOST)
        light = 0.03 if who == "darkness" else self._random.uniform(0.88, 1.08)
        noise = self._random.normal(0, 3, (HEIGHT // 2, WIDTH // 2)).astype(np.int16)
        grain = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
        lit = cv2.add(cv2.convertScaleAbs(frame, alpha=light), cv2.merge([grain] * 3), dtype=cv2.CV_8U)
        return np.asarray(lit, np.uint8)

    def close(self) -> None:
        """End; again is harmless."""
        self._open = False

    def _about(self, x: float, width: float) -> tuple[float, float, float, float]:
        """Near there, as people stand: never quite still, never quite straight."""
        draw = self._random.uniform
        return x + draw(-3, 3), HEIGHT * 0.52 + draw(-3, 3), width * draw(0.97, 1.03), draw(-3, 3)

    def _hold_up(self, frame: Frame) -> None:
        payload = self._said("badge")
        if not payload:
            return
        if self._held is None or self._held[0] != payload:
            self._held = payload, _printed(payload)
        card = self._held[1]
        x, y, _, turn = self._about(WIDTH / 2, 0)
        move = cv2.getRotationMatrix2D((card.shape[1] / 2, card.shape[0] / 2), turn, 1)
        move[:, 2] += (x - card.shape[1] / 2, y - card.shape[0] / 2)
        cv2.warpAffine(card, move, (WIDTH, HEIGHT), dst=frame, borderMode=cv2.BORDER_TRANSPARENT)

    def _said(self, name: str) -> bytes:
        try:
            return (self._stage / name).read_bytes()
        except OSError:
            return b""


def _printed(payload: bytes) -> Frame:
    """A badge on paper: its QR code with a white border, 300 px or so."""
    rows = [list(row) for row in segno.make(payload, mode="byte", micro=False).matrix_iter(border=4)]
    cells = np.where(np.array(rows, bool), 25, 240).astype(np.uint8)
    size = max(1, 320 // len(cells))
    return np.repeat(np.repeat(np.repeat(cells[..., np.newaxis], 3, axis=2), size, axis=0), size, axis=1)
