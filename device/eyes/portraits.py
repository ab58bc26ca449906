"""Owns the demo's camera: a doorway in which two portraits in the public domain can stand, or a badge be held up.

Who stands there is one word in the file `who` of the stage folder, read anew for each frame. Frames differ as re-photographs do:
a little movement, turn, scale, light and noise. What never happens here: a face of anybody else; a file written.
"""

import time
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
FACE_PX: Final = 240
"""How wide a face appears when somebody stands alone before the door."""


class _Portrait:
    """One picture and where the face in it is: centre and width, in its own pixels."""

    def __init__(self, package: str, path: str, x: int, y: int, width: int) -> None:
        spec = find_spec(package)
        folders = spec.submodule_search_locations if spec else None
        if not folders:
            raise SetupError(f"The package {package} is not installed. `make setup` installs it.")
        self._picture = read(Path(folders[0]) / path)
        self._x, self._y, self._width = x, y, width

    def stand(self, frame: Frame, x: float, y: float, width: float, turn: float) -> None:
        """Put the person before what is in the frame: the face's centre at x, y, so wide, turned by so many degrees."""
        scale = width / self._width
        move = cv2.getRotationMatrix2D((self._x, self._y), turn, scale)
        move[:, 2] += (x - self._x, y - self._y)
        there = cv2.warpAffine(self._picture, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
        reach = round(width * 0.85)
        left, right = max(0, round(x) - reach), min(WIDTH, round(x) + reach)
        frame[:, left:right] = there[:, left:right]


class PortraitCamera(Paced):
    """The camera of a doorway on a stage."""

    def __init__(self, source: Path, *, simulated: bool, seed: int | None = None) -> None:
        super().__init__(simulated=simulated)
        self._stage = source
        self._random = np.random.default_rng(seed)
        self._open = False
        self._people = {
            "grace": _Portrait("matplotlib", "mpl-data/sample_data/grace_hopper.jpg", 262, 270, 190),
            "eileen": _Portrait("skimage", "data/astronaut.png", 222, 115, 105),
        }
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
        frame = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
        frame[:, WIDTH // 2 :] = 138
        if who in self._people:
            self._people[who].stand(frame, *self._about(WIDTH / 2, FACE_PX))
        elif who == "both":
            self._people["grace"].stand(frame, *self._about(WIDTH * 0.27, FACE_PX * 0.85))
            self._people["eileen"].stand(frame, *self._about(WIDTH * 0.75, FACE_PX * 0.85))
        elif who == "badge":
            self._hold_up(frame)
        elif who not in {"nobody", "darkness"}:
            raise CameraFault("The camera was unplugged.", FaultCode.CAMERA_LOST)
        light = 0.03 if who == "darkness" else self._random.uniform(0.88, 1.08)
        noise = self._random.normal(0, 3, (HEIGHT // 2, WIDTH // 2, 1)).astype(np.float32)
        grain = cv2.resize(noise, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)[..., np.newaxis]
        lit: Frame = np.clip(frame * np.float32(light) + grain, 0, 255).astype(np.uint8)
        return lit

    def close(self) -> None:
        """End; again is harmless."""
        self._open = False

    def _about(self, x: float, width: float) -> tuple[float, float, float, float]:
        """Near there, as people stand: never quite still, never quite straight."""
        draw = self._random.uniform
        return x + draw(-3, 3), HEIGHT * 0.47 + draw(-3, 3), width * draw(0.97, 1.03), draw(-3, 3)

    def _hold_up(self, frame: Frame) -> None:
        payload = self._said("badge")
        if not payload:
            return
        if self._held is None or self._held[0] != payload:
            self._held = payload, _printed(payload)
        card = self._held[1]
        x, y, _, turn = self._about(WIDTH / 2, 0)
        move = cv2.getRotationMatrix2D((card.shape[1] / 2, card.shape[0] / 2), turn, 1)
        move[:, 2] += (x - card.shape[1] / 2, y + 20 - card.shape[0] / 2)
        cv2.warpAffine(card, move, (WIDTH, HEIGHT), dst=frame, borderMode=cv2.BORDER_TRANSPARENT)

    def _said(self, name: str) -> bytes:
        try:
            return (self._stage / name).read_bytes()
        except OSError:
            return b""


def _printed(payload: bytes) -> Frame:
    """A badge on paper: its QR code with a white border, 300 px or so."""
    rows = [list(row) for row in segno.make(payload, micro=False).matrix_iter(border=4)]
    cells = np.where(np.array(rows, bool), 25, 240).astype(np.uint8)
    size = max(1, 320 // len(cells))
    return np.repeat(np.repeat(np.repeat(cells[..., np.newaxis], 3, axis=2), size, axis=0), size, axis=1)
