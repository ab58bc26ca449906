"""Owns what this door knows of its console: the keys pinned at pairing, where policy stands, when it was last heard, test mode.

What never happens here: taking anything the console says for granted; a socket.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from device.door.store import Store
from device.door.times import moment, seconds

ALONE_AFTER: Final = timedelta(days=30)
"""Without a signed word of the console for this long the face stops; badge and PIN go on. Source: design section 4, policy."""
TESTING_MOST: Final = timedelta(minutes=15)
"""Test mode ends by itself after this."""


@dataclass(frozen=True, slots=True)
class Pinned:
    """What was compared at pairing: this door's id, and the keys of the console and of the link."""

    door: UUID
    policy: bytes
    link: bytes


class Console:
    """The console, as this door knows it; before pairing there is none, and everything says so."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pin(self, pinned: Pinned, now: datetime) -> None:
        """Paired: these keys count now, an older console's no more, nor what waited for it. In the caller's transaction."""
        values = (pinned.door.bytes, pinned.policy, pinned.link, seconds(now), seconds(now))
        with self._store.transaction():
            self._store.run("DELETE FROM console")
            self._store.run("DELETE FROM outbox")
            self._store.run(
                "INSERT INTO console (one, door, policy, link, paired_at, heard_at) VALUES (1, ?, ?, ?, ?, ?)", values
            )

    @property
    def pinned(self) -> Pinned | None:
        """What was pinned; nothing before pairing."""
        row = self._store.row("SELECT door, policy, link FROM console")
        return None if row is None else Pinned(UUID(bytes=row[0]), row[1], row[2])

    @property
    def number(self) -> int:
        """The last policy applied; 0 before any."""
        return self._number("number")

    @property
    def act(self) -> int:
        """The last command that was taken up."""
        return self._number("act")

    def alone_since(self, now: datetime) -> datetime | None:
        """Since when the console is away, once that stops the face; nothing before pairing."""
        row = self._store.row("SELECT heard_at FROM console")
        if row is None:
            return None
        heard_at = moment(row[0])
        return heard_at if now >= heard_at + ALONE_AFTER else None

    def testing(self, now: datetime) -> bool:
        """Whether test mode is on: nothing opens, nothing is recorded; never longer than its quarter of an hour."""
        until = moment(self._number("testing_until"))
        return now < until <= now + TESTING_MOST

    def test(self, until: datetime | None) -> None:
        """Test mode until then, or not at all."""
        self._store.run("UPDATE console SET testing_until = ?", (0 if until is None else seconds(until),))

    def applied(self, number: int, told_at: datetime, now: datetime) -> None:
        """
        This policy stands now, in the caller's transaction.

        The console was heard when it said so, and not when it came: what was held back or replayed makes nothing fresh.
        """
        query = "UPDATE console SET number = ?, heard_at = max(heard_at, ?)"
        self._store.run(query, (number, seconds(min(told_at, now))))

    def take_up(self, act: int, now: datetime) -> None:
        """This command is being obeyed: once, even if the power goes."""
        query = "UPDATE console SET act = ?, acting = ?, heard_at = max(heard_at, ?)"
        self._store.run(query, (act, act, seconds(now)))

    def acted(self) -> int | None:
        """The command that was being obeyed, which it is no more. In the caller's transaction."""
        row = self._store.row("SELECT acting FROM console WHERE acting IS NOT NULL")
        if row is None:
            return None
        self._store.run("UPDATE console SET acting = NULL")
        return int(row[0])

    def _number(self, column: str) -> int:
        row = self._store.row(f"SELECT {column} FROM console")  # noqa: S608  # one of our own column names
        return 0 if row is None else int(row[0])
