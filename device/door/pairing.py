"""Owns how this door and a console come to know each other: a promised number, six digits on two screens, keys pinned once.

    1 the office beside the door asks for it     4 our number; both screens show the same digits
    2 our keys, and the promise of our number    5 the person before the door says whether they are the same
    3 the console's keys and its number          6 the console says that it is paired: only now its keys count

A link that makes something up gets other digits. A door that is paired takes no other console's keys, so whoever comes
later cannot change who opens its days. What never happens here: a key pinned before two people have compared; a socket.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from device.contract import console as words
from device.contract.office import Stage
from device.contract.words import Blob, Message
from device.door import custodians
from device.door.console import Console, Pinned
from device.door.custodians import Custodians
from device.door.keys import KeyStore
from device.door.people import People
from device.door.ports import Clock
from device.door.store import Store

GOOD: Final = timedelta(minutes=15)
"""As long as a ticket. Source: design section 4, pairing."""
NUMBER_BYTES: Final = 32
"""Of a key of Ed25519 or X25519, of a promise, and of either side's number."""


@dataclass(slots=True, repr=False)
class _Meeting:
    """One pairing, from being asked for to its end."""

    until: datetime
    stage: Stage = Stage.ASKED
    link: bytes = b""
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(NUMBER_BYTES))
    offered: words.Offered | None = None
    digits: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What a pairing reads and pins."""

    store: Store
    keys: KeyStore
    people: People
    console: Console
    custodians: Custodians
    clock: Clock


class Pairing:
    """The pairing under way, in memory only; a door that starts anew wants a new ticket."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._meeting: _Meeting | None = None
        self.say: Callable[[Message], object] = lambda _: None
        """Tells the link."""

    # --- the office beside the door, and the person before it --------------------------------------------------------

    def begin(self, now: datetime) -> None:
        """Somebody who may command this door left a ticket for the link; without that no introduction is answered."""
        self._meeting = _Meeting(until=now + GOOD)

    @property
    def paired(self) -> bool:
        """Whether a console's keys are pinned."""
        return self._parts.console.pinned is not None

    def stage(self, now: datetime) -> Stage:
        """How far it is."""
        meeting = self._under_way(now)
        return Stage.NONE if meeting is None else meeting.stage

    def digits(self, now: datetime) -> str | None:
        """The digits, while somebody has to compare them here."""
        meeting = self._under_way(now)
        return meeting.digits if meeting is not None and meeting.stage is Stage.COMPARE else None

    def compared(self, now: datetime, *, same: bool) -> None:
        """What the person before the door said; said once."""
        meeting = self._under_way(now)
        if meeting is None or meeting.stage is not Stage.COMPARE:
            return
        meeting.stage = Stage.WAITING if same else Stage.REFUSED
        self.say(words.Compared(same=same))

    # --- the link ----------------------------------------------------------------------------------------------------

    def hear(self, message: Message) -> None:
        """
        What the link says; what does not fit where the pairing stands is nothing.

        Raises: VaultError when the keys cannot be pinned; then nothing is.
        """
        now = self._parts.clock.now()
        meeting = self._under_way(now)
        if meeting is None:
            return
        match message:
            case words.AskIntroduction(link=link) if meeting.stage is Stage.ASKED and len(link) == NUMBER_BYTES:
                self._introduce(meeting, bytes(link))
            case words.Offered() if meeting.stage is Stage.ASKED and meeting.offered is None and meeting.link:
                self._offered(meeting, message)
            case words.PairedIs(paired=paired):
                self._ended(meeting, now, paired=paired)

    def _introduce(self, meeting: _Meeting, link: bytes) -> None:
        """2 Our number is promised before theirs is known; another introduction gets another number."""
        meeting.link, meeting.nonce = link, secrets.token_bytes(NUMBER_BYTES)
        self.say(
            words.Introduction(
                device=Blob(self._parts.keys.public),
                commitment=Blob(commitment(self._parts.keys.public, link, meeting.nonce)),
                about=self._parts.people.count() > 0,
            )
        )

    def _offered(self, meeting: _Meeting, offered: words.Offered) -> None:
        """3 and 4: what they say is taken down, and only then our number is told."""
        theirs = (offered.link, offered.policy, offered.incident, offered.evidence, offered.statement, offered.nonce)
        if any(len(one) != NUMBER_BYTES for one in theirs) or offered.link != meeting.link or not self._may_be(offered):
            meeting.stage = Stage.REFUSED
            self.say(words.Compared(same=False))
            return
        meeting.offered = offered
        meeting.digits = digits_of(self._parts.keys.public, offered, meeting.nonce)
        meeting.stage = Stage.COMPARE
        self.say(words.Revealed(nonce=Blob(meeting.nonce)))

    def _may_be(self, offered: words.Offered) -> bool:
        """A door that is paired may only be paired again with the same console and custodians."""
        pinned, keys = self._parts.console.pinned, self._parts.custodians.in_force()
        return pinned is None or (pinned.policy == offered.policy and keys == _keys(offered))

    def _ended(self, meeting: _Meeting, now: datetime, *, paired: bool) -> None:
        """6 Pinned, all of it or nothing, and only what was compared here and said to be the same."""
        if meeting.offered is None or meeting.stage is not Stage.WAITING or not paired:
            meeting.stage = Stage.REFUSED
            return
        parts, offered = self._parts, meeting.offered
        with parts.store.transaction():
            parts.console.pin(Pinned(offered.door, bytes(offered.policy), bytes(offered.link)), now)
            parts.custodians.pin(_keys(offered), now)
        meeting.stage = Stage.PAIRED

    def _under_way(self, now: datetime) -> _Meeting | None:
        if self._meeting is not None and now >= self._meeting.until:
            self._meeting = None
        return self._meeting


def commitment(device: bytes, link: bytes, nonce: bytes) -> bytes:
    """The promise of our number, 32 bytes."""
    return hashlib.sha256(b"byleave-pair-1\0" + device + link + nonce).digest()


def digits_of(device: bytes, offered: words.Offered, nonce: bytes) -> str:
    """The six digits, from everything that was exchanged; `nonce` is ours."""
    said = (device, offered.link, offered.door.bytes, *_offer(offered), nonce)
    drawn = int.from_bytes(hashlib.sha256(b"byleave-digits-1\0" + b"".join(said)).digest()[:8], "big")
    return f"{drawn % 10**words.PAIR_DIGITS:0{words.PAIR_DIGITS}}"


def _offer(offered: words.Offered) -> tuple[bytes, ...]:
    return offered.policy, offered.incident, offered.evidence, offered.statement, offered.nonce


def _keys(offered: words.Offered) -> custodians.Keys:
    return custodians.Keys(bytes(offered.incident), bytes(offered.evidence), bytes(offered.statement))
