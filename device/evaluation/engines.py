"""Owns the measurement of both engines in one run, on the same 640x480 frames of the portrait camera.

What never happens here: a verdict; figures of one engine without the other's beside them.
"""

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.door.attempt import FRAMES_LEAST
from device.door.match import agree, nearest
from device.eyes.onnx_reader import OnnxReader
from device.eyes.ports import Box, Camera, Embedding, Frame
from device.eyes.stock_reader import StockReader

FRAMES: Final = 60
STOCK_FRAMES: Final = 10
ENROLLED: Final = 100
MATCHED: Final = 500
EMBED_MULTIPLY_ADDS: Final = 271e6
"""Of the embedding network. Source: its layers, counted; docs/accuracy.md."""
REST_S: Final = 0.1
"""Pause after the matrix products, whose library's threads go on spinning for a while and would slow what comes next."""
GEMM_SIDE: Final = 1536
"""Side of the matrices whose product gives the machine's floor."""


Tick = Callable[[int], None]
"""Told after each part how many steps were done, for a progress bar."""


def measure(models: Path, camera: Camera, tick: Tick) -> dict[str, float]:
    """
    The engines' figures: milliseconds as medians, and their ratios.

    Frames come from the camera; decisions are made among 100 templates, matching is also measured among 500.
    """
    frames = _frames(camera, FRAMES)
    onnx, stock = OnnxReader(models), StockReader()
    drawn = np.random.default_rng(7).normal(0, 1, (MATCHED, 128)).astype(np.float32)
    templates = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    templates[0] = onnx.embed(frames[0], onnx.find(frames[0])[0])
    chip = onnx.chip(frames[0], onnx.find(frames[0])[0])
    stock_decision = _Decision(stock.find, stock.embed, templates[:ENROLLED])
    decision = _Decision(onnx.find, onnx.embed, templates[:ENROLLED])
    figures: dict[str, list[float]] = {"decision_ms": [], "stock_ms": [], "embed_ms": [], "floor_ms": []}
    floor = _Floor()
    # In turns, so that a change of the machine's speed meets both.
    for turn in range(STOCK_FRAMES):
        part = frames[turn * FRAMES // STOCK_FRAMES : (turn + 1) * FRAMES // STOCK_FRAMES]
        figures["stock_ms"].append(_ms(lambda: stock_decision(part[0])))  # noqa: B023  (called at once)
        for frame in part:
            figures["decision_ms"].append(_ms(lambda: decision(frame)))  # noqa: B023  (called at once)
        figures["embed_ms"] += [_ms(lambda: onnx.embed_chip(chip)) for _ in part]
        figures["floor_ms"] += [floor.embed_ms() for _ in part]
        time.sleep(REST_S)
        tick(1)
    found = {name: statistics.median(values) for name, values in figures.items()}
    found["match_500_ms"] = statistics.median(_ms(lambda: nearest(templates[3], templates)) for _ in range(300))
    found["speedup"] = found["stock_ms"] / found["decision_ms"]
    found["embed_floor_ratio"] = found["embed_ms"] / found["floor_ms"]
    return found


class _Decision:
    """Frame to decision, as the attempt's steps do it, the frames before already there."""

    def __init__(
        self,
        find: Callable[[Frame], tuple[Box, ...]],
        embed: Callable[[Frame, Box], Embedding],
        templates: NDArray[np.float32],
    ) -> None:
        self._find, self._embed, self._templates = find, embed, templates
        self._latest: list[Embedding] = []

    def __call__(self, frame: Frame) -> None:
        box = self._find(frame)[0]
        self._latest = [*self._latest, self._embed(frame, box)][-FRAMES_LEAST:]
        probe = np.stack(self._latest)
        if agree(probe):
            nearest(probe.mean(axis=0), self._templates)


class _Floor:
    """The machine's own float32 matrix product, the fastest of a few, as what the embedding's arithmetic must cost."""

    def __init__(self) -> None:
        shape = (GEMM_SIDE, GEMM_SIDE)
        self._a, self._b = (np.random.default_rng(n).normal(0, 1, shape).astype(np.float32) for n in (1, 2))
        self._out = np.empty(shape, np.float32)

    def embed_ms(self) -> float:
        product_ms = _ms(lambda: np.matmul(self._a, self._b, out=self._out))
        return product_ms * EMBED_MULTIPLY_ADDS / GEMM_SIDE**3


def _frames(camera: Camera, count: int) -> list[Frame]:
    camera.open()
    try:
        return [camera.frame().copy() for _ in range(count)]
    finally:
        camera.close()


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
