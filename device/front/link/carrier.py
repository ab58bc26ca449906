"""Owns the carrying between a door and its console: a lane up, a lane down, each in a thread, each with its own patience.

A lane that fails waits and tries again, whatever was said to it. What never happens here: understanding what is carried;
a word of either side made up; a wait that the other lane or the door would notice.
"""

from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from time import monotonic, time
from typing import Final

from device.contract import console, screen
from device.contract.words import Message
from device.errors import ByleaveError, WireError
from device.front import log
from device.front.link.console import RETIRED, Lane, RefusedError
from device.front.link.doorline import DoorLine
from device.front.link.identity import Identity, Numbers
from device.front.link.patience import LEAST_S, RETIRED_S, SLOT_S, Patience
from device.front.link.place import Known
from device.front.link.tray import Tray

SOCKET: Final = "link.sock"
STEADY_S: Final = 30.0
"""A stream that held for this long is no failure when it ends."""


class Carrier:
    """One door, one console, and what goes between."""

    def __init__(self, run: Path, folder: Path, known: Known, gather_s: float | None = None) -> None:
        self._gather_s = gather_s
        """With a simulated clock, whose minutes have no seconds: what comes within this goes up together."""
        # Doors do not all come at once; and none at the full minute, when its door may say a second later what it has to say.
        self._phase_s = SLOT_S * (0.3 + 0.6 * (known.door.int % 1000) / 1000)
        identity = Identity(folder)
        self._up = Lane(known, identity, Numbers(folder, "up"))
        self._down = Lane(known, identity, Numbers(folder, "down"))
        self._tray = Tray(self._down.hang_up)
        self._line = DoorLine(run / SOCKET, self._tray, self._door_went)
        self._ending = Event()
        self._told_up: bool | None = None
        works: tuple[Callable[[], None], ...] = (lambda: self._line.keep(self._ending), self._carry_up, self._carry_down)
        self._threads = [Thread(target=work, daemon=True) for work in works]

    def start(self) -> None:
        """Carry, in the background."""
        for thread in self._threads:
            thread.start()

    def alive(self) -> bool:
        """Whether everything still goes on."""
        return all(thread.is_alive() for thread in self._threads)

    def end(self) -> None:
        """Carry no more."""
        self._ending.set()
        self._down.hang_up()

    # --- up ----------------------------------------------------------------------------------------------------------

    def _carry_up(self) -> None:
        patience, fresh = Patience(), True
        while not self._ending.is_set():
            if not self._tray.wait(LEAST_S) or self._ending.wait(self._gather_s or to_slot_s(time() - self._phase_s)):
                continue
            waiting = self._tray.take(fresh=fresh)
            try:
                stored = self._up.up(waiting)
            except ByleaveError as fault:
                fresh = True
                self._tray.give_back(waiting)
                self._pause(patience, fault)
                continue
            fresh = False
            if self._passed_on(stored) or not any(isinstance(one, console.Record) for one in waiting):
                patience.held()
            else:
                # An answer that stores nothing of what waits is no progress.
                self._ending.wait(patience.failed())

    def _passed_on(self, stored: list[console.Stored]) -> bool:
        """Tell the door; whether anything was stored that had not been before."""
        news = [self._tray.stored(one.number) for one in stored]
        for one in stored:
            self._tell(one)
        return any(news)

    # --- down --------------------------------------------------------------------------------------------------------

    def _carry_down(self) -> None:
        patience = Patience()
        while not self._ending.is_set():
            if not self._tray.told.wait(LEAST_S):
                continue
            began_s = monotonic()
            try:
                self._listen()
            except ByleaveError as fault:
                self._tell_up(up=False)
                if monotonic() - began_s > STEADY_S:
                    patience.held()
                self._pause(patience, fault)
            else:
                # The console ends a stream now and then; never more than one a second all the same.
                self._ending.wait(LEAST_S)

    def _listen(self) -> None:
        with self._down.down(self._tray.policy) as told:
            self._tell_up(up=True)
            for message in told:
                self._line.send(message)
                if isinstance(message, console.Policy):
                    self._tray.forwarded(message.number)

    def _door_went(self) -> None:
        """A stream for nobody ends; the next door is told anew whether the console is there."""
        self._told_up = None
        self._down.hang_up()

    def _tell_up(self, *, up: bool) -> None:
        if self._told_up is not up and self._tell(console.LinkIs(up=up)):
            self._told_up = up

    # --- both --------------------------------------------------------------------------------------------------------

    def _tell(self, message: Message) -> bool:
        try:
            self._line.send(message)
        except WireError:
            return False
        return True

    def _pause(self, patience: Patience, fault: ByleaveError) -> None:
        log.note(screen.Noted(code=fault.code, count=1))
        wait_s = patience.failed()
        self._ending.wait(RETIRED_S if isinstance(fault, RefusedError) and fault.status == RETIRED else wait_s)


def to_slot_s(now_s: float) -> float:
    """How long until the next slot begins; never nothing, so that no slot is used twice."""
    return SLOT_S - now_s % SLOT_S
