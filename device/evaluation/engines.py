"""Owns the measurement of both engines in one run, on the same 640x480 frames of the portrait camera.

What never happens here: a verdict; figures of one engine without the other's beside them.
"""

import os
import statistics
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from device.contract.sight import Hint
from device.door.attempt import FRAMES_LEAST
from device.door.match import agree, nearest
from device.eyes import quality
from device.eyes.onnx_reader import OnnxReader
from device.eyes.ports import Box, Camera, Embedding, Frame
from device.eyes.stock_reader import StockReader

TURNS: Final = 3
FRAMES: Final = 90
STOCK_FRAMES: Final = 4
WARM: Final = 3
ENROLLED: Final = 100
MATCHED: Final = 500
EMBED_MULTIPLY_ADDS: Final = 271e6
"""Of the embedding network. Source: its layers, counted; docs/accuracy.md."""
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
    # In turns, so that a change of the machine's speed meets all; each a few times unmeasured first, as in a running window.
    for turn in range(TURNS):
        part = frames[turn * FRAMES // TURNS : (turn + 1) * FRAMES // TURNS]
        figures["stock_ms"] += _each(stock_decision, part[:STOCK_FRAMES])
        figures["decision_ms"] += _each(decision, part)
        figures["embed_ms"] += _each(onnx.embed_chip, [chip] * len(part))
        figures["floor_ms"] += floor.embed_ms(len(part))
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
        hint, box = quality.judge(frame, self._find(frame))
        if hint is not Hint.FINE or box is None:
            return
        self._latest = [*self._latest, self._embed(frame, box)][-FRAMES_LEAST:]
        probe = np.stack(self._latest)
        if agree(probe):
            nearest(probe.mean(axis=0), self._templates)


class _Floor:
    """
    The machine's own float32 matrix product on all its cores: what the embedding's arithmetic must cost at least.

    Each core multiplies its share of the rows, with one thread of the library (`device/cli/__init__.py`), whose own threads
    would go on spinning afterwards and slow what is measured next.
    """

    def __init__(self) -> None:
        self._cores = len(os.sched_getaffinity(0))
        self._pool = ThreadPoolExecutor(self._cores)
        shape = (GEMM_SIDE, GEMM_SIDE)
        self._a, self._b = (np.random.default_rng(n).normal(0, 1, shape).astype(np.float32) for n in (1, 2))
        self._shares = list(
            zip(np.array_split(self._a, self._cores), np.array_split(np.empty_like(self._a), self._cores), strict=True)
        )

    def embed_ms(self, times: int) -> list[float]:
        took = _each(lambda _: self._product(), [None] * times)
        return [product_ms * EMBED_MULTIPLY_ADDS / GEMM_SIDE**3 for product_ms in took]

    def _product(self) -> None:
        list(self._pool.map(lambda share: np.matmul(share[0], self._b, out=share[1]), self._shares))


def _frames(camera: Camera, count: int) -> list[Frame]:
    camera.open()
    try:
        return [camera.frame().copy() for _ in range(count)]
    finally:
        camera.close()


def _each(act: Callable[[Any], object], values: Sequence[Any]) -> list[float]:
    for value in values[:WARM]:
        act(value)
    return [_ms(lambda: act(value)) for value in values]  # noqa: B023  (called at once)


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
