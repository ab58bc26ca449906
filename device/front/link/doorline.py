"""Owns the link's connection to the door: what it says goes on the tray, what the console says goes to it, one at a time.

Dials again for as long as the door is away. A door that is busy is waited for, so that the console is slowed and nothing is
lost. What never happens here: keeping a message.
"""

import select
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock
from typing import Final

from device.contract import console, screen
from device.contract.wire import Wire, connect
from device.contract.words import Message
from device.errors import WireError
from device.front import log
from device.front.link.tray import Tray

DIAL_FIRST_S: Final = 0.05
DIAL_MOST_S: Final = 1.0
BUSY_S: Final = 30.0
"""A door that does not read for this long is not there."""


class DoorLine:
    """One end of the link's socket, kept up while `keep` runs."""

    def __init__(self, path: Path, tray: Tray, lost: Callable[[], None]) -> None:
        self._path = path
        self._tray = tray
        self._lost = lost
        self._wire: Wire | None = None
        self._sending = Lock()

    def keep(self, ending: Event) -> None:
        """Dial and listen until told to end."""
        pause_s = DIAL_FIRST_S
        while not ending.wait(pause_s):
            try:
                wire = connect(self._path, console.TO_LINK)
            except WireError:
                pause_s = min(2 * pause_s, DIAL_MOST_S)
                continue
            began_s = time.monotonic()
            self._listen(wire, ending)
            # A door that hangs up at once is not dialled any faster.
            pause_s = DIAL_FIRST_S if time.monotonic() - began_s > DIAL_MOST_S else DIAL_MOST_S

    def send(self, message: Message) -> None:
        """
        Tell the door, as soon as it has room.

        Raises: WireError when it is away, or does not read.
        """
        with self._sending:
            wire = self._wire
            if wire is None or wire.closed:
                raise WireError("The other process is not there.")
            if not select.select([], [wire], [], BUSY_S)[1]:
                raise WireError("The other process does not read.")
            wire.send(message)

    def _listen(self, wire: Wire, ending: Event) -> None:
        with self._sending:
            self._wire = wire
        try:
            while not ending.is_set():
                message = wire.receive(DIAL_MOST_S)
                if message is not None:
                    self._tray.put(message)
        except WireError as fault:
            log.note(screen.Noted(code=fault.code, count=1))
        finally:
            self._tray.begin()
            self._lost()
            with self._sending:
                self._wire = None
                wire.close()
