"""Owns what the office may have this door do at once: open once, and test mode. Each counts once, and not after its time.

What never happens here: a camera, a person, a record that says who.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from device.contract.console import Command, CommandDone, CommandKind
from device.door.console import TESTING_MOST, Console
from device.door.journal import Journal
from device.door.outbox import Outbox
from device.door.policy import verify
from device.door.ports import Lock
from device.door.store import Store
from device.errors import LockFault, PolicyRefused


@dataclass(frozen=True, slots=True)
class Commands:
    """What it takes to obey."""

    store: Store
    console: Console
    journal: Journal
    outbox: Outbox
    lock: Lock
    open_s: Callable[[], int]

    def obey(self, command: Command, now: datetime) -> bool:
        """
        Do it, and put into the outbox whether it was done; False for one that was heard before.

        Raises: PolicyRefused for a wrong signature or door; VaultError when the disk refuses, before anything was done.
        """
        pinned = self.console.pinned
        if pinned is None:
            raise PolicyRefused("This door is not paired, so nobody may command it.")
        verify(pinned.policy, command)
        if command.door != pinned.door:
            raise PolicyRefused("This command is for another door.")
        if command.act <= self.console.act:
            return False
        # Taken up first: if the power goes in between, the lock does not open a second time.
        self.console.take_up(command.act, min(now, command.until))
        done = now <= command.until and self._do(command.kind, now)
        with self.store.transaction():
            if done and command.kind is CommandKind.OPEN_ONCE:
                self.journal.opened_by_office(command.act, now)
            self._tell(done)
        return True

    def finish(self) -> None:
        """At the start: what a power cut interrupted was not done, as far as anybody knows."""
        with self.store.transaction():
            self._tell(False)

    def _do(self, kind: CommandKind, now: datetime) -> bool:
        if kind is CommandKind.OPEN_ONCE:
            return not self.console.testing(now) and self._open()
        self.console.test(now + TESTING_MOST if kind is CommandKind.TEST_BEGIN else None)
        return True

    def _open(self) -> bool:
        try:
            self.lock.open_for(self.open_s())
        except LockFault:
            return False
        return True

    def _tell(self, done: bool) -> None:
        act = self.console.acted()
        if act is not None:
            self.outbox.put(lambda number: CommandDone(number=number, act=act, done=done))
