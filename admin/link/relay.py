"""Owns who listens: one seat a door, and the newest cell of each other door of its group, until it is passed on.

Memory only, and bounded: whatever a door does not fetch is replaced by what is newer. What never happens here: opening a
cell; keeping one; writing to the database.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import UUID

from flask import Flask
from gevent.event import Event

from admin.console import Console

EXTENSION: Final = "byleave-relay"


class Seat:
    """One stream's place: its bell, and whether a newer stream of the same door has taken it."""

    __slots__ = ("bell", "taken")

    def __init__(self) -> None:
        self.bell = Event()
        self.taken = False


class Relay:
    """The streams that are up."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._seats: dict[UUID, Seat] = {}
        self._cells: dict[UUID, dict[int, bytes]] = {}

    def up(self, door: UUID) -> bool:
        """Whether this door's link is listening now."""
        return door in self._seats

    def wake(self, doors: Iterable[UUID]) -> None:
        """There may be something for these doors; harmless when there is not."""
        for door in doors:
            if seat := self._seats.get(door):
                seat.bell.set()

    @contextmanager
    def seat(self, door: UUID) -> Iterator[Seat]:
        """This door's place while its stream is up; an older stream of it ends."""
        seat = Seat()
        if older := self._seats.get(door):
            older.taken = True
            older.bell.set()
        self._seats[door] = seat
        try:
            yield seat
        finally:
            if self._seats.get(door) is seat:
                del self._seats[door]

    def minute(self, door: UUID, cell: bytes) -> None:
        """A door told its minute: its newest cell goes to the others of its group, those that listen later too."""
        rows = self._console.store.rows(
            """SELECT other.id, own.slot FROM doors AS own JOIN doors AS other
            ON other.door_group = own.door_group AND other.retired_at IS NULL AND other.paired_at IS NOT NULL
            WHERE own.id = ? AND own.retired_at IS NULL AND other.id != own.id""",
            (door.bytes,),
        )
        others = [UUID(bytes=other) for other, _ in rows]
        for other, (_, slot) in zip(others, rows, strict=True):
            self._cells.setdefault(other, {})[slot] = cell
        self.wake((door, *others))

    def waiting(self, door: UUID) -> list[tuple[int, bytes]]:
        """The cells this door has not been passed yet, each with its sender's slot; they are handed out once."""
        return list(self._cells.pop(door, {}).items())


def relay(app: Flask) -> Relay:
    """The relay of this console."""
    found: Relay = app.extensions[EXTENSION]
    return found
