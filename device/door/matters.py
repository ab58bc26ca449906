"""Owns what doors tell one another, and its queue: a matter waits in the vault until every door of the group confirmed it.

A newer matter of the same kind about the same person replaces the older one, so that nobody fills the disk by pressing
again. What never happens here: a seal; doing what a matter says; a template or a choice as a word.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from device.contract.words import Hidden
from device.door.store import Store
from device.door.times import days
from device.errors import WireError


class Kind(IntEnum):
    """Kinds of matter; 0 is the end of a cell. The next one is a badge with its rolling secret of 20 bytes."""

    BADGE = 1
    WITHDRAW = 2


@dataclass(frozen=True, slots=True, repr=False)
class Badge(Hidden):
    """This person's badge and PIN, as digests under the office's key."""

    person: UUID
    digest: bytes
    pin: bytes
    made_at: int
    resets: int
    """How often a badge of theirs was made without the old PIN, modulo 256."""

    @property
    def order(self) -> tuple[int, bytes]:
        """Of two badges of one person the later one counts, at every door the same one."""
        return self.made_at, self.digest


@dataclass(frozen=True, slots=True, repr=False)
class Withdrawal(Hidden):
    """This person asked at some door that no face of theirs be at any; whether there is one is nobody's business."""

    person: UUID
    at: int


Matter = Badge | Withdrawal

REMINDER: Final = 0
"""The number of what is told again without being asked, and confirmed by nobody."""

_BADGE: Final = struct.Struct(">BI16s32s32sIB")
_WITHDRAW: Final = struct.Struct(">BI16sI")
SIZES: Final = {Kind.BADGE: _BADGE.size, Kind.WITHDRAW: _WITHDRAW.size}
REACH_DAYS: Final = 30
_FIRST_TRIES: Final = 5
"""How often a withdrawal goes before everything, and anything before what was told as often; then all take turns, so that
a door that is gone holds nothing up."""
_CELLS_KEPT: Final = 128
"""For how many cells it is remembered what they carried; what was confirmed later than that is carried again."""
_LOOKED_AT: Final = 64


def pack(number: int, matter: Matter) -> bytes:
    """One matter as it lies in a cell: kind, its sender's number, and what it says."""
    if isinstance(matter, Badge):
        person, digest, pin = matter.person.bytes, matter.digest, matter.pin
        return _BADGE.pack(Kind.BADGE, number, person, digest, pin, matter.made_at, matter.resets)
    return _WITHDRAW.pack(Kind.WITHDRAW, number, matter.person.bytes, matter.at)


def unpack(data: bytes) -> list[tuple[int, Matter]]:
    """
    Numbers and matters up to the end of a cell.

    Raises: WireError for a kind that this program does not know.
    """
    found: list[tuple[int, Matter]] = []
    while data and data[0]:
        try:
            size = SIZES[Kind(data[0])]
            found.append(_read(data[:size]))
        except (ValueError, struct.error):
            raise WireError("Another door told something that this program does not know.") from None
        data = data[size:]
    return found


def _read(data: bytes) -> tuple[int, Matter]:
    if data[0] == Kind.BADGE:
        _, number, person, digest, pin, made_at, resets = _BADGE.unpack(data)
        return number, Badge(UUID(bytes=person), digest, pin, made_at, resets)
    _, number, person, at = _WITHDRAW.unpack(data)
    return number, Withdrawal(UUID(bytes=person), at)


class Matters:
    """The queue of one door."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, matter: Matter) -> None:
        """Tell this to every other door, in the caller's transaction; nothing when there is none."""
        if self._store.row("SELECT 1 FROM siblings WHERE public IS NOT (SELECT device FROM door)") is None:
            return
        kind = Kind.BADGE if isinstance(matter, Badge) else Kind.WITHDRAW
        with self._store.transaction():
            self.drop(matter.person, kind)
            self._store.run("UPDATE cells SET number = number + 1")
            number = int(self._store.row("SELECT number FROM cells")[0])
            values = (number, kind.value, matter.person.bytes, pack(number, matter))
            self._store.run("INSERT INTO matters (number, kind, person, packed) VALUES (?, ?, ?, ?)", values)
            if isinstance(matter, Withdrawal):
                query = "INSERT INTO reaches SELECT ?, public, ? FROM siblings WHERE public IS NOT (SELECT device FROM door)"
                self._store.run(query, (number, matter.at))

    def drop(self, person: UUID, kind: Kind) -> None:
        """Tell no more of this, in the caller's transaction."""
        self._store.run("DELETE FROM matters WHERE person = ? AND kind = ?", (person.bytes, kind.value))

    def load(self, cell: int, room: int) -> bytes:
        """What this cell carries of what waits, in so many bytes at most; it is noted, in the caller's transaction."""
        rows = self._store.rows(
            """SELECT number, packed FROM matters
            ORDER BY NOT (kind = :first AND sent < :tries), min(sent, :tries), cell, number LIMIT :most""",
            {"first": Kind.WITHDRAW.value, "tries": _FIRST_TRIES, "most": _LOOKED_AT},
        )
        loaded = b""
        for number, packed in rows:
            if len(loaded) + len(packed) <= room:
                loaded += packed
                self._store.run("UPDATE matters SET sent = sent + 1, cell = ? WHERE number = ?", (cell, number))
                self._store.run("INSERT INTO carried VALUES (?, ?)", (number, cell))
        if loaded:
            self._store.run("DELETE FROM carried WHERE cell <= ?", (cell - _CELLS_KEPT,))
        return loaded

    def confirm(self, public: bytes, cells: tuple[int, ...]) -> None:
        """The door of this key has done what these cells carried, in the caller's transaction."""
        if not self.waiting():
            return
        for cell in cells:
            query = "INSERT INTO confirmed SELECT matter, ? FROM carried WHERE cell = ? ON CONFLICT DO NOTHING"
            self._store.run(query, (public, cell))
        self.settle()

    def settle(self) -> None:
        """
        Let go of what every other door has confirmed, in the caller's transaction; also when the doors have changed.

        A withdrawal waits for the doors there were when it was made, for 30 days: a console that leaves one out, and brings it
        back, has confirmed nothing.
        """
        self._store.run("DELETE FROM reaches WHERE since + ? <= (SELECT seen_at FROM door)", (days(REACH_DAYS),))
        self._store.run(
            """DELETE FROM matters WHERE NOT EXISTS (
            SELECT 1 FROM siblings WHERE public IS NOT (SELECT device FROM door)
            AND public NOT IN (SELECT public FROM confirmed WHERE matter = number))
            AND NOT EXISTS (SELECT 1 FROM reaches WHERE matter = number
            AND public NOT IN (SELECT public FROM confirmed WHERE matter = number))"""
        )

    def unconfirmed(self, person: UUID) -> int:
        """How many doors have not confirmed yet that this person's withdrawal is done there."""
        row = self._store.row(
            """SELECT count(*) FROM reaches JOIN matters ON number = matter AND kind = ? AND person = ?
            WHERE public NOT IN (SELECT public FROM confirmed WHERE matter = number)""",
            (Kind.WITHDRAW.value, person.bytes),
        )
        return int(row[0])

    def waiting(self) -> int:
        """How many matters wait for some door."""
        return int(self._store.row("SELECT count(*) FROM matters")[0])

    def lowest(self) -> int:
        """The number below which nothing waits."""
        return int(self._store.row("SELECT coalesce(min(number), (SELECT number + 1 FROM cells)) FROM matters")[0])
