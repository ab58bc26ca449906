"""Owns the timer between *open* and *closed*, and the record of the bolt's moves.

It is told how long, never just "open"; it closes by its own clock, whatever becomes of those who asked. Nothing moves at
start-up. What never happens here: knowing for whom, staying open longer than `OPEN_MOST_MS`.
"""

import contextlib
import selectors
import time
from collections import deque
from pathlib import Path

from device.contract import bolt as words
from device.contract.office import LockState
from device.contract.wire import Listener, Wire
from device.errors import LockFault, WireError
from device.lock.bolt import Bolt

MOVES_KEPT = 100
ALONE_S = 10.0
"""A keeper nobody is connected to ends after this, once the bolt is closed."""
IDLE_S = 1.0
"""How often it looks whether it was told to end."""
WATCH_S = 0.02
"""How often the bolt is looked at while it should move."""


class Keeper:
    """Listens on one socket, drives one bolt."""

    def __init__(self, path: Path, bolt: Bolt) -> None:
        self._bolt = bolt
        self._path = path
        self._listener = Listener(path, words.TO_KEEPER)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wires: set[Wire] = set()
        self._secure_at: float | None = None
        self._alone_since = time.monotonic()
        self._ending = False
        self._moves: deque[words.Move] = deque(maxlen=MOVES_KEPT)
        self._seen = bolt.state()

    def end(self) -> None:
        """Close the bolt and stop the loop once it is closed; safe in a signal handler."""
        self._ending = True

    def run(self) -> None:
        """Serve until told to end, or until alone and closed."""
        try:
            while not self._done():
                self._turn()
        finally:
            with contextlib.suppress(LockFault):
                self._bolt.close()
            self._listener.close()
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()

    def _turn(self) -> None:
        for key, _ in self._selector.select(self._pause_s()):
            if key.fileobj is self._listener:
                self._welcome()
            elif isinstance(key.fileobj, Wire):
                self._serve(key.fileobj)
        now = time.monotonic()
        if self._ending or (self._secure_at is not None and now >= self._secure_at):
            with contextlib.suppress(LockFault):
                self._bolt.secure()
                self._secure_at = None
        self._watch()

    def _pause_s(self) -> float:
        if self._ending or self._bolt.state() is LockState.MOVING:
            return WATCH_S
        if self._secure_at is not None:
            return min(IDLE_S, max(WATCH_S, self._secure_at - time.monotonic()))
        return IDLE_S

    def _welcome(self) -> None:
        wire = self._listener.accept()
        if wire is not None:
            self._wires.add(wire)
            self._selector.register(wire, selectors.EVENT_READ)

    def _serve(self, wire: Wire) -> None:
        try:
            message = wire.receive()
            if isinstance(message, words.OpenFor):
                self._open_for(message)
            if message is not None:
                self._watch()
                wire.send(words.LockIs(state=self._seen, moves=tuple(self._moves)))
        except WireError:
            self._selector.unregister(wire)
            wire.close()
            self._wires.discard(wire)
            self._alone_since = time.monotonic()

    def _open_for(self, asked: words.OpenFor) -> None:
        late = time.monotonic() * 1000 > asked.not_after_ms
        if self._ending or late or not words.OPEN_LEAST_MS <= asked.ms <= words.OPEN_MOST_MS:
            return
        # The timer is set before the bolt moves: a fault in between can only close.
        self._secure_at = max(self._secure_at or 0.0, time.monotonic() + asked.ms / 1000)
        with contextlib.suppress(LockFault):
            self._bolt.release()

    def _watch(self) -> None:
        state = self._bolt.state()
        if state is not self._seen:
            self._seen = state
            self._moves.append(words.Move(state=state, at_ms=int(time.monotonic() * 1000)))

    def _done(self) -> bool:
        closed = self._bolt.state() is LockState.CLOSED and self._secure_at is None
        alone = not self._wires and time.monotonic() - self._alone_since >= ALONE_S
        return closed and (self._ending or alone)
