"""Owns the cell: 256 bytes a minute that carry matters between doors under the office's key, or chance; nobody can tell which.

    12 nonce   4 counter   4 lowest number that waits   4 view of the group   35 heard of the seven others   181 matters   16 tag

The seal is bound to the sender's public key. A cell is confirmed only when all that it carried is done. What never happens
here: a cell of another size, a template, a network.
"""

import secrets
import struct
from datetime import datetime
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from device.contract.console import GROUP_MOST, Sibling
from device.contract.words import CELL_BYTES, CellBytes
from device.door import heard
from device.door.book import Book
from device.door.consent import Event, Who
from device.door.forget import Forget
from device.door.group import VIEW_BYTES, Group
from device.door.heard import Heard
from device.door.keys import KEY_BYTES, KeyStore
from device.door.matters import REMINDER, SIZES, Badge, Kind, Matter, Matters, Withdrawal, pack, unpack
from device.door.store import Store
from device.door.times import seconds
from device.errors import Unknown, VaultError, WireError

_NONCE: Final = 12
_TAG: Final = 16
_HEAD: Final = struct.Struct(f">II{VIEW_BYTES}s")
_ACK: Final = struct.Struct(">IB")
_ACKS: Final = _ACK.size * (GROUP_MOST - 1)
ROOM: Final = CELL_BYTES - _NONCE - _TAG - _HEAD.size - _ACKS
"""Bytes of matters in a cell: two badges, or seven withdrawals."""


class Cells:
    """One door's end of what doors say to one another."""

    def __init__(self, store: Store, keys: KeyStore, forget: Forget) -> None:
        self._store = store
        self._keys = keys
        self._forget = forget
        self._group = Group(store)
        self._book = Book(store)
        self._matters = Matters(store)
        self._heard = Heard(store)

    def siblings(self, doors: tuple[Sibling, ...]) -> None:
        """The doors of this group, this one among them, in the caller's transaction; what makes no group changes nothing."""
        with self._store.transaction():
            if self._group.put(doors):
                self._heard.only(tuple(other.public for other in self._group.others))
                self._matters.settle()

    def fill(self, now: datetime) -> CellBytes:
        """This minute's cell, whether or not there is anything to say, and whether or not the vault can be written."""
        del now
        slot = self._group.slot
        if slot is None or not self._group.joined:
            return CellBytes(secrets.token_bytes(CELL_BYTES))
        try:
            with self._store.transaction():
                self._store.run("UPDATE cells SET counter = counter + 1")
                counter = int(self._store.row("SELECT counter FROM cells")[0])
                lowest = self._matters.lowest()
                told = self._matters.load(counter, ROOM)
                told += self._reminders(ROOM - len(told))
                plain = _HEAD.pack(counter, lowest, self._group.view) + self._acks(slot) + told.ljust(ROOM, b"\0")
        except VaultError:
            return CellBytes(secrets.token_bytes(CELL_BYTES))
        nonce = secrets.token_bytes(_NONCE)
        return CellBytes(nonce + self._cipher().encrypt(nonce, plain, _bound_to(self._group.own)))

    def take(self, slot: int, cell: CellBytes, now: datetime) -> None:
        """
        Another door's cell; what is no cell of this group, or was heard before, is nothing.

        Raises: VaultError when the vault cannot be written; the other door tells it again.
        """
        sender = self._group.public(slot)
        if sender is None or not self._group.joined or len(cell) != CELL_BYTES:
            return
        try:
            plain = self._cipher().decrypt(cell[:_NONCE], cell[_NONCE:], _bound_to(sender))
        except InvalidTag:
            return
        counter, lowest, view = _HEAD.unpack_from(plain)
        if self._heard.cells(sender).has(counter):
            return
        told = _read(plain)
        # Outside a transaction, for forgetting cuts the log; what is done is done only once, whatever happens then.
        withdrawals = [(number, matter) for number, matter in told or () if isinstance(matter, Withdrawal)]
        done = [number for number, matter in withdrawals if self._is_withdrawn(sender, number, matter, now)]
        with self._store.transaction():
            if view == self._group.view:
                self._matters.confirm(sender, self._confirmed(slot, plain))
            for number in done:
                self._heard.done(sender, number)
            for _, matter in told or ():
                if isinstance(matter, Badge):
                    self._book.take(matter, now)
            if told is not None and len(done) == len(withdrawals):
                self._heard.note(sender, counter, lowest)

    def withdraw_everywhere(self, person: UUID, now: datetime) -> int:
        """
        Tell every other door that no face of this person's be there; how many doors have to confirm it.

        To be called before `forget` at this door, so that the receipt says how many. It is the same for everybody.
        """
        self._matters.put(Withdrawal(person, seconds(now)))
        return self.unconfirmed(person)

    def unconfirmed(self, person: UUID) -> int:
        """How many doors have not confirmed this person's withdrawal yet."""
        return self._matters.unconfirmed(person)

    def _reminders(self, room: int) -> bytes:
        """What room is left tells the book again, entry by entry, so that a door that missed something gets it yet."""
        cursor = bytes(self._store.row("SELECT reminded FROM cells")[0])
        badges = self._book.after(cursor, room // SIZES[Kind.BADGE])
        if badges:
            self._store.run("UPDATE cells SET reminded = ?", (badges[-1].person.bytes,))
        return b"".join(pack(REMINDER, badge) for badge in dict.fromkeys(badges))

    def _acks(self, own: int) -> bytes:
        publics = (self._group.public(slot) for slot in range(GROUP_MOST) if slot != own)
        cells = (heard.NONE if public is None else self._heard.cells(public) for public in publics)
        return b"".join(_ACK.pack(one.newest, one.before) for one in cells)

    def _confirmed(self, slot: int, plain: bytes) -> tuple[int, ...]:
        """Which of this door's cells the door at this place has done."""
        own = self._group.slot
        if own is None:
            return ()
        newest, before = _ACK.unpack_from(plain, _HEAD.size + _ACK.size * (own - (own > slot)))
        return heard.Cells(newest, before).all()

    def _is_withdrawn(self, sender: bytes, number: int, asked: Withdrawal, now: datetime) -> bool:
        if self._heard.is_done(sender, number):
            return True
        try:
            self._forget.forget(asked.person, Event.WITHDRAW, Who.PERSON, now)
        except Unknown:
            pass  # Who was never admitted here has no face here.
        except VaultError:
            return False
        return True

    def _cipher(self) -> AESGCM:
        derived = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"byleave-cells-1")
        return AESGCM(derived.derive(self._keys.office_key))


def _read(plain: bytes) -> list[tuple[int, Matter]] | None:
    """What a cell tells; nothing when some of it is not known to this program, and it waits for a newer one."""
    try:
        return unpack(plain[_HEAD.size + _ACKS :])
    except WireError:
        return None


def _bound_to(public: bytes) -> bytes:
    return b"byleave-cell-1\0" + public
