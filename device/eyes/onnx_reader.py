"""Owns the engine `onnx`: dlib's detector and embedder run by ONNX Runtime, dlib's own five landmarks and face chip.

What never happens here: importing `face_recognition`, opening the 68-point file, running a network that the cache check
did not pass, writing anything.
"""

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

WINDOW_PX = 80
"""Side of the detector's window. Source: `detector_width` in mmod_human_face_detector.dat."""
FIRST_PX, STEP_PX = 14, 8
"""Centre of the first cell's window, and the distance to the next. Source: three 5x5 convolutions of stride 2."""
OVERLAP_MOST = 0.3383
"""Faces that share more of their common rectangle are one. Source: `overlaps_nms` in mmod_human_face_detector.dat."""
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
        shapes = [value.shape for value in self._detector.get_inputs()]
        self._levels: list[NDArray[np.float32]] = [np.zeros(shape, np.float32) for shape in shapes]
        self._half = np.zeros((HEIGHT // 2, WIDTH // 2, 3), np.uint8)
        cv2.setNumThreads(1)
        self.forget()

    def find(self, frame: Frame) -> tuple[Box, ...]:
        """The faces in a frame, surest first; by the pyramid's floor none is less than 160 px wide."""
        _must_be(frame, (HEIGHT, WIDTH, 3))
        levels = self._levels
        cv2.resize(frame, (WIDTH // 2, HEIGHT // 2), dst=self._half, interpolation=cv2.INTER_AREA)
        np.copyto(levels[0][0], self._half.transpose(2, 0, 1))
        for above, below in pairwise(levels):
            size = below.shape[3], below.shape[2]
            for colour in range(3):
                cv2.resize(above[0, colour], size, dst=below[0, colour], interpolation=cv2.INTER_LINEAR)
        scores = self._detector.run(None, {f"level{n}": level for n, level in enumerate(levels)})
        return _apart([box for level, score in zip(levels, scores, strict=True) for box in _boxes(level, score[0, 0])])

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


def _boxes(level: NDArray[np.float32], score: NDArray[np.float32]) -> list[Box]:
    """A box for each cell with a score over 0, in pixels of the frame."""
    scale_y, scale_x = HEIGHT / level.shape[2], WIDTH / level.shape[3]
    width, height = round(WINDOW_PX * scale_x), round(WINDOW_PX * scale_y)
    found = []
    for row, column in np.argwhere(score > 0):
        middle_x = (FIRST_PX + STEP_PX * int(column) + 0.5) * scale_x
        middle_y = (FIRST_PX + STEP_PX * int(row) + 0.5) * scale_y
        left, top = round(middle_x - width / 2), round(middle_y - height / 2)
        found.append(Box(left, top, width, height, float(score[row, column])))
    return found


def _apart(boxes: list[Box]) -> tuple[Box, ...]:
    """The surest of those that show the same face, surest first."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda b: -b.score):
        if all(_shared(box, other) <= OVERLAP_MOST for other in kept):
            kept.append(box)
    return tuple(kept)


def _shared(a: Box, b: Box) -> float:
    """The common part of two boxes over the smallest rectangle around both, as dlib counts it."""
    across = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    down = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if across <= 0 or down <= 0:
        return 0.0
    whole_across = max(a.left + a.width, b.left + b.width) - min(a.left, b.left)
    whole_down = max(a.top + a.height, b.top + b.height) - min(a.top, b.top)
    return across * down / (whole_across * whole_down)


def _must_be(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> None:
    if picture.shape != shape or picture.dtype != np.uint8:
        raise FaceFault("A picture of the wrong size came to the face reader. Frames are 640x480 in colour.")
