"""Owns the door's end of the link: what goes out and when, and what comes in and to whom it is meant.

Every minute of the clock says the same number of bytes, whatever happened. What is not stored at the console within a
while is sent again; it counts once there. What never happens here: a network; believing what is not signed or sealed; a
wait for anybody.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Final

from device.contract import console as words
from device.contract.console import Alarm
from device.contract.words import Message, encode
from device.door import policy
from device.door.cells import Cells
from device.door.commands import Commands
from device.door.console import Console
from device.door.joining import Joining
from device.door.outbox import Outbox
from device.door.ports import Clock, Pairing
from device.door.reports import Reports
from device.errors import ByleaveError, PolicyRefused, VaultError

IN_FLIGHT_MOST: Final = 50
IN_FLIGHT_BYTES: Final = 60_000
"""Records sent and not stored yet: few enough that a socket takes them at once."""
AGAIN_S: Final = 120.0
"""After this long without an answer the same records are sent again."""
DOWN_S: Final = 20.0
"""A process that is away for less than this is one that was started anew."""
_LOOK_S: Final = 0.5
"""Between two looks at what has come due; a camera window turns the loop thirty times a second."""
_MINUTE_S: Final = 60
_BACK_MINUTES: Final = 10
"""A clock that was set back by more than this tells its minutes again."""


@dataclass(frozen=True, slots=True)
class Health:
    """What answers."""

    eyes: bool
    front: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """What a door's end of the link is made of."""

    policy: policy.Parts
    outbox: Outbox
    reports: Reports
    commands: Commands
    cells: Cells
    joining: Joining
    clock: Clock
    real_clock: bool
    """A simulated one is set all the time."""
    factors: int
    faces: bool
    lock_answers: Callable[[], bool]
    """Whether the lock says anything."""
    take_effect: Callable[[datetime], object]
    """Have what a policy set count, and end whom it ended."""

    @property
    def console(self) -> Console:
        """The console, as this door knows it."""
        return self.policy.console


class Linked:
    """The link, as long as it is there; without it everything goes on and waits."""

    def __init__(self, parts: Parts, pairing: Pairing, send: Callable[[Message], bool], drop: Callable[[], None]) -> None:
        self._parts = parts
        self._pairing = pairing
        self._send = send
        self._drop = drop
        self._there = False
        self._about: words.About | None = None
        self._sent = 0
        self._heard_s = self._look_at_s = 0.0
        self._minute: int | None = None
        self._lock = True
        self._eyes_s = self._front_s = parts.clock.passed_s()
        self._seen = (True, True, True)
        self.up = False
        """Whether the link says that the console answers."""

    def came(self) -> None:
        """A link connected; what it was told before another one may not know."""
        self._there = True
        self._begin()
        self._tell_about()

    def gone(self) -> None:
        """The link is not there any more."""
        self._there = self.up = False

    def tick(self, health: Health) -> None:
        """Once a second or more often: put what has come due into the outbox, and send what waits."""
        clock = self._parts.clock
        now, now_s = clock.now(), clock.passed_s()
        if now_s < self._look_at_s:
            return
        self._look_at_s = now_s + _LOOK_S
        minute = self._new_minute(now)
        seen = self._look(health, now_s, ask_lock=minute is not None)
        try:
            self._tell_about()
            if minute is not None:
                self._tell_minute(health, minute, now)
            self._report(seen, now, now_s, everything=minute is not None)
            self._pump(now_s)
        except VaultError:
            # The disk refuses: what was not noted as told is told later.
            return

    def hear(self, message: Message) -> None:
        """One message from the link; a fault of ours or of theirs ends there, and nothing of it is done."""
        now = self._parts.clock.now()
        try:
            self._hear(message, now)
        except PolicyRefused:
            self._alarm(now, on=True)
        except VaultError:
            # Not done, so not answered: a link that dials again hears it again.
            self._hang_up()
        except ByleaveError:
            return

    # --- in ----------------------------------------------------------------------------------------------------------

    def _hear(self, message: Message, now: datetime) -> None:
        parts = self._parts
        match message:
            case words.LinkIs(up=up):
                if up and not self.up:
                    self._begin()
                    self._tell_about()
                self.up = up
            case words.Stored(number=number):
                parts.outbox.stored(number)
                self._heard_s = parts.clock.passed_s()
                self._pump(self._heard_s)
            case words.Policy():
                self._take(message, now)
            case words.Command():
                if parts.commands.obey(message, now):
                    self._pump(parts.clock.passed_s())
            case words.CellOf() | words.JoinWanted() | words.JoinSealed():
                self._hear_doors(message, now)
            case _:
                self._pairing.hear(message)
        self._tell_about()

    def _hear_doors(self, message: words.CellOf | words.JoinWanted | words.JoinSealed, now: datetime) -> None:
        match message:
            case words.CellOf(slot=slot, cell=cell):
                self._parts.cells.take(slot, cell, now)
            case words.JoinWanted():
                self._parts.joining.wanted(message, now)
            case words.JoinSealed():
                self._parts.joining.sealed(message, now)

    def _take(self, told: words.Policy, now: datetime) -> None:
        parts = self._parts
        if not policy.apply(parts.policy, told, now):
            # Not on top of what stands here: the link is told again where that is.
            self._about = None
            self._tell_about()
            return
        self._alarm(now, on=False)
        parts.take_effect(now)

    def _alarm(self, now: datetime, *, on: bool) -> None:
        if self._parts.console.pinned is None:
            return
        try:
            self._parts.reports.alarms.set(Alarm.POLICY_REFUSED, now, on=on)
        except VaultError:
            self._hang_up()

    def _hang_up(self) -> None:
        self._drop()
        self.gone()

    # --- out ---------------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._about = None
        self._sent = 0
        self._heard_s = self._look_at_s = self._parts.clock.passed_s()

    def _tell_about(self) -> None:
        """Which door this is: when the link comes up, and when what the console must know of it has changed."""
        parts = self._parts
        if not self._there or parts.console.pinned is None:
            return
        about = words.About(
            version=tuple(int(part) for part in version("byleave").split(".") if part.isdigit()),
            factors=parts.factors,
            faces=parts.faces,
            joined=parts.joining.joined,
            policy=parts.console.number,
            number=parts.outbox.last,
        )
        before = self._about
        if before is None or before.joined is not about.joined:
            self._about = about
            self._say(about)

    def _new_minute(self, now: datetime) -> datetime | None:
        """The minute that has begun: each is new once, and after a jump of the clock there is one, too."""
        minute = int(now.timestamp()) // _MINUTE_S
        before = self._minute
        if before is not None and before - _BACK_MINUTES < minute <= before:
            return None
        self._minute = minute
        return None if before is None else datetime.fromtimestamp(minute * _MINUTE_S, now.tzinfo)

    def _tell_minute(self, health: Health, minute: datetime, now: datetime) -> None:
        parts = self._parts
        if not self._there or parts.console.pinned is None:
            return
        told = words.Minute(
            at=minute,
            policy=parts.console.number,
            eyes=health.eyes,
            front=health.front,
            lock=self._lock,
            testing=parts.console.testing(now),
            cell=parts.cells.fill(now),
        )
        self._say(told)

    def _pump(self, now_s: float) -> None:
        if not self._there or self._parts.console.pinned is None:
            return
        flying = self._parts.outbox.waiting(0, IN_FLIGHT_MOST)
        if not flying or _number(flying[0]) > self._sent:
            self._heard_s = now_s
        elif self.up and now_s - self._heard_s >= AGAIN_S:
            self._begin()
            self._tell_about()
        size = 0
        for record in flying:
            size += len(encode(record))
            if size > IN_FLIGHT_BYTES:
                return
            if _number(record) > self._sent:
                if not self._say(record):
                    return
                self._sent = _number(record)

    def _say(self, message: Message) -> bool:
        if not self._send(message):
            self.gone()
            return False
        return True

    def _look(self, health: Health, now_s: float, *, ask_lock: bool) -> tuple[bool, bool, bool]:
        """Whether eyes, front and lock are there; one that was away for a moment is."""
        if ask_lock:
            self._lock = self._parts.lock_answers()
        self._eyes_s = now_s if health.eyes else self._eyes_s
        self._front_s = now_s if health.front else self._front_s
        return now_s - self._eyes_s < DOWN_S, now_s - self._front_s < DOWN_S, self._lock

    def _report(self, seen: tuple[bool, bool, bool], now: datetime, now_s: float, *, everything: bool) -> None:
        reports = self._parts.reports
        if everything or seen != self._seen:
            eyes, front, lock = seen
            reports.health(now, eyes=eyes, front=front, lock=lock)
            self._seen = seen
        if self._parts.real_clock:
            reports.clocks(now, now_s)
        reports.serve(now)


def _number(record: words.Record) -> int:
    number: int = record.number  # type: ignore[attr-defined]  # every record has one
    return number
