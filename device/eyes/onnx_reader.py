"""Owns the engine `onnx`: dlib's detector and embedder run by ONNX Runtime, dlib's own five landmarks and face chip.

What never happens here: importing `face_recognition`, opening the 68-point file, running a network that the cache check
did not pass, writing anything.
"""

import ctypes
import os
from itertools import pairwise
from pathlib import Path

import cv2
import dlib
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from device.errors import FaceFault
from device.eyes import networks
from device.eyes.ports import CHIP_PX, HEIGHT, NUMBERS, WIDTH, Box, Chip, Embedding, Frame
from device.eyes.pyramid import LEVELS, Level, boxes

CHIP_PADDING = 0.25
"""Room around an aligned face. Source: dlib, face_recognition_model_v1."""
THREADS_MOST = 4
"""More cores than these gain nothing on networks this small. Source: own measurement."""


class OnnxReader:
    """The engine `onnx`. Raises SetupError (MODELS_DAMAGED) when the cache is not whole."""

    model = networks.MODEL

    def __init__(self, folder: Path) -> None:
        cached = networks.check(folder)
        self._landmarks = dlib.shape_predictor(os.fspath(networks.source(networks.LANDMARKS)))
        self._embedder = _session(cached[networks.EMBED])
        self._detector = _session(cached[networks.DETECT])
        self._half = np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8)
        self._first = np.zeros((3, LEVELS[0].height, LEVELS[0].width), np.uint8)
        self._inputs = {f"level{number}": _mean_colour(level) for number, level in enumerate(LEVELS)}
        self._views = [x[0, :, level.top :, level.left :] for x, level in zip(self._inputs.values(), LEVELS, strict=True)]
        cv2.setNumThreads(1)
        self.forget()

    def find(self, frame: Frame) -> tuple[Box, ...]:
        """The faces in a frame, surest first; none is narrower than the pyramid's first window."""
        _must_be(frame, (HEIGHT, WIDTH, 3))
        cv2.resize(frame, (WIDTH // 2, HEIGHT // 2), dst=self._half, interpolation=cv2.INTER_AREA)
        for colour, plane in enumerate(self._first):
            cv2.resize(self._half[:, :, colour], plane.shape[::-1], dst=plane, interpolation=cv2.INTER_LINEAR)
        np.copyto(self._views[0], self._first)
        for above, below in pairwise(self._views):
            for wide, narrow in zip(above, below, strict=True):
                cv2.resize(wide, narrow.shape[::-1], dst=narrow, interpolation=cv2.INTER_LINEAR)
        return boxes(self._detector.run(None, self._inputs))

    def chip(self, frame: Frame, box: Box) -> Chip:
        """The face in this box, upright. Shape: (150, 150, 3) uint8 RGB."""
        _must_be(frame, (HEIGHT, WIDTH, 3))
        place = dlib.rectangle(box.left, box.top, box.left + box.width - 1, box.top + box.height - 1)
        chip: Chip = dlib.get_face_chip(frame, self._landmarks(frame, place), CHIP_PX, CHIP_PADDING)
        return chip

    def embed_chip(self, chip: Chip) -> Embedding:
        """
        The embedding of an upright face. Shape: (150, 150, 3) uint8 RGB → (128,) float32.

        Raises: FaceFault when a value is not finite.
        """
        _must_be(chip, (CHIP_PX, CHIP_PX, 3))
        embedding: Embedding = self._embedder.run(None, {"chip": chip[np.newaxis]})[0][0]
        if embedding.shape != (NUMBERS,) or not np.isfinite(embedding).all():
            raise FaceFault("The face network gave something that is no embedding. Look again.")
        return embedding

    def embed(self, frame: Frame, box: Box) -> Embedding:
        """The embedding of the face in this box; raises FaceFault when a value is not finite."""
        chip = self.chip(frame, box)
        try:
            return self.embed_chip(chip)
        finally:
            chip.fill(0)

    def forget(self) -> None:
        """Overwrite the pyramid, and what the networks hold of it, with an empty frame."""
        blank = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
        self.find(blank)
        self.embed_chip(blank[:CHIP_PX, :CHIP_PX])
        _give_back()


def _session(path: Path) -> ort.InferenceSession:
    """One network, set for few megabytes and for an idle processor between frames."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = min(len(os.sched_getaffinity(0)), THREADS_MOST)
    options.inter_op_num_threads = 1
    # Threads spin within a run, which saves a fifth, and sleep as soon as it ends.
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return ort.InferenceSession(os.fspath(path), options, providers=["CPUExecutionProvider"])


def _give_back() -> None:
    """Give the system back what was used and freed; after loading a fifth of this process, on glibc."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _mean_colour(level: Level) -> NDArray[np.float32]:
    """An input whose margin is the mean colour, which is what dlib's canvas holds between its levels."""
    return np.array(networks.COLOURS, np.float32).reshape(1, 3, 1, 1) * np.ones(level.shape, np.float32)


def _must_be(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    if picture.shape != shape or picture.dtype != np.uint8:
        raise FaceFault("A picture of the wrong size came to the face reader. Frames are 640x480 in colour.")
