"""Owns how the door is put together: settings, keys, vault, stories, sockets; and how it ends.

It is the only process that can open the vault or ask the lock. What never happens here: a network socket, a picture.
"""

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from device.beat import Beat
from device.config import Settings
from device.contract import screen, sight
from device.contract.words import Message
from device.door import notice
from device.door.entry import Entry
from device.door.forget import Forget
from device.door.keys import FileKeyStore
from device.door.lock import KeeperLock
from device.door.loop import Loop
from device.door.office import Office
from device.door.people import People
from device.door.ports import Clock, Eyes, Lock
from device.door.store import Store
from device.door.vault import Vault
from device.door.visit import table
from device.door.visit.visit import Parts, Screen, Visit
from device.errors import FaultCode, VaultError

SWEEP_S: Final = 60.0
"""How often deadlines are served (DEL-11)."""


class SystemClock:
    """The machine's two clocks."""

    def now(self) -> datetime:
        """Wall time, UTC, whole seconds."""
        return datetime.now(UTC).replace(microsecond=0)

    def passed_s(self) -> float:
        """Monotonic seconds."""
        return time.monotonic()


class Door:
    """One door's parts, put together, until it is shut."""

    def __init__(self, settings: Settings, clock: Clock, lock: Lock) -> None:
        """
        Open the vault and serve every deadline that passed while it was shut (DEL-11).

        Raises: SetupError for a missing key, a damaged database, an unwritable folder or a second process.
        """
        self.settings = settings
        self.clock = clock
        self.lock = lock
        keys = FileKeyStore.open(settings.folders.keys)
        self.store = Store.open(settings.folders.data)
        try:
            self.vault = Vault(self.store, keys, None, settings.keeping)
            self.people = People(self.store, keys)
            self.forget = Forget(self.vault, self.people)
            now = clock.now()
            self.vault.notices.put_in_force(notice.render(settings.site, settings.keeping), now)
            # What a power cut left is finished first; what cannot be finished yet takes nobody's badge away.
            with contextlib.suppress(VaultError):
                self.forget.finish(now)
            self.serve_deadlines(now)
        except BaseException:
            self.store.close()
            raise

    def serve_deadlines(self, now: datetime) -> FaultCode | None:
        """
        Erase what is due; the fault, if something could not be erased yet.

        Badge and PIN go on meanwhile, and what is due is in no gallery (promise 12).
        """
        try:
            self.forget.sweep(now)
        except VaultError as fault:
            return fault.code
        return None

    def office(self, awake: Callable[[], tuple[bool, bool]]) -> Office:
        """What serves the office; `awake` says whether eyes and front answer."""
        return Office(
            people=self.people, forget=self.forget, lock=self.lock, clock=self.clock, keeping=self.settings.keeping, awake=awake
        )

    def visit(self, eyes: Eyes, screen_: Screen) -> Visit:
        """What serves the person at the screen."""
        entry = Entry(
            people=self.people,
            journal=self.vault.journal,
            lock=self.lock,
            open_s=self.settings.lock.open_s,
            note=lambda code: screen_.send(screen.Noted(code=code, count=1)),
        )
        parts = Parts(
            settings=self.settings,
            people=self.people,
            vault=self.vault,
            forget=self.forget,
            entry=entry,
            eyes=eyes,
            screen=screen_,
            clock=self.clock,
        )
        return Visit(parts)

    def close(self) -> None:
        """Shut the vault, and hang up on the lock."""
        self.lock.close()
        self.store.close()


@contextmanager
def brief(settings: Settings) -> Iterator[Office]:
    """The door opened for one command of the office, while no door runs."""
    door = Door(settings, SystemClock(), KeeperLock(settings.folders.run / "lock.sock"))
    try:
        yield door.office(lambda: (False, False))
    finally:
        door.close()


def run(settings: Settings, beat: Beat) -> None:
    """
    Serve this door until told to end.

    Raises: SetupError when it cannot be opened.
    """
    loop = Loop(settings.folders.run, beat)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.end())
    door = Door(settings, SystemClock(), KeeperLock(settings.folders.run / "lock.sock"))
    try:
        _Served(door, loop).run()
    finally:
        door.close()


class _Served:
    """One door at one loop."""

    def __init__(self, door: Door, loop: Loop) -> None:
        self._door = door
        self._loop = loop
        self._visit = door.visit(loop.eyes, loop.front)
        self._office = door.office(lambda: (self._visit.eyes_ready, loop.front.wire is not None))
        self._swept_s = door.clock.passed_s()

    def run(self) -> None:
        """Listen until told to end."""
        self._loop.on_sight = self._seen
        self._loop.on_screen = self._pressed
        self._loop.on_office = self._office.answer
        self._loop.on_tick = self._tick
        self._loop.run()

    def _seen(self, message: Message | None) -> None:
        visit = self._visit
        if message is None:
            visit.eyes_ready = False
            table.lost(visit)
        elif not isinstance(message, sight.EyesReady):
            table.see(visit, message)
        elif not visit.eyes_ready:
            visit.eyes_ready = True
            self._door.vault.model = message.model
            if isinstance(visit.scene, screen.Idle):
                visit.home()

    def _pressed(self, message: Message | None) -> None:
        if message is None:
            self._visit.repeat()
        else:
            table.hear(self._visit, message)

    def _tick(self) -> float | None:
        now_s = self._door.clock.passed_s()
        if now_s - self._swept_s >= SWEEP_S:
            self._swept_s = now_s
            fault = self._door.serve_deadlines(self._door.clock.now())
            if fault is not None:
                self._visit.note(fault)
        table.tick(self._visit)
        at_s = self._visit.next_deadline_s()
        return None if at_s is None else at_s - self._door.clock.passed_s()
