"""Owns what a camera and a face reader promise, and the shapes that pass between them; nothing here does anything."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

HEIGHT, WIDTH = 480, 640
"""Pixels of every frame, whatever the camera gives."""
NEAR_PX = 160
"""Least width of a near face's box. Source: design promise 4, MIN-02."""
CHIP_PX = 150
"""Side of an aligned face. Source: dlib, dnn_face_recognition_ex.cpp."""
NUMBERS = 128
"""Length of an embedding. Source: the same."""

Frame = NDArray[np.uint8]
"""(480, 640, 3) RGB, contiguous, the caller's own to wipe."""
Chip = NDArray[np.uint8]
"""(150, 150, 3) RGB: one face, upright."""
Embedding = NDArray[np.float32]
"""(128,): one face in one frame; lives one attempt."""


@dataclass(frozen=True, slots=True)
class Box:
    """Where a face is, in pixels of the frame; may reach beyond its edge. A higher score is surer."""

    left: int
    top: int
    width: int
    height: int
    score: float


class Camera(Protocol):
    """Somewhere frames come from; closed until opened, and closed again whatever happens."""

    def open(self) -> None:
        """Begin.

        Raises: CameraFault (CAMERA_MISSING), or PictureError where frames come from files.
        """

    def frame(self) -> Frame:
        """The next frame; blocks until it is there.

        Raises: CameraFault (CAMERA_LOST), or PictureError where frames come from files.
        """

    def close(self) -> None:
        """End; again is harmless."""


class FaceReader(Protocol):
    """Finds faces and turns one into an embedding."""

    @property
    def model(self) -> bytes:
        """SHA-256 of the embedding network's source file: same digest, interchangeable templates."""

    def find(self, frame: Frame) -> tuple[Box, ...]:
        """The faces in a frame, surest first."""

    def embed(self, frame: Frame, box: Box) -> Embedding:
        """The embedding of the face in this box.

        Raises: FaceFault when the network gives a value that is not finite.
        """

    def forget(self) -> None:
        """Overwrite what the engine still holds of the last frame."""
