"""Owns who is admitted: people by random id, their one-time codes, badges and PINs, of which only keyed digests are kept.

A code is this door's own business and lies under a key of its own; badges and PINs are the whole office's.

What never happens here: a name, a choice, anything about a face.
"""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract.office import PersonLine
from device.door import badges
from device.door.book import Book
from device.door.consent import Event, Who
from device.door.deadlines import Due, ask
from device.door.group import Group
from device.door.hours import local_day
from device.door.journal import Journal
from device.door.keys import KeyStore
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import PolicyRefused, Unknown

CODE_DIGITS: Final = 10
_CODE: Final = b"byleave-code-1\0"
"""A code crosses only as SHA-256 of this and its digits."""
PIN_DIGITS_LEAST: Final = 4
PIN_SPACE: Final = 1000
"""Possible PINs for each PIN that is allocated. Source: ALT-09 (10 people: 4 digits, 100: 5, 1,000: 6)."""


@dataclass(frozen=True, slots=True, repr=False)
class Redeemed:
    """A badge and a PIN, to be shown once."""

    person: UUID
    badge: bytes
    pin: str
    again: bool
    """There was a badge before and its PIN was not shown: what was theirs stays shut, and a template goes."""


class People:
    """Everybody this door admits."""

    def __init__(self, store: Store, keys: KeyStore, zone: ZoneInfo | None = None) -> None:
        self._store = store
        self._keys = keys
        self._zone = zone or ZoneInfo("UTC")
        self._book = Book(store)
        self._group = Group(store)

    def invite(self, now: datetime, until: datetime) -> tuple[UUID, str]:
        """A new person, and the one-time code that makes them a badge and a PIN until then."""
        person = UUID(bytes=secrets.token_bytes(16), version=4)
        with self._store.transaction():
            self._store.run("INSERT INTO people (id, invited_at) VALUES (?, ?)", (person.bytes, seconds(now)))
            return person, self._code(person, now, until)

    def invite_again(self, person: UUID, now: datetime, until: datetime) -> str:
        """
        A new code for somebody whose code or badge is lost; an older code dies. The badge works on until it is made anew.

        Raises: Unknown when nobody active has this id.
        """
        if not self.active(person):
            raise Unknown("Nobody who is admitted here has this id.")
        return self._code(person, now, until)

    def redeem(self, code: str, now: datetime, old_pin: str | None = None) -> Redeemed:
        """
        The badge and the PIN of whoever holds this code; the code and any older badge die.

        Without the old PIN a template is matched no more from here on, and goes with the next forgetting or sweep.

        Raises: Unknown for a code that is wrong, used, reissued or too old.
        """
        with self._store.transaction():
            query = """SELECT invitations.person FROM invitations LEFT JOIN admitted USING (person)
                WHERE digest = :digest AND until > :now AND coalesce(begins_at, 0) <= :now
                AND (ends_at IS NULL OR ends_at > :now)"""
            row = self._store.row(query, {"digest": self._digest("code", code_digest(code)), "now": seconds(now)})
            if row is None:
                raise badges.unknown()
            person = UUID(bytes=row[0])
            again = self._is_another(person, old_pin)
            badge_id, badge = badges.make(self._keys)
            self._store.run("DELETE FROM invitations WHERE person = ?", (person.bytes,))
            if again:
                # Whoever holds a new code and not the old PIN may be anybody; the record was the person's alone.
                Journal(self._store).drop_openings(person, now)
                ask(self._store, person, Due(Event.CARD_RESET, Who.DOOR), now)
            pin, pin_digest = self._draw_pin()
            self._book.made(person, self._digest("badge", badge_id), pin_digest, now, again=again)
            today = days(local_day(now, self._zone))
            query = "UPDATE people SET collected_on = coalesce(collected_on, ?) WHERE id = ?"
            self._store.run(query, (today, person.bytes))
            query = "INSERT OR REPLACE INTO collected SELECT person, ? FROM admitted WHERE person = ?"
            self._store.run(query, (today, person.bytes))
        return Redeemed(person, badge, pin, again)

    def by_badge(self, payload: bytes) -> UUID:
        """
        Whose badge this is.

        Raises: Unknown for anything that is not a badge in force at this door.
        """
        digest = self._digest("badge", badges.read(payload, self._keys, self._group.signers()))
        return self._found("SELECT person FROM badges WHERE digest = ?", digest)

    def by_pin(self, pin: str) -> UUID:
        """
        Whose PIN this is. Only its keyed digest is looked up, so the time taken says nothing about any PIN.

        Raises: Unknown when it is nobody's.
        """
        return self._found("SELECT person FROM badges WHERE pin = ?", self._digest("pin", pin.encode()))

    def active(self, person: UUID) -> bool:
        """Whether this person is admitted here."""
        return self._store.row("SELECT 1 FROM people WHERE id = ? AND ended_at IS NULL", (person.bytes,)) is not None

    def known(self, person: UUID) -> None:
        """
        Nothing, when this person was ever invited here.

        Raises: Unknown when not.
        """
        if self._store.row("SELECT 1 FROM people WHERE id = ?", (person.bytes,)) is None:
            raise Unknown("Nobody who was invited here has this id.")

    def admit(self, person: UUID, now: datetime) -> None:
        """
        The office admits this person here: from now on, or again after an earlier end. In the policy's transaction.

        Whoever comes back begins anew, as if nothing had ever been chosen; the choice log keeps what was.
        """
        with self._store.transaction():
            query = "INSERT INTO people (id, invited_at) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET ended_at = NULL"
            self._store.run(query, (person.bytes, seconds(now)))
            self._store.run("DELETE FROM consents WHERE person = ? AND state = 'ended'", (person.bytes,))
            self._book.admitted(person)

    def put_code(self, person: UUID, digest: bytes | None, now: datetime, until: datetime) -> None:
        """
        The code that the office has in force for this person, or none; one that was used here stays used.

        Raises: PolicyRefused when it is somebody else's, too.
        """
        with self._store.transaction():
            of = (person.bytes,)
            if digest is None:
                self._store.run("DELETE FROM invitations WHERE person = ?", of)
                return
            kept = self._digest("code", digest)
            if self._store.row("SELECT 1 FROM invitations WHERE digest = ? AND person IS NOT ?", (kept, *of)):
                raise PolicyRefused("Two people cannot have the same code.")
            if self._store.row("SELECT 1 FROM admitted WHERE person = ? AND code = ?", (*of, kept)):
                self._store.run("UPDATE invitations SET until = ? WHERE person = ? AND digest = ?", (seconds(until), *of, kept))
                return
            self._store.run("INSERT OR REPLACE INTO invitations VALUES (?, ?, ?, ?)", (*of, kept, seconds(until), seconds(now)))
            self._store.run("UPDATE admitted SET code = ? WHERE person = ?", (kept, *of))

    def end(self, person: UUID, now: datetime) -> None:
        """This person leaves: code, badge and PIN go, in the caller's transaction."""
        with self._store.transaction():
            self._store.run("DELETE FROM invitations WHERE person = ?", (person.bytes,))
            self._book.ended(person)
            for table in ("admitted", "looks"):
                self._store.run(f"DELETE FROM {table} WHERE person = ?", (person.bytes,))  # noqa: S608  # fixed list
            query = "UPDATE people SET ended_at = coalesce(ended_at, ?) WHERE id = ?"
            self._store.run(query, (seconds(now), person.bytes))

    def lines(self, after: UUID | None, most: int) -> tuple[PersonLine, ...]:
        """What the office may know of its people, in the order they were invited, after this one."""
        begin = 0
        if after is not None:
            row = self._store.row("SELECT number FROM people WHERE id = ?", (after.bytes,))
            if row is None:
                raise Unknown("Nobody who was invited here has this id.")
            begin = row[0]
        query = "SELECT id, invited_at, collected_on, ended_at FROM people WHERE number > ? ORDER BY number LIMIT ?"
        return tuple(
            PersonLine(
                person=UUID(bytes=person),
                invited_at=moment(invited_at),
                collected_on=None if collected_on is None else moment(collected_on),
                ended=ended_at is not None,
            )
            for person, invited_at, collected_on, ended_at in self._store.rows(query, (begin, most))
        )

    def count(self) -> int:
        """How many are admitted here."""
        return int(self._store.row("SELECT count(*) FROM people WHERE ended_at IS NULL")[0])

    def prune(self, now: datetime) -> None:
        """Remove the codes that are too old to be of use."""
        if self._store.row("SELECT 1 FROM invitations WHERE until <= ?", (seconds(now),)):
            self._store.run("DELETE FROM invitations WHERE until <= ?", (seconds(now),))

    def _found(self, query: str, digest: bytes) -> UUID:
        row = self._store.row(query, (digest,))
        if row is None:
            raise badges.unknown()
        return UUID(bytes=row[0])

    def _is_another(self, person: UUID, old_pin: str | None) -> bool:
        row = self._store.row("SELECT pin FROM badges WHERE person = ?", (person.bytes,))
        if row is None:
            return False
        return old_pin is None or not hmac.compare_digest(row[0], self._digest("pin", old_pin.encode()))

    def _code(self, person: UUID, now: datetime, until: datetime) -> str:
        with self._store.transaction():
            self._store.run("DELETE FROM invitations WHERE person = ?", (person.bytes,))
            code, digest = self._draw("code", CODE_DIGITS, self._code_is_free)
            values = (person.bytes, digest, seconds(until), seconds(now))
            self._store.run("INSERT INTO invitations VALUES (?, ?, ?, ?)", values)
        return code

    def _draw_pin(self) -> tuple[str, bytes]:
        return self._draw("pin", pin_digits(self._book.count() + 1), self._book.pin_is_free)

    def _code_is_free(self, digest: bytes) -> bool:
        return self._store.row("SELECT 1 FROM invitations WHERE digest = ?", (digest,)) is None

    def _draw(self, kind: str, digits: int, is_free: Callable[[bytes], bool]) -> tuple[str, bytes]:
        while True:
            drawn = f"{secrets.randbelow(10**digits):0{digits}}"
            digest = self._digest(kind, code_digest(drawn) if kind == "code" else drawn.encode())
            if is_free(digest):
                return drawn, digest

    def _digest(self, kind: str, value: bytes) -> bytes:
        # Badges and PINs count at every door of the office; a code is this door's, whatever key it gets later.
        key = self._keys.local_key if kind == "code" else self._keys.office_key
        return hmac.digest(key, kind.encode() + b"\0" + value, "sha256")


def code_digest(code: str) -> bytes:
    """What the console tells a door of a code, 32 bytes."""
    return hashlib.sha256(_CODE + code.encode()).digest()


def pin_digits(allocated: int) -> int:
    """How long a PIN is when so many are allocated, the new one among them; the PINs of people who left do not count."""
    return max(PIN_DIGITS_LEAST, len(str(allocated * PIN_SPACE - 1)))
