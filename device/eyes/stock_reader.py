"""Owns the engine `stock`: the `face_recognition` package as its own documentation uses it, for comparison.

Its import loads the 68-point model, whose licence excludes commercial use; `LICENCE_SENTENCE` says so wherever this engine is
chosen. What never happens here: being chosen by anything but the settings.
"""

import os
import sys
import types
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from device.errors import FaceFault, SetupError
from device.eyes import networks
from device.eyes.ports import NUMBERS, Box, Embedding, Frame

LICENCE_SENTENCE = (
    "The engine `stock` loads a 68-point face model whose licence excludes commercial use; the engine `onnx` does not."
)
LANDMARKS_68 = "shape_predictor_68_face_landmarks.dat"
PLACES = {
    "pose_predictor_model_location": LANDMARKS_68,
    "pose_predictor_five_point_model_location": networks.LANDMARKS.file,
    "face_recognition_model_location": networks.EMBEDDER.file,
    "cnn_face_detector_model_location": networks.DETECTOR.file,
}
"""The four questions `face_recognition` asks of `face_recognition_models`, and their answers."""


class StockReader:
    """The engine `stock`. Raises SetupError when its packages are not installed."""

    model = networks.MODEL

    def __init__(self) -> None:
        networks.source(networks.EMBEDDER)
        self._library = _library()

    def find(self, frame: Frame) -> tuple[Box, ...]:
        """The faces in a frame, in the library's own order; it tells no score, so each has 0."""
        return tuple(
            Box(left, top, right - left + 1, bottom - top + 1, 0.0)
            for top, right, bottom, left in self._library.face_locations(frame)
        )

    def embed(self, frame: Frame, box: Box) -> Embedding:
        """The embedding of the face in this box; raises FaceFault when a value is not finite."""
        place = (box.top, box.left + box.width - 1, box.top + box.height - 1, box.left)
        embedding: Embedding = self._library.face_encodings(frame, [place])[0].astype(np.float32)
        if embedding.shape != (NUMBERS,) or not np.isfinite(embedding).all():
            raise FaceFault("The face network gave something that is no embedding. Look again.")
        return embedding

    def forget(self) -> None:
        """Overwrite what dlib still holds, with an empty frame."""
        self._library.face_encodings(np.zeros((480, 640, 3), np.uint8), [(160, 400, 320, 240)])


def _library() -> Any:
    """`face_recognition`, told where its models lie without `pkg_resources`, which setuptools 81 no longer has."""
    if find_spec("face_recognition") is None:
        raise SetupError("The package face_recognition is not installed. `make setup` installs it.")
    places = types.ModuleType("face_recognition_models")
    for question, file in PLACES.items():
        setattr(places, question, partial(os.fspath, networks.locate(file)))
    before = sys.modules.get("face_recognition_models")
    sys.modules["face_recognition_models"] = places
    try:
        return import_module("face_recognition")
    finally:
        del sys.modules["face_recognition_models"]
        if before is not None:
            sys.modules["face_recognition_models"] = before
