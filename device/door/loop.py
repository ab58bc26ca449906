"""Owns the door's one thread: sockets in, deadlines served, one thing at a time. All state is its own, so nothing is locked.

Each socket speaks its own vocabulary: eyes cannot press, neither the office nor the link can agree. A peer that is gone
or does not read is dropped. What never happens here: a decision, an inet socket, a wait for anybody.
"""

import contextlib
import selectors
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.beat import Beat
from device.contract import console, office, screen, sight
from device.contract.sight import Mode
from device.contract.wire import Listener, Wire
from device.contract.words import Message
from device.errors import FaultCode, WireError

TICK_S: Final = 1.0
"""How often it looks at the clock when nothing happens."""
OFFICE_MOST: Final = 8
"""Office connections at a time."""


class Peer:
    """A process that may be there or not; the newest connection counts."""

    def __init__(self, drop: Callable[[Wire], None]) -> None:
        self.wire: Wire | None = None
        self._drop = drop

    def drop(self) -> None:
        """Hang up; whoever it is may dial again."""
        if self.wire is not None:
            self._drop(self.wire)
            self.wire = None

    def send(self, message: Message) -> bool:
        """Send if somebody is there and reads; else drop them."""
        if self.wire is None:
            return False
        try:
            self.wire.send(message)
        except WireError:
            self.drop()
            return False
        return True


class EyesPeer(Peer):
    """Eyes, as the stories know them."""

    def look(self, window: int, mode: Mode, within_ms: int) -> bool:
        """Ask for a window; False when nobody is there to look."""
        return self.send(sight.Look(window=window, mode=mode, within_ms=within_ms))

    def stop(self, window: int) -> None:
        """End a window; harmless when it has ended."""
        self.send(sight.Close(window=window))


class Loop:
    """Listens in the run folder and hands every message to the one who is meant."""

    def __init__(self, run: Path, beat: Beat) -> None:
        self.eyes = EyesPeer(self._forget)
        self.front = Peer(self._forget)
        self.link = Peer(self._forget)
        self._office: dict[Wire, None] = {}
        self._beat = beat
        self._selector = selectors.DefaultSelector()
        self._ending = False
        self._listeners = {
            Listener(run / "sight.sock", sight.TO_DOOR): self._eyes_came,
            Listener(run / "screen.sock", screen.TO_DOOR): self._front_came,
            Listener(run / "office.sock", office.TO_DOOR): self._office_came,
            Listener(run / "link.sock", console.FROM_LINK): self._link_came,
        }
        for listener, came in self._listeners.items():
            self._selector.register(listener, selectors.EVENT_READ, came)
        self.on_sight: Callable[[Message | None], None] = lambda _: None
        self.on_screen: Callable[[Message | None], None] = lambda _: None
        self.on_link: Callable[[Message | None], None] = lambda _: None
        self.on_office: Callable[[Message], Message] = lambda _: office.Refused(code=FaultCode.UNEXPECTED)
        self.on_tick: Callable[[], float | None] = lambda: None

    def end(self) -> None:
        """Stop after this turn; safe in a signal handler."""
        self._ending = True

    def run(self) -> None:
        """Serve until told to end."""
        try:
            pause_s = TICK_S
            while not self._ending:
                for key, _ in self._selector.select(pause_s):
                    # One that was closed a moment ago, by what came before it in this turn, says nothing any more.
                    if not (isinstance(key.fileobj, Wire) and key.fileobj.closed):
                        key.data(key.fileobj)
                wanted_s = self.on_tick()
                pause_s = TICK_S if wanted_s is None else min(TICK_S, max(0.0, wanted_s))
                self._ending |= not self._beat.pulse()
        finally:
            for listener in self._listeners:
                listener.close()

    def _eyes_came(self, listener: Listener) -> None:
        self._replace(self.eyes, listener, self._eyes_said)

    def _front_came(self, listener: Listener) -> None:
        self._replace(self.front, listener, self._front_said)
        self.on_screen(None)

    def _link_came(self, listener: Listener) -> None:
        self._replace(self.link, listener, self._link_said)
        self.on_link(None)

    def _office_came(self, listener: Listener) -> None:
        wire = listener.accept()
        if wire is None:
            return
        if len(self._office) >= OFFICE_MOST:
            oldest = next(iter(self._office))
            self._forget(oldest)
            del self._office[oldest]
        self._office[wire] = None
        self._selector.register(wire, selectors.EVENT_READ, self._office_said)

    def _replace(self, peer: Peer, listener: Listener, said: Callable[[Wire], None]) -> None:
        wire = listener.accept()
        if wire is None:
            return
        if peer.wire is not None:
            self._forget(peer.wire)
        peer.wire = wire
        self._selector.register(wire, selectors.EVENT_READ, said)

    def _forget(self, wire: Wire) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(wire)
        wire.close()

    def _eyes_said(self, wire: Wire) -> None:
        self._said(self.eyes, wire, self.on_sight)

    def _front_said(self, wire: Wire) -> None:
        self._said(self.front, wire, self.on_screen)

    def _link_said(self, wire: Wire) -> None:
        self._said(self.link, wire, self.on_link)

    def _said(self, peer: Peer, wire: Wire, hear: Callable[[Message | None], None]) -> None:
        try:
            message = wire.receive()
        except WireError:
            self._forget(wire)
            if peer.wire is wire:
                peer.wire = None
            if peer is self.eyes:
                hear(None)
            return
        if message is not None and peer.wire is wire:
            hear(message)

    def _office_said(self, wire: Wire) -> None:
        try:
            message = wire.receive()
            if message is not None:
                wire.send(self.on_office(message))
        except WireError:
            self._forget(wire)
            self._office.pop(wire, None)
