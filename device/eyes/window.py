"""Owns one camera window, from `Look` to `WindowClosed`: open, frame, find, judge, follow, embed, tell, wipe.

In a code window no face code runs at all. The window ends by itself by its own monotonic clock, whatever becomes of the door;
then the camera is closed and what is left of its frames is overwritten. What never happens here: keeping, comparing, deciding.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from device.contract import sight
from device.contract.sight import Hint, Mode, Why
from device.contract.words import Blob, Message, Numbers128
from device.errors import ByleaveError, WireError
from device.eyes import codes, quality
from device.eyes.ports import HEIGHT, WIDTH, Box, Camera, FaceReader, Frame
from device.eyes.track import Track


@dataclass(frozen=True, slots=True)
class Sense:
    """What a window needs: a camera, an engine, a way to the door, and a heartbeat that may end it."""

    camera: Camera
    reader: FaceReader
    tell: Callable[[Message], None]
    asked: Callable[[], Message | None]
    alive: Callable[[], bool]


def look(sense: Sense, asked: sight.Look) -> Message | None:
    """
    One window; a message that ended it early and is not its own `Close` is given back.

    Raises: WireError when the door is gone; the camera is closed all the same.
    """
    until_s = time.monotonic() + min(asked.within_ms / 1000, sight.WINDOW_MOST_S)
    because, fault, rest = Why.TIME, None, None
    seen = _Faces(sense, asked.window) if asked.mode is Mode.FACE else _Codes(sense, asked.window)
    try:
        began_s = time.monotonic()
        sense.camera.open()
        first = True
        while time.monotonic() < until_s and sense.alive():
            frame = sense.camera.frame()
            try:
                if first:
                    taken_ms = round((time.monotonic() - began_s) * 1000)
                    sense.tell(sight.WindowOpened(window=asked.window, first_frame_ms=taken_ms))
                    first = False
                seen.frame(frame)
            finally:
                frame.fill(0)
            rest = sense.asked()
            if rest is not None:
                because = Why.ASKED
                break
    except WireError:
        raise
    except ByleaveError as broken:
        because, fault = Why.FAULT, broken.code
    finally:
        sense.camera.close()
        seen.forget()
    sense.tell(sight.WindowClosed(window=asked.window, because=because, fault=fault))
    return None if isinstance(rest, sight.Close) and rest.window == asked.window else rest


class _Faces:
    """A face window: one near face, followed, embedded where it is fit."""

    def __init__(self, sense: Sense, window: int) -> None:
        self._sense, self._window = sense, window
        self._track = Track()

    def frame(self, frame: Frame) -> None:
        boxes = self._sense.reader.find(frame)
        hint, box = quality.judge(frame, boxes)
        track = self._track.follow(box, alone=hint is not Hint.ONE_PERSON)
        embedding = None
        if hint is Hint.FINE and box is not None:
            numbers = self._sense.reader.embed(frame, box)
            embedding = Numbers128(numbers.astype("<f4").tobytes())
            numbers.fill(0)
        self._sense.tell(_seen(self._window, hint, box or (boxes[0] if boxes else None), track, embedding))

    def forget(self) -> None:
        self._sense.reader.forget()


class _Codes:
    """A code window: QR codes, each told once, and where one is, to help aim."""

    def __init__(self, sense: Sense, window: int) -> None:
        self._sense, self._window = sense, window
        self._told: set[bytes] = set()

    def frame(self, frame: Frame) -> None:
        found = codes.read(frame)
        place = None
        for code in found:
            place = Box(code.x - code.width // 2, code.y - code.width // 2, code.width, code.width, 1.0)
            if code.payload not in self._told:
                self._told.add(code.payload)
                self._sense.tell(sight.CodeSeen(window=self._window, payload=Blob(code.payload)))
        self._sense.tell(_seen(self._window, Hint.FINE if found else Hint.NOBODY, place, 0, None))

    def forget(self) -> None:
        self._told.clear()


def _seen(window: int, hint: Hint, box: Box | None, track: int, embedding: Numbers128 | None) -> sight.Seen:
    x = y = width = 0
    if box is not None:
        x = _thousandths(box.left + box.width / 2, WIDTH)
        y = _thousandths(box.top + box.height / 2, HEIGHT)
        width = _thousandths(box.width, WIDTH)
    return sight.Seen(window=window, hint=hint, x=x, y=y, width=width, track=track, embedding=embedding)


def _thousandths(value: float, whole: int) -> int:
    return min(1000, max(0, round(1000 * value / whole)))
