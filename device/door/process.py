"""Owns how the door is put together: settings, keys, vault, stories, sockets; and how it ends.

It is the only process that can open the vault or ask the lock. What never happens here: a network socket, a picture.
"""

import contextlib
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from device.beat import Beat
from device.config import FaceUse, Settings
from device.contract import screen, sight
from device.contract.office import LockState
from device.contract.words import Message
from device.door import clock, deadlines, linked, notice, pairing, policy
from device.door.admission import Admission
from device.door.cells import Cells
from device.door.commands import Commands
from device.door.consent import Event, Who
from device.door.console import Console
from device.door.custodians import Custodians
from device.door.days import Days
from device.door.deadlines import Due
from device.door.entry import Entry
from device.door.forget import Forget
from device.door.group import Group
from device.door.guests import Guests
from device.door.incidents import Requests
from device.door.joining import Joining
from device.door.keys import FileKeyStore
from device.door.linked import Health, Linked
from device.door.lock import KeeperLock
from device.door.loop import Loop
from device.door.newcomer import Newcomer
from device.door.office import Office
from device.door.outbox import Outbox
from device.door.pairing import Pairing
from device.door.people import People
from device.door.policy import Limits
from device.door.ports import Clock, Eyes, Lock
from device.door.reports import Reports
from device.door.store import Store
from device.door.told import Others, Told
from device.door.vault import Vault
from device.door.visit import table
from device.door.visit.visit import Parts, Screen, Visit
from device.errors import FaultCode, VaultError

SIMULATED_TICK_S: Final = 0.1
"""How often a simulated clock is read: its days pass in seconds."""
SWEEP_S: Final = 60.0
"""How often deadlines are served (DEL-11)."""


class Door:
    """One door's parts, put together, until it is shut."""

    def __init__(self, settings: Settings, clock_: Clock, lock: Lock) -> None:
        """
        Open the vault and serve every deadline that passed while it was shut (DEL-11).

        Raises: SetupError for a missing key, a damaged database, an unwritable folder or a second process.
        """
        self.settings = settings
        self.clock = clock_
        self.lock = lock
        self.keys = FileKeyStore.open(settings.folders.keys)
        self.store = Store.open(settings.folders.data)
        try:
            self._put_together()
            now = self.clock.now()
            self.take_effect(now)
            # What a power cut left is finished first; what cannot be finished yet takes nobody's badge away.
            with contextlib.suppress(VaultError):
                self.forget.finish(now)
                self.commands.finish()
            self.serve_deadlines(now)
        except BaseException:
            self.store.close()
            raise

    def _put_together(self) -> None:
        store, keys, zone = self.store, self.keys, ZoneInfo(self.settings.site.zone)
        self.limits = Limits(store, self.settings)
        self.vault = Vault(store, keys, None, self.limits.keeping)
        self.people = People(store, keys, zone)
        self.forget = Forget(self.vault, self.people)
        self.admission, self.guests = Admission(store, zone), Guests(store)
        # What concerns the console and the other doors.
        self.console, self.outbox = Console(store), Outbox(store)
        self.cells, self.joining = Cells(store, keys, self.forget), Joining(store, keys, self.outbox.put)
        self.custodians, self.requests = Custodians(store, self.outbox), Requests(store, keys, self.outbox, zone)
        sealed_days = Days(store, keys, self.outbox, zone, lambda: self.limits.keeping.openings_days)
        self.reports = Reports(store, self.console, self.outbox, sealed_days, zone)
        self.commands = Commands(store, self.console, self.vault.journal, self.outbox, self.lock, self.limits.open_s)
        self.pairing = Pairing(pairing.Parts(store, keys, self.people, self.console, self.custodians, self.clock))

    def take_effect(self, now: datetime) -> FaultCode | None:
        """What policy set counts from here on, and whoever it ended is gone; the fault, if that is not finished yet."""
        self.vault.keeping = self.limits.keeping
        if self.vault.notices.published is None:
            text = notice.render(self.settings.site, self.vault.keeping)
            self.vault.notices.put_in_force(text, now, self.vault.keeping.notice_days)
        return self.serve_deadlines(now)

    def serve_deadlines(self, now: datetime) -> FaultCode | None:
        """
        End whose span is over, and erase what is due; the fault, if something could not be erased yet.

        Badge and PIN go on meanwhile, and what is due is in no gallery (promise 12).
        """
        try:
            self._end_spans(now)
            self.guests.prune(now)
            self.forget.sweep(now)
        except VaultError as fault:
            return fault.code
        return None

    def _end_spans(self, now: datetime) -> None:
        """DEL-02: what was said beforehand needs nobody to say it again."""
        for person in self.admission.over(deadlines.by_now(self.store, now)):
            with self.store.transaction():
                deadlines.ask(self.store, person, Due(Event.END, Who.OFFICE), now)
                policy.confirm_later(self.store, person, now)

    def office(self, awake: Callable[[], tuple[bool, bool]], up: Callable[[], bool] = lambda: False) -> Office:
        """What serves the office; `awake` says whether eyes and front answer, `up` whether the console does."""
        return Office(
            people=self.people,
            forget=self.forget,
            lock=self.lock,
            clock=self.clock,
            keeping=self.settings.keeping,
            awake=awake,
            pairing=self.pairing,
            joining=self.joining,
            up=up,
        )

    def visit(self, eyes: Eyes, screen_: Screen) -> Visit:
        """What serves the person at the screen."""
        entry = Entry(
            admission=self.admission,
            guests=self.guests,
            journal=self.vault.journal,
            lock=self.lock,
            factors=self.settings.entry.factors,
            open_s=self.limits.open_s,
            testing=self.console.testing,
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
            tidings=Told(self.console, self.vault, self.requests, self.custodians, self.joining),
            doors=Others(Group(self.store), self.cells),
            pairs=self.pairing,
            joins=Newcomer(self.joining, self.outbox),
        )
        return Visit(parts)

    def linked(self, send: Callable[[Message], bool], drop: Callable[[], None]) -> Linked:
        """What serves the link."""
        self.pairing.say = send
        changed = policy.Parts(
            store=self.store,
            console=self.console,
            people=self.people,
            admission=self.admission,
            guests=self.guests,
            limits=self.limits,
            notices=self.vault.notices,
            journal=self.vault.journal,
            cells=self.cells,
            requests=self.requests,
            custodians=self.custodians,
        )
        parts = linked.Parts(
            policy=changed,
            outbox=self.outbox,
            reports=self.reports,
            commands=self.commands,
            cells=self.cells,
            joining=self.joining,
            clock=self.clock,
            real_clock=self.settings.clock is None,
            factors=self.settings.entry.factors,
            faces=self.settings.recognition.face is not FaceUse.OFF,
            lock_answers=lambda: self.lock.state() is not LockState.UNKNOWN,
            take_effect=self.take_effect,
        )
        return Linked(parts, self.pairing, send, drop)

    def close(self) -> None:
        """Shut the vault, and hang up on the lock."""
        self.lock.close()
        self.store.close()


@contextmanager
def brief(settings: Settings) -> Iterator[Office]:
    """The door opened for one command of the office, while no door runs."""
    door = Door(settings, clock.of(settings), KeeperLock(settings.folders.run / "lock.sock"))
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
    door = Door(settings, clock.of(settings), KeeperLock(settings.folders.run / "lock.sock"))
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
        self._linked = door.linked(loop.link.send, loop.link.drop)
        self._office = door.office(
            lambda: (self._visit.eyes_ready, loop.front.wire is not None), lambda: loop.link.wire is not None and self._linked.up
        )
        self._swept_s = door.clock.passed_s()
        self._swept_at = door.clock.now()

    def run(self) -> None:
        """Listen until told to end."""
        self._loop.on_sight = self._seen
        self._loop.on_screen = self._pressed
        self._loop.on_office = self._office.answer
        self._loop.on_link = self._told
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

    def _told(self, message: Message | None) -> None:
        if message is None:
            self._linked.came()
        else:
            self._linked.hear(message)
            self._visit.news()

    def _tick(self) -> float | None:
        self._sweep()
        table.tick(self._visit)
        self._linked.tick(Health(eyes=self._visit.eyes_ready, front=self._loop.front.wire is not None))
        if isinstance(self._door.clock, clock.FileClock):
            return SIMULATED_TICK_S
        at_s = self._visit.next_deadline_s()
        return None if at_s is None else at_s - self._door.clock.passed_s()

    def _sweep(self) -> None:
        """Every minute by either clock: the wall's may be set."""
        now, now_s = self._door.clock.now(), self._door.clock.passed_s()
        if now_s - self._swept_s < SWEEP_S and abs((now - self._swept_at).total_seconds()) < SWEEP_S:
            return
        self._swept_s, self._swept_at = now_s, now
        fault = self._door.serve_deadlines(now)
        if fault is not None:
            self._visit.note(fault)
        self._visit.news()
