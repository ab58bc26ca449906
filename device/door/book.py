"""Owns the badge book: whose badge and PIN count in this office, and therefore at this door; the same book at every door.

Of two badges of one person the later one counts; of two people who drew one PIN the earlier keeps it and the other's is
void. Both follow from the book alone, so that all doors agree in whatever order they hear of it. What never happens here: a
badge or a PIN in clear, only digests under the office's key; anything about a face.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from device.door.consent import Event, Who
from device.door.deadlines import Due, ask
from device.door.group import Group
from device.door.journal import Journal
from device.door.matters import Badge, Kind, Matters
from device.door.store import Store
from device.door.times import days, seconds
from device.errors import VaultError

STRANGERS_DAYS: Final = 30
"""How long the badge of somebody who is not admitted here is kept when no door tells of it any more."""

CLOCKS_APART_S: Final = 120
"""How far two doors' clocks may be apart."""


class Book:
    """The badge book of one door."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._group = Group(store)
        self._matters = Matters(store)

    def made(self, person: UUID, badge_digest: bytes, pin_digest: bytes, now: datetime, *, again: bool = False) -> None:
        """
        This person's badge and PIN were made here, in the caller's transaction; the older ones count nowhere any more.

        `again`: there was a badge, and its PIN was not shown, so that what was theirs is shut at every door.
        Raises: VaultError when this door has not got the office's key yet; the badge would open nothing elsewhere.
        """
        if self._group.waits:
            raise VaultError("This door has not joined the others yet. Please use another door, or ask the office.")
        with self._store.transaction():
            before = self.of(person)
            # A clock that is behind another door's makes no badge older than the one it replaces.
            made_at = seconds(now) if before is None else max(seconds(now), before.made_at + 1)
            resets = 0 if before is None else (before.resets + again) % 256
            badge = Badge(person, badge_digest, pin_digest, made_at, resets)
            self._write(badge, now)
            self._matters.put(badge)

    def take(self, badge: Badge, now: datetime) -> None:
        """Another door made this badge, in the caller's transaction; nothing when a later one or this person's end is known."""
        if self._store.row("SELECT 1 FROM people WHERE id = ? AND ended_at IS NOT NULL", (badge.person.bytes,)):
            return
        known = self.of(badge.person)
        if known is None or known.order < badge.order:
            # A badge of this person that waits to be told is the older one; it is not worth telling any more.
            self._matters.drop(badge.person, Kind.BADGE)
            self._write(badge, now)
            # The code it was made with is good once, at whichever door.
            query = "DELETE FROM invitations WHERE person = ? AND since <= ?"
            self._store.run(query, (badge.person.bytes, badge.made_at + CLOCKS_APART_S))
            if known is not None and known.resets != badge.resets:
                self._shut(badge.person, now)
        else:
            query = "UPDATE book SET told_at = ? WHERE person = ? AND told_at < ?"
            self._store.run(query, (seconds(now), badge.person.bytes, seconds(now) - days(1)))

    def admitted(self, person: UUID) -> None:
        """This person is admitted here, in the caller's transaction: the badge made at another door opens here, too."""
        with self._store.transaction():
            self._settle({person.bytes})

    def ended(self, person: UUID) -> None:
        """This person's badge and PIN go, in the caller's transaction."""
        with self._store.transaction():
            affected = {person.bytes, *self._sharing(self.of(person))}
            self._matters.drop(person, Kind.BADGE)
            self._store.run("DELETE FROM book WHERE person = ?", (person.bytes,))
            self._settle(affected)

    def pin_is_free(self, pin_digest: bytes) -> bool:
        """
        Whether this PIN is this door's to give: nobody in the office has it, and no other door can be drawing it just now.

        Each place of the group draws from an eighth of the PINs, by their digests.
        """
        slot = self._group.slot
        if slot is not None and self._group.others and pin_digest[-1] % 8 != slot:
            return False
        return self._store.row("SELECT 1 FROM book WHERE pin = ?", (pin_digest,)) is None

    def count(self) -> int:
        """How many badges count in this office."""
        return int(self._store.row("SELECT count(*) FROM book")[0])

    def of(self, person: UUID) -> Badge | None:
        """This person's entry."""
        found = self._badges("SELECT person, digest, pin, made_at, resets FROM book WHERE person = ?", person.bytes)
        return found[0] if found else None

    def entries(self) -> tuple[Badge, ...]:
        """The whole book, in the order of the ids."""
        return self._badges("SELECT person, digest, pin, made_at, resets FROM book ORDER BY person")

    def after(self, person: bytes, most: int) -> tuple[Badge, ...]:
        """Entries of people admitted here, in the order of their ids after this one, and from the beginning again."""
        query = """SELECT person, digest, pin, made_at, resets FROM book JOIN people ON people.id = person
            WHERE ended_at IS NULL ORDER BY person <= ?, person LIMIT ?"""
        return self._badges(query, person, most)

    def prune(self, now: datetime) -> None:
        """Remove the badges of people who were never admitted here and of whom no door tells any more."""
        before = seconds(now) - days(STRANGERS_DAYS)
        rows = self._store.rows("SELECT person FROM book WHERE told_at < ? AND person NOT IN (SELECT id FROM people)", (before,))
        for (person,) in rows:
            self.ended(UUID(bytes=person))

    def _shut(self, person: UUID, now: datetime) -> None:
        """Whoever has the new badge had not the old PIN and may be anybody: openings go, and a template with the next sweep."""
        Journal(self._store).drop_openings(person, now)
        if self._store.row("SELECT 1 FROM people WHERE id = ?", (person.bytes,)):
            ask(self._store, person, Due(Event.CARD_RESET, Who.DOOR), now)

    def _write(self, badge: Badge, now: datetime) -> None:
        affected = {badge.person.bytes, *self._sharing(self.of(badge.person)), *self._sharing(badge)}
        self._store.run(
            """INSERT INTO book VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (person) DO UPDATE SET digest = excluded.digest,
            pin = excluded.pin, made_at = excluded.made_at, resets = excluded.resets, told_at = excluded.told_at""",
            (badge.person.bytes, badge.digest, badge.pin, badge.made_at, badge.resets, seconds(now)),
        )
        self._settle(affected)

    def _sharing(self, badge: Badge | None) -> set[bytes]:
        if badge is None:
            return set()
        return {person for (person,) in self._store.rows("SELECT person FROM book WHERE pin = ?", (badge.pin,))}

    def _settle(self, people: Iterable[bytes]) -> None:
        """What the book says of these people is what opens here, for those of them who are admitted."""
        query = """SELECT person, digest, pin, made_at, resets FROM book JOIN people ON people.id = person
            WHERE person = ? AND ended_at IS NULL"""
        found = [badge for person in people for badge in self._badges(query, person)]
        for person in people:
            self._store.run("DELETE FROM badges WHERE person = ?", (person,))
        for badge in found:
            values = (badge.person.bytes, badge.digest, self._pin(badge))
            self._store.run("INSERT INTO badges (person, digest, pin) VALUES (?, ?, ?)", values)

    def _pin(self, badge: Badge) -> bytes:
        query = "SELECT person FROM book WHERE pin = ? ORDER BY made_at, digest LIMIT 1"
        keeps = bytes(self._store.row(query, (badge.pin,))[0]) == badge.person.bytes
        # No PIN has this digest, for it is not one under the office's key.
        return badge.pin if keeps else hashlib.sha256(b"byleave-void-pin-1\0" + badge.digest).digest()

    def _badges(self, query: str, *values: bytes | int) -> tuple[Badge, ...]:
        return tuple(Badge(UUID(bytes=row[0]), *row[1:]) for row in self._store.rows(query, values))
