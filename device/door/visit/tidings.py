"""Owns the ports through which the screen learns what does not come from the visit itself: the office, the other doors, a
pairing under way. A door by itself has none of it, and says so in the same words.

What never happens here: anything real; telling one person of another.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from device.contract import screen
from device.contract.words import Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class ToAll:
    """What the idle screen tells everybody."""

    testing: bool = False
    notice_on: datetime | None = None
    alone_since: datetime | None = None
    announced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReaders:
    """What the notice page tells whoever opens it."""

    asked: tuple[screen.Asked, ...] = ()
    custodians_on: tuple[datetime, ...] = ()
    doors_on: tuple[datetime, ...] = ()
    custodians: Blob | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToOne:
    """What a person's own page tells that person of others' acts."""

    renew_by: datetime | None = None
    looks: tuple[screen.Look, ...] = ()
    asked: tuple[screen.Asked, ...] = ()
    evidence_asked: tuple[datetime, ...] = ()


class Tidings(Protocol):
    """What came from the office."""

    def to_all(self, now: datetime) -> ToAll:
        """For the idle screen."""

    def to_readers(self, now: datetime) -> ToReaders:
        """For the notice page."""

    def to_one(self, person: UUID, now: datetime) -> ToOne:
        """For this person's own page."""


class Doors(Protocol):
    """The other doors that share people with this one."""

    def others(self) -> int:
        """How many there are."""

    def withdraw_everywhere(self, person: UUID, now: datetime) -> int:
        """Have every other door withdraw this person's face, too; how many have not confirmed it yet."""

    def unconfirmed(self, person: UUID) -> int:
        """How many have not confirmed an earlier withdrawal of this person."""


class Pairs(Protocol):
    """A pairing under way."""

    def digits(self, now: datetime) -> str | None:
        """What the console's screen must show as well, while that is to be compared here."""

    def compared(self, now: datetime, *, same: bool) -> None:
        """What the person before the door said of it."""


class Joins(Protocol):
    """How the office's key comes from door to door."""

    def digits(self, now: datetime) -> str | None:
        """What is to be typed at another door, while this one still wants the key."""

    def typed(self, digits: str, now: datetime) -> bool:
        """Digits of a new door were typed here; whether they were right, and the key goes to it."""


class Alone:
    """A door by itself: no console, no other door, nothing to tell."""

    def to_all(self, now: datetime) -> ToAll:
        """Nothing."""
        del now
        return ToAll()

    def to_readers(self, now: datetime) -> ToReaders:
        """Nothing."""
        del now
        return ToReaders()

    def to_one(self, person: UUID, now: datetime) -> ToOne:
        """Nothing."""
        del person, now
        return ToOne()

    def others(self) -> int:
        """None."""
        return 0

    def withdraw_everywhere(self, person: UUID, now: datetime) -> int:
        """Nobody to confirm."""
        del person, now
        return 0

    def unconfirmed(self, person: UUID) -> int:
        """Nobody to confirm."""
        del person
        return 0

    def digits(self, now: datetime) -> str | None:
        """Nothing to compare or to type."""
        del now
        return None  # a port's answer, not a missing one

    def compared(self, now: datetime, *, same: bool) -> None:
        """Nothing was compared."""

    def typed(self, digits: str, now: datetime) -> bool:
        """No door is new."""
        del digits, now
        return False
