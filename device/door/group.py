"""Owns which doors share people with this one, whose badges it believes, and whether it holds the office's key.

The console says which doors there are; that it can add one gives it nothing, for only the office's key opens a cell. What
never happens here: a key; a matter.
"""

import hashlib
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from device.contract.console import GROUP_MOST, Sibling
from device.door.store import Store

VIEW_BYTES: Final = 4
SIGNERS_MOST: Final = 64
"""Doors that an office has had in all its years; a console that tells of more is not heard."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another door of the group."""

    door: UUID
    slot: int
    public: bytes


class Group:
    """The doors of one group, as this door knows them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def put(self, doors: tuple[Sibling, ...]) -> bool:
        """
        These are the doors now, in the caller's transaction; False when that cannot be, and nothing is changed.

        The first door of an office holds its key from the beginning, and so does one that made badges before it was told.
        """
        places = {(one.slot, bytes(one.public)) for one in doors}
        if not _are_a_group(doors, places):
            return False
        with self._store.transaction():
            if self._store.row("SELECT 1 FROM office") is None:
                alone = all(public == self.own for _, public in places)
                joined = alone or self._store.row("SELECT 1 FROM badges") is not None
                self._store.run("INSERT INTO office VALUES (1, ?)", (int(joined),))
            elif all(public == self.own for _, public in places):
                # Nobody is left who could grant the key: this door's own is the office's from now on.
                self.join()
            self._store.run("DELETE FROM siblings")
            for one in doors:
                self._store.run("INSERT INTO siblings VALUES (?, ?, ?)", (one.door.bytes, one.slot, bytes(one.public)))
                self.believe(bytes(one.public))
        return True

    @property
    def own(self) -> bytes:
        """This door's public key, 32 bytes."""
        return bytes(self._store.row("SELECT device FROM door")[0])

    @property
    def slot(self) -> int | None:
        """This door's place, 0 to 7; nothing while it is in no group."""
        row = self._store.row("SELECT slot FROM siblings WHERE public = ?", (self.own,))
        return None if row is None else int(row[0])

    @property
    def others(self) -> tuple[Other, ...]:
        """The other doors, by their places."""
        rows = self._store.rows("SELECT door, slot, public FROM siblings WHERE public IS NOT ? ORDER BY slot", (self.own,))
        return tuple(Other(UUID(bytes=door), slot, public) for door, slot, public in rows)

    def public(self, slot: int) -> bytes | None:
        """The public key of the other door at this place."""
        row = self._store.row("SELECT public FROM siblings WHERE slot = ? AND public IS NOT ?", (slot, self.own))
        return None if row is None else bytes(row[0])

    @property
    def view(self) -> bytes:
        """The group in four bytes: two doors that show the same mean the same door by each place."""
        rows = self._store.rows("SELECT slot, public FROM siblings ORDER BY slot")
        return hashlib.sha256(b"".join(bytes([slot]) + public for slot, public in rows)).digest()[:VIEW_BYTES]

    @property
    def joined(self) -> bool:
        """Whether this door holds the office's key."""
        return self._store.row("SELECT 1 FROM office WHERE joined") is not None

    @property
    def waits(self) -> bool:
        """Whether other doors hold the office's key and this one does not; a badge made now would open nothing elsewhere."""
        return self._store.row("SELECT 1 FROM office WHERE NOT joined") is not None

    def join(self) -> None:
        """This door holds the office's key now, in the caller's transaction."""
        self._store.run("UPDATE office SET joined = 1")

    def signers(self) -> tuple[bytes, ...]:
        """The public keys whose badges count here beside this door's own; a broken door's badges outlive it."""
        return tuple(public for (public,) in self._store.rows("SELECT public FROM signers ORDER BY public"))

    def believe(self, public: bytes) -> None:
        """Badges signed with this key's other half count here from now on."""
        query = "INSERT OR IGNORE INTO signers SELECT ? WHERE (SELECT count(*) FROM signers) < ?"
        self._store.run(query, (public, SIGNERS_MOST))


def _are_a_group(doors: tuple[Sibling, ...], places: set[tuple[int, bytes]]) -> bool:
    slots, publics = {slot for slot, _ in places}, {public for _, public in places}
    return (
        len(doors) == len(slots) == len(publics) == len({one.door for one in doors})
        and all(0 <= slot < GROUP_MOST for slot in slots)
        and all(len(public) == 32 for public in publics)
    )
