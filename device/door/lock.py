"""Owns the door's end of the lock: it asks the keeper and believes only what the keeper confirms.

What never happens here: a timer (the keeper has it), a second try after a fault.
"""

import time
from pathlib import Path

from device.contract import bolt as words
from device.contract.office import LockState
from device.contract.wire import Wire, connect
from device.errors import LockFault, WireError

CONFIRM_S = 1.0
"""A keeper that does not answer within this counts as absent; a board at the end of its strength may take half of it."""


class KeeperLock:
    """The lock behind its keeper's socket."""

    def __init__(self, path: Path, confirm_s: float = CONFIRM_S) -> None:
        self._path = path
        self._confirm_s = confirm_s
        self._wire: Wire | None = None

    def open_for(self, seconds: int) -> None:
        """
        Open now; the keeper closes after so many seconds.

        Raises: LockFault when the keeper does not confirm.
        """
        not_after_ms = int((time.monotonic() + self._confirm_s) * 1000)
        if self._ask(words.OpenFor(ms=seconds * 1000, not_after_ms=not_after_ms)).state not in {LockState.MOVING, LockState.OPEN}:
            raise LockFault("The lock did not move.")

    def state(self) -> LockState:
        """What the lock says; UNKNOWN when its keeper does not answer."""
        try:
            return self._ask(words.AskLock()).state
        except LockFault:
            return LockState.UNKNOWN

    def _ask(self, message: words.OpenFor | words.AskLock) -> words.LockIs:
        # A wire from before the keeper's restart fails at once; only then is it dialled anew.
        for wire in (self._wire, None):
            try:
                self._wire = wire or connect(self._path, words.FROM_KEEPER)
                self._wire.send(message)
                answer = self._wire.receive(self._confirm_s)
            except WireError:
                self.close()
                continue
            if isinstance(answer, words.LockIs):
                return answer
            break
        self.close()
        raise LockFault("The lock's keeper does not answer.")

    def close(self) -> None:
        """Hang up; the keeper goes on."""
        if self._wire is not None:
            self._wire.close()
            self._wire = None
