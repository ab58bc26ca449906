"""Owns where frames come from: the attached camera, and, where the settings say simulated, a video file or a folder of pictures.

Closed until a window opens it. What never happens here: an address on a network, a frame kept, a frame written.
"""

import contextlib
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from device.config import CameraKind, Settings
from device.errors import CameraFault, FaultCode, PictureError, SettingsError
from device.eyes.ports import HEIGHT, WIDTH, Camera, Frame

FRAMES_PER_S: Final = 30
SHOWN: Final = 3
"""Frames for which a picture of a folder is shown."""
_DEVICE = re.compile(r"/dev(/(?!\.{1,2}(/|$))[\w.:-]+)+|\d{1,2}")
"""A device's path, none of whose parts leads back up, or its number."""


def camera(settings: Settings) -> Camera:
    """
    The camera the settings name.

    Raises: SettingsError for a source that is no device, or a simulated camera at a door that is none.
    """
    source = settings.camera.source
    if settings.camera.kind is CameraKind.ATTACHED:
        return AttachedCamera(source)
    from device.eyes.portraits import PortraitCamera  # noqa: PLC0415  (a real door never loads the simulation)

    kinds: dict[CameraKind, Callable[..., Camera]] = {
        CameraKind.VIDEO: VideoCamera,
        CameraKind.PICTURES: PicturesCamera,
        CameraKind.PORTRAITS: PortraitCamera,
    }
    return kinds[settings.camera.kind](Path(source), simulated=settings.simulated)


class AttachedCamera:
    """A camera on this machine, by its device path or number."""

    def __init__(self, source: str, capture: Callable[..., cv2.VideoCapture] = cv2.VideoCapture) -> None:
        if not _DEVICE.fullmatch(source):
            raise SettingsError("Setting `camera.source` must be a device such as /dev/video0, or its number.")
        self._source = source
        self._make = capture
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Begin. Raises: CameraFault when there is no such camera."""
        path = Path(f"/dev/video{self._source}" if self._source.isdigit() else self._source)
        capture = self._make(os.fspath(path), cv2.CAP_V4L2)
        if not capture.isOpened():
            capture.release()
            raise CameraFault(f"There is no camera at {path}.", FaultCode.CAMERA_MISSING)
        capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        capture.set(cv2.CAP_PROP_FRAME_WIDTH, WIDTH)
        capture.set(cv2.CAP_PROP_FRAME_HEIGHT, HEIGHT)
        capture.set(cv2.CAP_PROP_FPS, FRAMES_PER_S)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        self._capture = capture

    def frame(self) -> Frame:
        """The next frame. Raises: CameraFault when the camera was unplugged or is closed."""
        taken, picture = self._capture.read() if self._capture is not None else (False, None)
        if not taken or picture is None:
            raise CameraFault("The camera stopped giving pictures. Is it plugged in?", FaultCode.CAMERA_LOST)
        return fitted(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))

    def close(self) -> None:
        """End; again is harmless."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class Paced:
    """Keeps a simulated camera to the pace of a real one."""

    def __init__(self, *, simulated: bool) -> None:
        if not simulated:
            raise SettingsError("This camera is a simulated one; that needs `simulated = true`.")
        self._next_s = 0.0

    def wait(self) -> None:
        """Wait until the next frame is due."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            time.sleep(self._next_s - now_s)
        self._next_s = max(self._next_s, now_s - 1 / FRAMES_PER_S) + 1 / FRAMES_PER_S


class VideoCamera(Paced):
    """A video file, played over and over."""

    def __init__(self, source: Path, *, simulated: bool) -> None:
        super().__init__(simulated=simulated)
        self._source = source
        self._capture: cv2.VideoCapture | None = None

    def open(self) -> None:
        """Begin. Raises: CameraFault when there is no such file; PictureError when it is no video."""
        if not self._source.is_file():
            raise CameraFault(f"There is no video at {self._source}.", FaultCode.CAMERA_MISSING)
        self._capture = cv2.VideoCapture(os.fspath(self._source), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            self.close()
            raise PictureError(f"The file {self._source.name} is no video.")

    def frame(self) -> Frame:
        """The next frame. Raises: CameraFault when it is closed or gives no more."""
        if self._capture is not None:
            self.wait()
            for _ in range(2):
                taken, picture = self._capture.read()
                if taken:
                    return fitted(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))
                self._capture.set(cv2.CAP_PROP_POS_FRAMES, 0)
        raise CameraFault("The video gives no more pictures.", FaultCode.CAMERA_LOST)

    def close(self) -> None:
        """End; again is harmless."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


class PicturesCamera(Paced):
    """A folder of pictures, each shown for a few frames, over and over in the order of their names."""

    def __init__(self, source: Path, *, simulated: bool) -> None:
        super().__init__(simulated=simulated)
        self._source = source
        self._paths: list[Path] = []
        self._count = 0

    def open(self) -> None:
        """Begin. Raises: CameraFault when there is no such folder or nothing in it."""
        self._paths = sorted(path for path in self._source.glob("*") if path.is_file())
        self._count = 0
        if not self._paths:
            raise CameraFault(f"There is no folder of pictures at {self._source}.", FaultCode.CAMERA_MISSING)

    def frame(self) -> Frame:
        """The next frame. Raises: PictureError for a file that is no picture; CameraFault when the folder is closed or gone."""
        if not self._paths:
            raise CameraFault("The folder of pictures is closed.", FaultCode.CAMERA_LOST)
        path = self._paths[self._count // SHOWN % len(self._paths)]
        self._count += 1
        self.wait()
        return fitted(read(path))

    def close(self) -> None:
        """End; again is harmless."""
        self._paths = []


def read(path: Path) -> Frame:
    """
    One picture file. Shape: (height, width, 3) uint8 RGB.

    Raises: CameraFault when it is gone; PictureError, naming the file and nothing in it, when it is no picture.
    """
    try:
        raw = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError:
        raise CameraFault(f"The picture {path.name} is gone.", FaultCode.CAMERA_LOST) from None
    picture = None
    with contextlib.suppress(cv2.error):
        picture = cv2.imdecode(raw, cv2.IMREAD_COLOR_RGB) if raw.size else None
    if picture is None:
        raise PictureError(f"The file {path.name} is no picture.")
    return np.asarray(picture, np.uint8)


def fitted(picture: Frame) -> Frame:
    """The picture at 640x480: scaled to fill it, what is over at two edges cut away."""
    height, width = picture.shape[:2]
    if (height, width) == (HEIGHT, WIDTH):
        return np.ascontiguousarray(picture)
    scale = max(HEIGHT / height, WIDTH / width)
    size = max(WIDTH, round(width * scale)), max(HEIGHT, round(height * scale))
    whole = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    top, left = (whole.shape[0] - HEIGHT) // 2, (whole.shape[1] - WIDTH) // 2
    return np.ascontiguousarray(whole[top : top + HEIGHT, left : left + WIDTH])
