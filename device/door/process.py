"""Owns how the door is put together: settings, keys, vault, stories, sockets; and how it ends.

It is the only process that can open the vault or ask the lock. What never happens here: a network socket, a picture.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from device.config import Settings
from device.contract import screen, sight
from device.contract.words import Message
from device.door.entry import Entry
from device.door.forget import Forget
from device.door.journal import Journal
from device.door.keys import FileKeyStore
from device.door.lock import KeeperLock
from device.door.loop import Loop
from device.door.notice import Notices
from device.door.office import Office
from device.door.people import People
from device.door.store import Store
from device.door.vault import Vault
from device.door.visit import table
from device.door.visit.visit import Parts, Visit

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


@dataclass(frozen=True, slots=True)
class Rooms:
    """What stands on the store: opened together, closed together."""

    store: Store
    people: People
    journal: Journal
    vault: Vault
    notices: Notices
    forget: Forget


@contextmanager
def opened(settings: Settings, clock: SystemClock) -> Iterator[Rooms]:
    """
    The vault, with every deadline served that passed while it was shut (DEL-11).

    Raises: SetupError for a missing key, a damaged database, an unwritable folder or a second process.
    """
    keys = FileKeyStore(settings.folders.keys)
    store = Store(settings.folders.data)
    try:
        journal = Journal(store, keys)
        people = People(store, keys)
        notices = Notices(store, settings.site, settings.keeping)
        vault = Vault(store, keys, journal, notices, settings.keeping)
        forget = Forget(store, keys, vault, people, journal)
        forget.finish(clock.now())
        forget.sweep(clock.now())
        yield Rooms(store=store, people=people, journal=journal, vault=vault, notices=notices, forget=forget)
    finally:
        store.close()


@contextmanager
def brief(settings: Settings) -> Iterator[Office]:
    """The door opened for one command of the office, while no door runs."""
    clock = SystemClock()
    with opened(settings, clock) as rooms:
        yield _office(settings, rooms, clock, Loop.nobody)


def _office(settings: Settings, rooms: Rooms, clock: SystemClock, awake: "Loop | None" = None) -> Office:
    raise NotImplementedError


def run(settings: Settings, beat: int | None) -> None:
    """Serve this door until told to end."""
