"""Owns how a door and a console come to know each other: a ticket good once, and six digits compared on both screens.

The door promises its number before it sees the console's, and tells it after, so that nobody between them can choose keys
that give the same digits. What never happens here: a key kept before two people have said that the digits are the same.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest, digest
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask, current_app
from gevent.event import Event

from admin import certificate, custodians, marks
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.link import policy
from admin.marks import Kind
from device.contract.console import PAIR_DIGITS, Custodians

EXTENSION: Final = "byleave-pairings"
GOOD_FOR: Final = timedelta(minutes=15)
SECRET_BYTES: Final = 16
KEY_BYTES: Final = 32
"""Of an Ed25519 or X25519 public key, of a SHA-256, and of either side's number."""
ANYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104  (recognised, not listened on)


class Stage(StrEnum):
    """How far a pairing has come."""

    NONE = "none"
    """Nobody is pairing this door now."""
    TICKET = "ticket"
    """A ticket is out, and no door has come with it."""
    MET = "met"
    """A door has come; its digits follow in a moment."""
    COMPARE = "compare"
    """Both screens show digits, and nobody here has said whether they are the same."""
    WAITING = "waiting"
    """Same, it was said here; the person before the door has not said so yet."""
    PAIRED = "paired"
    REFUSED = "refused"
    """Somebody said different, or what came did not fit together. A new ticket begins again."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Offer:
    """What the console tells a door that came with a ticket; bytes are 32 each."""

    door: UUID
    policy: bytes
    incident: bytes
    evidence: bytes
    statement: bytes
    nonce: bytes


@dataclass(slots=True, kw_only=True, repr=False)
class _Meeting:
    secret: bytes
    until: datetime
    device: bytes
    link: bytes
    commitment: bytes
    peopled: bool
    offer: Offer
    digits: str | None = None
    here: bool | None = None
    there: bool | None = None
    outcome: bool | None = None
    bell: Event = field(default_factory=Event)


class Pairings:
    """The pairings under way, in memory only; a console that starts anew asks for new tickets."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._meetings: dict[UUID, _Meeting] = {}

    # --- the office's side -------------------------------------------------------------------------------------------

    def ticket(self, door: UUID) -> str:
        """
        One line for whoever stands at the door, good once and for 15 minutes; an older one of this door is dead.

        Raises: NotThere when the door is unknown or retired; BadInput when there are no custodians yet.
        """
        self._in_use(door)
        self._custodians()
        drawn = secrets.token_bytes(SECRET_BYTES)
        until = int((self._console.clock.now() + GOOD_FOR).timestamp())
        with self._console.store.transaction():
            self._console.store.run("DELETE FROM tickets WHERE door = ? OR until <= ?", (door.bytes, self._now_s()))
            self._console.store.run("INSERT INTO tickets VALUES (?, ?, ?)", (self._digest(drawn), door.bytes, until))
        self._drop(door)
        config = self._console.config
        host = config.name if config.host in ANYWHERE or ":" in config.host else config.host
        secret = urlsafe_b64encode(drawn).decode().rstrip("=")
        return f"byleave:{host}:{config.port}:{certificate.fingerprint(config)}:{secret}"

    def stage(self, door: UUID) -> Stage:
        """How far this door's pairing has come."""
        meeting = self._meeting(door)
        if meeting is None:
            query = "SELECT 1 FROM tickets WHERE door = ? AND until > ?"
            return Stage.TICKET if self._console.store.row(query, (door.bytes, self._now_s())) else Stage.NONE
        if meeting.outcome is not None:
            return Stage.PAIRED if meeting.outcome else Stage.REFUSED
        if meeting.digits is None:
            return Stage.MET
        return Stage.COMPARE if meeting.here is None else Stage.WAITING

    def digits(self, door: UUID) -> str | None:
        """The six digits to compare with the door's screen, while somebody has to; else nothing."""
        meeting = self._meeting(door)
        return None if meeting is None or meeting.outcome is not None else meeting.digits

    def peopled(self, door: UUID) -> bool:
        """Whether the door that came has people of its own already, as it says itself."""
        meeting = self._meeting(door)
        return meeting is not None and meeting.peopled

    def say(self, door: UUID, same: bool) -> None:
        """
        Whether the door's screen shows the same digits; said once.

        Raises: NotThere when there is nothing to compare, or no longer.
        """
        meeting = self._meeting(door)
        if meeting is None or meeting.digits is None or meeting.here is not None or meeting.outcome is not None:
            raise NotThere("There are no digits to compare any more. Make a new ticket.")
        meeting.here = same
        self._decide(meeting)

    # --- the link's side ---------------------------------------------------------------------------------------------

    def met(self, secret: bytes, device: bytes, link: bytes, commitment: bytes, peopled: bool) -> Offer | None:
        """What this door is offered; nothing when the ticket is unknown, spent or too old. The ticket is spent."""
        spent = self._digest(secret)
        with self._console.store.transaction():
            row = self._console.store.row("SELECT door, until FROM tickets WHERE digest = ?", (spent,))
            self._console.store.run("DELETE FROM tickets WHERE digest = ?", (spent,))
        if row is None or row[1] <= self._now_s():
            return None
        door = UUID(bytes=row[0])
        keys = self._custodians()
        offer = Offer(
            door=door,
            policy=self._console.policy_key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw),
            incident=keys.incident,
            evidence=keys.evidence,
            statement=keys.statement,
            nonce=secrets.token_bytes(KEY_BYTES),
        )
        self._drop(door)
        self._meetings[door] = _Meeting(
            secret=spent,
            until=self._console.clock.now() + GOOD_FOR,
            device=device,
            link=link,
            commitment=commitment,
            peopled=peopled,
            offer=offer,
        )
        return offer

    def revealed(self, secret: bytes, nonce: bytes) -> bool:
        """The door tells the number it promised; whether it is that one. Only now are there digits."""
        meeting = self._of(secret)
        if meeting is None or meeting.digits is not None or meeting.outcome is not None:
            return False
        if not compare_digest(committed(meeting.device, meeting.link, nonce), meeting.commitment):
            meeting.outcome = False
            return False
        meeting.digits = digits_of(meeting.device, meeting.link, meeting.offer, nonce)
        return True

    def result(self, secret: bytes, same: bool, within_s: float) -> tuple[bool, bool | None]:
        """Whether the ticket is known, and whether the two are paired; nothing while somebody here has not said yet."""
        meeting = self._of(secret)
        if meeting is None or (meeting.digits is None and meeting.outcome is None):
            return False, None
        if meeting.there is None and meeting.outcome is None:
            meeting.there = same
            self._decide(meeting)
        if meeting.outcome is None:
            meeting.bell.wait(within_s)
        return True, meeting.outcome

    # --- both --------------------------------------------------------------------------------------------------------

    def _decide(self, meeting: _Meeting) -> None:
        if meeting.here and meeting.there:
            meeting.outcome = self._pair(meeting)
        elif meeting.here is False or meeting.there is False:
            meeting.outcome = False
        if meeting.outcome is not None:
            meeting.bell.set()

    def _pair(self, meeting: _Meeting) -> bool:
        """Keep the door's keys, begin its counters anew, and mark all it has to know; False for a door retired meanwhile."""
        door, now_s, store = meeting.offer.door, self._now_s(), self._console.store
        with store.transaction():
            used = store.run(
                """UPDATE doors SET device = ?, link = ?, custodians = ?, paired_at = ?, up = 0, down = 0, stored = 0, joined = 0,
                version = NULL, minute_at = NULL, testing = 0 WHERE id = ? AND retired_at IS NULL""",
                (meeting.device, meeting.link, meeting.offer.incident, now_s, door.bytes),
            )
            if not used:
                return False
            for table in ("joins", "join_parts"):
                store.run(f"DELETE FROM {table} WHERE door = ?", (door.bytes,))  # noqa: S608  (two names of our own)
            store.run("UPDATE commands SET done = 0 WHERE door = ? AND done IS NULL", (door.bytes,))
            store.run("UPDATE alarms SET over_at = ? WHERE door = ? AND over_at IS NULL", (now_s, door.bytes))
            policy.mark_everything(self._console, door)
            group = policy.group(self._console, door)
            marks.mark(self._console, group, Kind.SIBLINGS)
        self._console.wake((door, *group))
        return True

    def _in_use(self, door: UUID) -> None:
        if self._console.store.row("SELECT 1 FROM doors WHERE id = ? AND retired_at IS NULL", (door.bytes,)) is None:
            raise NotThere("There is no such door any more.")

    def _meeting(self, door: UUID) -> _Meeting | None:
        """This door's meeting, for as long as its ticket was good; one that was not decided by then has not been."""
        meeting = self._meetings.get(door)
        if meeting and meeting.until <= self._console.clock.now():
            self._drop(door)
            return None
        return meeting

    def _of(self, secret: bytes) -> _Meeting | None:
        spent = self._digest(secret)
        door = next((door for door, meeting in self._meetings.items() if compare_digest(meeting.secret, spent)), None)
        return None if door is None else self._meeting(door)

    def _drop(self, door: UUID) -> None:
        if (meeting := self._meetings.pop(door, None)) and meeting.outcome is None:
            meeting.outcome = False
            meeting.bell.set()

    def _custodians(self) -> Custodians:
        found = custodians.in_force(self._console)
        if found is None:
            raise BadInput("There are no custodians yet. `byleave admin init` makes their words.")
        return found

    def _digest(self, secret: bytes) -> bytes:
        return digest(self._console.secret, b"byleave-ticket-1\0" + secret, "sha256")

    def _now_s(self) -> int:
        return int(self._console.clock.now().timestamp())


def committed(device: bytes, link: bytes, nonce: bytes) -> bytes:
    """The door's promise of its number, 32 bytes."""
    return sha256(b"byleave-pair-1\0" + device + link + nonce).digest()


def digits_of(device: bytes, link: bytes, offer: Offer, nonce: bytes) -> str:
    """The six digits that both screens show, from all that was exchanged."""
    said = (device, link, offer.door.bytes, offer.policy, offer.incident, offer.evidence, offer.statement, offer.nonce, nonce)
    drawn = int.from_bytes(sha256(b"byleave-digits-1\0" + b"".join(said)).digest()[:8], "big")
    return f"{drawn % 10**PAIR_DIGITS:0{PAIR_DIGITS}}"


def pairings(app: Flask | None = None) -> Pairings:
    """The pairings of this console, by default of the request that is being answered."""
    found: Pairings = (app or current_app).extensions[EXTENSION]
    return found
