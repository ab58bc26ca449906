"""Owns how the office's key and the badge book come to a new door: by digits that a person carries from screen to screen.

The new door shows digits and asks, by way of the console; at a door that has the key somebody types them, and that door
seals key and book to the new one. Without the digits nobody can ask in the new door's place, nor grant a key of their own.
What never happens here: a template; a key in clear outside the two doors; digits on a disk.
"""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from device.contract.console import GROUP_MOST, JOIN_DIGITS, JoinAsked, JoinGranted, JoinSealed, JoinWanted, Record
from device.contract.words import Blob, Digits
from device.door.book import Book
from device.door.group import Group
from device.door.keys import KEY_BYTES, KeyStore
from device.door.matters import REMINDER, SIZES, Badge, Kind, pack, unpack
from device.door.store import Store
from device.door.times import moment, seconds
from device.errors import VaultError

GOOD: Final = timedelta(minutes=15)
WRONG_MOST: Final = 5
TRIED_MOST: Final = 3
TOLD_FOR: Final = timedelta(days=30)
PART_BYTES: Final = 2000
PARTS_MOST: Final = 4096
"""Far more than the 20,000 people of the largest office need."""

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_MAC: Final = 32
_PUBLIC: Final = 32
_SALT: Final = 16

Put = Callable[[Callable[[int], Record]], object]
"""How a record gets into the outbox: what makes it is given its number."""


@dataclass(frozen=True, slots=True, repr=False)
class _Mine:
    """What a new door keeps in memory while its digits are shown."""

    private: X25519PrivateKey
    public: bytes
    salt: bytes
    key: bytes
    until: datetime


@dataclass(frozen=True, slots=True, repr=False)
class _Theirs:
    """What a door that has the key remembers of one that wants it."""

    door: UUID
    public: bytes
    salt: bytes
    proof: bytes
    until: datetime


class Joining:
    """One door's part in it, as the new door or as the one that grants."""

    def __init__(self, store: Store, keys: KeyStore, put: Put) -> None:
        self._store = store
        self._keys = keys
        self._put = put
        self._group = Group(store)
        self._book = Book(store)
        self._mine: _Mine | None = None
        self._parts: dict[int, bytes] = {}
        self._of = 0
        self._theirs: dict[UUID, _Theirs] = {}
        self._wrong: list[datetime] = []
        self._expecting: datetime | None = None

    @property
    def joined(self) -> bool:
        """Whether this door holds the office's key."""
        return self._group.joined

    @property
    def needed(self) -> bool:
        """Whether this door has to ask the others for the office's key."""
        return self._group.waits

    # --- at the new door ---------------------------------------------------------------------------------------------

    def begin(self, now: datetime) -> tuple[Digits, Callable[[int], JoinAsked]]:
        """
        New digits for the screen, good for 15 minutes, and what makes the record that asks; older digits die.

        Raises: VaultError when this door holds the office's key already, or has badges of another.
        """
        if not self.needed or self._book.count():
            raise VaultError("This door has people or a key of its own already, so it cannot join the others.")
        digits = Digits(f"{secrets.randbelow(10**JOIN_DIGITS):0{JOIN_DIGITS}}")
        private, salt = X25519PrivateKey.generate(), secrets.token_bytes(_SALT)
        mine = _Mine(private, private.public_key().public_bytes_raw(), salt, _stretched(digits, salt), now + GOOD)
        self._mine, self._parts = mine, {}
        proof = _proof(mine.key, mine.public)

        def asked(number: int) -> JoinAsked:
            return JoinAsked(number=number, public=Blob(mine.public), salt=Blob(salt), proof=Blob(proof))

        return digits, asked

    def until(self, now: datetime) -> datetime | None:
        """Until when the digits that were shown last are good; nothing when they are not any more."""
        return self._mine.until if self._mine is not None and now < self._mine.until else None

    def sealed(self, part: JoinSealed, now: datetime) -> bool:
        """
        A piece of what another door granted; whether this door holds the office's key now.

        Raises: VaultError when key or book cannot be written; everything may come again.
        """
        mine = self._mine
        if mine is None or not self.needed or now >= mine.until or not 0 <= part.part < part.of <= PARTS_MOST:
            return False
        if part.of != self._of:
            self._of, self._parts = part.of, {}
        self._parts[part.part] = bytes(part.sealed)
        if len(self._parts) < part.of:
            return False
        sealed = b"".join(self._parts[at] for at in sorted(self._parts))
        self._parts = {}
        content = _opened(mine, sealed)
        if content is None:
            return False
        self._adopt(content, now)
        self._mine = None
        return True

    def _adopt(self, content: bytes, now: datetime) -> None:
        office_key, rest = content[:KEY_BYTES], content[KEY_BYTES:]
        signers, rest = rest[1 : 1 + rest[0] * _PUBLIC], rest[1 + rest[0] * _PUBLIC :]
        # The key first: a door that has it without the book only joins once more.
        self._keys.adopt(office_key)
        with self._store.transaction():
            for at in range(0, len(signers), _PUBLIC):
                self._group.believe(signers[at : at + _PUBLIC])
            for _, matter in unpack(rest):
                if isinstance(matter, Badge):
                    self._book.take(matter, now)
            self._group.join()

    # --- at a door that has the key ----------------------------------------------------------------------------------

    def wanted(self, asked: JoinWanted, now: datetime) -> None:
        """A new door wants it: remembered for 15 minutes, for whoever comes with its digits."""
        known = self._theirs.get(asked.door)
        said = (bytes(asked.public), bytes(asked.salt), bytes(asked.proof))
        if known is not None and (known.public, known.salt, known.proof) == said:
            return
        if len(said[0]) != _PUBLIC or len(said[1]) != _SALT:
            return
        self._theirs.pop(asked.door, None)
        while len(self._theirs) >= GROUP_MOST - 1:
            del self._theirs[next(iter(self._theirs))]
        self._theirs[asked.door] = _Theirs(asked.door, *said, now + GOOD)

    def expect(self, now: datetime, *, first: bool = False) -> datetime:
        """
        Somebody beside this door, at its own command line, says that a new door comes; until when digits count.

        Whoever only stands before the screen, or only has the console, cannot grant the key: digits alone prove no more than
        that somebody knows what the console was told. Where doors were paired at the same moment and all wait for one
        another, `first` says that this one's key is the office's.
        Raises: VaultError when this door waits for the key itself.
        """
        if first and self.needed:
            with self._store.transaction():
                self._group.join()
        if self.needed:
            raise VaultError("This door waits for the office's key itself.")
        self._expecting = now + GOOD
        return self._expecting

    def granted(self, now: datetime) -> tuple[datetime, ...]:
        """When a door was given the key in the last 30 days, newest first; the notice page tells everybody."""
        rows = self._store.rows("SELECT at FROM grants WHERE at > ? ORDER BY at DESC", (seconds(now - TOLD_FOR),))
        return tuple(moment(at) for (at,) in rows)

    def typed(self, digits: str, now: datetime) -> bool:
        """
        Somebody typed a new door's digits here while one was expected; if they are right, that door is sent key and book.

        Five wrong ones end every request of the quarter of an hour.
        """
        self._wrong = [at for at in self._wrong if at > now - GOOD]
        expected = self._expecting is not None and now < self._expecting
        if not expected or len(self._wrong) >= WRONG_MOST or not self.joined or len(digits) != JOIN_DIGITS:
            return False
        # The newest few: each takes a part of a second, and the console says how many there are.
        for theirs in tuple(self._theirs.values())[-TRIED_MOST:]:
            if now >= theirs.until:
                del self._theirs[theirs.door]
                continue
            key = _stretched(digits, theirs.salt)
            if hmac.compare_digest(_proof(key, theirs.public), theirs.proof):
                del self._theirs[theirs.door]
                self._expecting = None
                self._grant(theirs, key, now)
                return True
        self._wrong.append(now)
        if len(self._wrong) >= WRONG_MOST:
            self._theirs.clear()
        return False

    def _grant(self, theirs: _Theirs, key: bytes, now: datetime) -> None:
        content = self._content()
        mac = hmac.digest(key, b"byleave-join-granted-1\0" + content, "sha256")
        sealed = _SUITE.encrypt(
            mac + content, X25519PublicKey.from_public_bytes(theirs.public), _info(theirs.public, theirs.salt)
        )
        parts = [Blob(sealed[at : at + PART_BYTES]) for at in range(0, len(sealed), PART_BYTES)]
        with self._store.transaction():
            self._store.run("INSERT INTO grants VALUES (?)", (seconds(now),))
            for part, piece in enumerate(parts):
                self._put_part(theirs.door, part, len(parts), piece)

    def _put_part(self, door: UUID, part: int, of: int, piece: Blob) -> None:
        self._put(lambda number: JoinGranted(number=number, to=door, part=part, of=of, sealed=piece))

    def _content(self) -> bytes:
        """Key, signers and book; as long as if everybody who is admitted here had collected a badge."""
        signers = self._group.signers()
        book = b"".join(pack(REMINDER, badge) for badge in self._book.entries())
        people = int(self._store.row("SELECT count(*) FROM people WHERE ended_at IS NULL")[0])
        room = max(people * SIZES[Kind.BADGE], len(book))
        return self._keys.office_key + bytes([len(signers)]) + b"".join(signers) + book.ljust(room, b"\0")


def _stretched(digits: str, salt: bytes) -> bytes:
    """The key behind the digits: so slow that 10^12 of them cannot be gone through in a quarter of an hour."""
    return Scrypt(salt=salt, length=KEY_BYTES, n=2**15, r=8, p=1).derive(digits.encode())


def _proof(key: bytes, public: bytes) -> bytes:
    return hmac.digest(key, b"byleave-join-asked-1\0" + public, "sha256")


def _info(public: bytes, salt: bytes) -> bytes:
    return b"byleave-join-1\0" + public + salt


def _opened(mine: _Mine, sealed: bytes) -> bytes | None:
    """What was granted, if whoever granted it knew the digits."""
    try:
        plain = _SUITE.decrypt(sealed, mine.private, _info(mine.public, mine.salt))
    except (InvalidTag, ValueError):
        return None
    mac, content = plain[:_MAC], plain[_MAC:]
    ours = hmac.digest(mine.key, b"byleave-join-granted-1\0" + content, "sha256")
    return content if hmac.compare_digest(mac, ours) else None
