"""Owns what the kiosk shows now: the newest scene, its disc, the camera's state. Nothing older is kept.

A badge, a PIN or a receipt leaves memory with the scene it came in, as soon as the next one is shown. What never
happens here: a decision, a socket, a page.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Condition
from typing import Final

from device.contract.screen import Camera, Disc, Fault, Scene
from device.errors import FaultCode

AWAY: Final = -1
"""The serial number of the page shown while the door cannot be reached; the door's own begin at 0."""


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """What is on the stage; `turn` grows with every change, `act` with every scene."""

    turn: int
    act: int
    scene: Scene
    since_s: float
    disc: Disc | None
    camera: bool

    @property
    def serial(self) -> int:
        """The scene's own number, which every press must name."""
        return int(getattr(self.scene, "scene", AWAY))


class Stage:
    """The newest scene, for many readers."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._changed = Condition()
        self._closed = False
        self._shown = Shown(turn=0, act=0, scene=_away(), since_s=clock_s(), disc=None, camera=False)

    def show(self, message: Scene | Disc | Camera) -> None:
        """Take one message from the door; a disc of another scene is dropped."""
        with self._changed:
            now = self._shown
            if isinstance(message, Disc):
                if message.scene != now.serial:
                    return
                self._set(replace(now, turn=now.turn + 1, disc=message))
            elif isinstance(message, Camera):
                self._set(replace(now, turn=now.turn + 1, camera=message.on))
            else:
                self._set(
                    Shown(
                        turn=now.turn + 1,
                        act=now.act + 1,
                        scene=message,
                        since_s=self._clock_s(),
                        disc=None,
                        camera=now.camera,
                    )
                )

    def away(self) -> None:
        """The door cannot be reached: say so, and forget what it showed."""
        self.show(_away())

    def now(self) -> Shown:
        """What is shown."""
        with self._changed:
            return self._shown

    def age_s(self, shown: Shown) -> float:
        """How long this scene has been on, in seconds."""
        return self._clock_s() - shown.since_s

    def wait(self, turn: int, within_s: float) -> Shown | None:
        """What is shown once it is no longer `turn`, or as it is after that time; nothing once the stage is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._shown.turn != turn, within_s)
            return None if self._closed else self._shown

    def close(self) -> None:
        """Let everybody who waits go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _set(self, shown: Shown) -> None:
        self._shown = shown
        self._changed.notify_all()


def _away() -> Fault:
    return Fault(scene=AWAY, code=FaultCode.WIRE)
