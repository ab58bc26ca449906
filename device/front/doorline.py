"""Owns the connection to the door: what it says goes on the stage or into the log, presses go back through one lock.

Dials again for as long as the door is away; the stage says so meanwhile. What never happens here: keeping a message.
"""

import time
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Final

from device.contract import screen
from device.contract.sight import WINDOW_MOST_S
from device.contract.wire import Wire, connect
from device.contract.words import Message
from device.errors import WireError
from device.front import log
from device.front.stage import Stage

DIAL_FIRST_S: Final = 0.05
DIAL_MOST_S: Final = 1.0
"""Between two dials: short at first, so that start-up is quick, and never busier than once a second for long."""


class DoorLine:
    """One end of the screen socket, kept up by a thread of its own."""

    def __init__(self, path: Path, stage: Stage) -> None:
        self.stage = stage
        self._path = path
        self._wire: Wire | None = None
        self._sending = Lock()
        self._ending = Event()
        self._thread = Thread(target=self._keep, name="doorline", daemon=True)

    def start(self) -> None:
        """Dial, and keep listening in the background."""
        self._thread.start()

    def alive(self) -> bool:
        """Whether somebody still listens; a front without ears has to be started again."""
        return self._thread.is_alive()

    def end(self) -> None:
        """Dial no more."""
        self._ending.set()

    def send(self, message: Message) -> None:
        """
        Tell the door what a person pressed.

        Raises: WireError when the door is away.
        """
        with self._sending:
            if self._wire is None:
                raise WireError("The other process is not there.")
            self._wire.send(message)

    def _keep(self) -> None:
        pause_s = DIAL_FIRST_S
        lost_s = time.monotonic()
        while not self._ending.wait(pause_s):
            try:
                wire = connect(self._path, screen.TO_FRONT)
            except WireError:
                pause_s = min(2 * pause_s, DIAL_MOST_S)
                # Eyes close by themselves after a window, door or no door: only then is the dot surely wrong.
                if self.stage.now().camera and time.monotonic() - lost_s > WINDOW_MOST_S:
                    self.stage.show(screen.Camera(on=False))
                continue
            self._listen(wire)
            pause_s = DIAL_FIRST_S
            lost_s = time.monotonic()

    def _listen(self, wire: Wire) -> None:
        self.stage.show(screen.Camera(on=False))
        with self._sending:
            self._wire = wire
        try:
            while True:
                self._take(wire.receive(None))
        except WireError as fault:
            log.note(screen.Noted(code=fault.code, count=1))
        finally:
            with self._sending:
                self._wire = None
                wire.close()
            self.stage.away()

    def _take(self, message: Message | None) -> None:
        if isinstance(message, screen.Noted):
            log.note(message)
        elif isinstance(message, screen.Scene | screen.Disc | screen.Camera):
            self.stage.show(message)
