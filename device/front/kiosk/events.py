"""Owns the stream of events to the screen: a new scene, the disc, the camera's dot. It waits, it never polls.

A scene's event tells its number only; the page fetches the rest. What never happens here: anything personal in an event.
"""

import json
from collections.abc import Iterator
from itertools import count
from threading import Lock
from typing import Any, Final

from device.contract.screen import Disc
from device.front.kiosk.sentences import HINTS
from device.front.stage import Shown, Stage

QUIET_S: Final = 15.0
"""Between two comments that keep the connection alive."""
STREAMS_MOST: Final = 4
"""Open streams; each holds a thread. One more ends the oldest."""


class Streams:
    """The open event streams of one stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._numbers = count(1)
        self._newest = 0
        self._ended = 0
        self._lock = Lock()

    def end_all(self) -> None:
        """End every stream; each notices at its next event or comment, and tells nothing more."""
        with self._lock:
            self._ended = self._newest

    def open(self) -> Iterator[str]:
        """Everything that is shown now, then every change."""
        with self._lock:
            self._newest = number = next(self._numbers)
        return self._told(number)

    def _live(self, number: int) -> bool:
        with self._lock:
            return number > max(self._ended, self._newest - STREAMS_MOST)

    def _told(self, number: int) -> Iterator[str]:
        yield "retry: 1000\n\n"
        turn, act, camera, disc = -1, -1, None, None
        while (shown := self._stage.wait(turn, QUIET_S)) is not None and self._live(number):
            if shown.turn == turn:
                yield ": here\n\n"
            if shown.act != act:
                yield _event("scene", _scene(shown))
            if shown.camera is not camera:
                yield _event("camera", {"on": shown.camera})
            if shown.disc is not None and shown.disc is not disc:
                yield _event("disc", _disc(shown.disc))
            turn, act, camera, disc = shown.turn, shown.act, shown.camera, shown.disc
            del shown


def _event(name: str, told: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(told, separators=(',', ':'))}\n\n"


def _scene(shown: Shown) -> dict[str, Any]:
    return {"scene": shown.serial, "name": type(shown.scene).__name__}


def _disc(disc: Disc) -> dict[str, Any]:
    told = {"scene": disc.scene, "x": disc.x, "y": disc.y, "width": disc.width, "left": disc.left_s}
    return {**told, "hint": str(disc.hint), "say": HINTS[disc.hint]}
