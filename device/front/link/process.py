"""Owns the link's one loop: it beats, looks for a ticket once a second, and keeps a carrier going once the door is paired.

Until there is a console or a ticket it does nothing else, and loads no library for it. What never happens here: a rule.
"""

import signal
import sys
from pathlib import Path
from threading import Event, Thread
from types import FrameType
from typing import TYPE_CHECKING

from device.beat import EVERY_S, Beat
from device.config import Settings
from device.front import log
from device.front.link import place
from device.front.link.patience import SIMULATED_GATHER_S

if TYPE_CHECKING:
    from device.front.link.carrier import Carrier


def run(settings: Settings, beat: Beat) -> None:
    """
    Carry until told to end, or until nobody hears the heartbeat any more.

    Raises: SetupError when the link's folder or key is in the way.
    """
    log.take_over()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _end)
    gather_s = None if settings.clock is None else SIMULATED_GATHER_S
    link = _Link(settings.folders.run, settings.folders.link, gather_s)
    try:
        while link.turn() and beat.pulse():
            link.ending.wait(EVERY_S)
    except SystemExit:
        pass
    finally:
        link.ending.set()
        link.stop()


class _Link:
    """What goes on: an introduction, a carrier, or nothing."""

    def __init__(self, run: Path, folder: Path, gather_s: float | None) -> None:
        self.ending = Event()
        self._run = run
        self._folder = folder
        self._gather_s = gather_s
        self._carrier: Carrier | None = None
        self._introduction: Thread | None = None

    def turn(self) -> bool:
        """See to what goes on; False when something ended that must not, and the process should begin anew."""
        if self._introduction is not None:
            if self._introduction.is_alive():
                return True
            self._introduction = None
        ticket = place.take(self._folder)
        if ticket is not None:
            self.stop()
            self._introduction = Thread(target=self._introduce, args=(ticket,), daemon=True)
            self._introduction.start()
            return True
        if self._carrier is None and (known := place.known(self._folder)) is not None:
            from device.front.link.carrier import Carrier  # noqa: PLC0415  (loaded where there is a console)

            self._carrier = Carrier(self._run, self._folder, known, self._gather_s)
            self._carrier.start()
        return self._carrier is None or self._carrier.alive()

    def stop(self) -> None:
        """Carry no more."""
        if self._carrier is not None:
            self._carrier.end()
            self._carrier = None

    def _introduce(self, ticket: place.Ticket) -> None:
        from device.front.link.pairing import pair  # noqa: PLC0415  (loaded where there is a ticket)

        pair(ticket, self._run, self._folder, self.ending)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
