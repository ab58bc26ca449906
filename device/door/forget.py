"""Owns the story of forgetting: the one way in which a template goes, whoever asks and whatever is there.

    1 stop matching                       5 cut the log and free pages
    2 a new wrapping key, on the disk     6 look for what should be gone
    3 one transaction: delete, wrap the   7 a signed receipt
      others anew, log, note the erasure
    4 destroy the old key

Killed at any step, `finish` completes it at the next start. It is the same work for somebody who has no template, so
that nothing can be learned from it. What never happens here: a receipt before it is true.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from device.contract.screen import Searched
from device.door import receipts, search
from device.door.consent import Event, Who
from device.door.deadlines import Due
from device.door.people import People
from device.door.seal import SEALED_BYTES, WRAPPED_BYTES
from device.door.times import moment, seconds
from device.door.vault import Vault
from device.errors import VaultError

REMOVED_BYTES: Final = WRAPPED_BYTES + SEALED_BYTES


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """The proof, for the person."""

    person: UUID
    document: bytes
    searched: Searched


@dataclass(frozen=True, slots=True)
class _Erasure:
    """One row of the erasures."""

    id: bytes
    person: UUID
    event: Event
    at: int


class Forget:
    """Forgetting at one door."""

    def __init__(self, vault: Vault, people: People) -> None:
        self._vault = vault
        self._people = people
        self._asked: dict[UUID, Due] = {}
        self.swept_at: datetime | None = None
        """When deadlines were last served."""

    def forget(self, person: UUID, event: Event, who: Who, now: datetime) -> ErasureReceipt:
        """
        Erase what there is of this person's face, and for `END` badge, PIN and openings too.

        Raises: VaultError when it is not finished; the face is not matched any more, and `sweep` goes on with it.
        """
        self._vault.state(person)
        receipts_of_all = self._erase({person: Due(event, who)}, now)
        return next(receipt for receipt in receipts_of_all if receipt.person == person)

    def sweep(self, now: datetime) -> int:
        """
        Serve every deadline that has passed, and finish what was not finished; how many people something went of.

        Raises: VaultError when something is not finished.
        """
        self._vault.journal.prune(now, self._vault.keeping.openings_days)
        self._people.prune(now)
        due = self._vault.due(now) | self._asked
        if due:
            self._erase(due, now)
        self._finish_erasures(now)
        self.swept_at = now
        return len(due)

    def finish(self, now: datetime) -> int:
        """
        At the start: complete what a power cut left, leave the looks that were left; how many erasures were completed.

        Raises: VaultError when something is not finished.
        """
        self._destroy_other_keys()
        self._vault.store.checkpoint()
        for (person,) in self._vault.store.rows("SELECT person FROM consents WHERE state = 'given'"):
            self._vault.advance(UUID(bytes=person), Event.LEAVE, Who.DOOR, now)
        return self._finish_erasures(now)

    def _erase(self, due: Mapping[UUID, Due], now: datetime) -> tuple[ErasureReceipt, ...]:
        vault, store = self._vault, self._vault.store
        # 1 Stop matching; what fails from here on is asked again by the sweep.
        self._asked |= due
        vault.stop(due)
        # 2 A new wrapping key, on the disk before anything is wrapped with it.
        self._destroy_other_keys()
        generation = vault.generation + 1
        vault.keys.add(generation)
        # 3 All of it or nothing.
        with store.transaction():
            gone = vault.cut(due, now, generation)
            erasures = [self._note(person, due.get(person, Due(Event.TAMPER, Who.DOOR)), now) for person in gone]
        self._asked.clear()
        vault.forgotten(gone)
        # 4 What the old key closed, copies included, stays closed.
        self._destroy_other_keys()
        # 5 Nothing stays in the log.
        store.checkpoint()
        # 6 Look for it. Where there was nothing, look for chance bytes: the same work, the same time.
        wanted = search.pieces(material or secrets.token_bytes(REMOVED_BYTES) for material in gone.values())
        if self._survives(wanted):
            store.rebuild()
            if self._survives(wanted):
                raise _unfinished()
        # 7 Only now is it true.
        with store.transaction():
            return tuple(self._receipt(erasure, Searched.BYTES, now) for erasure in erasures)

    def _note(self, person: UUID, why: Due, now: datetime) -> _Erasure:
        if why.event is Event.END:
            self._people.end(person, now)
            self._vault.journal.drop_openings(person)
        erasure = _Erasure(secrets.token_bytes(16), person, why.event, seconds(now))
        self._vault.store.run(
            "INSERT INTO erasures (id, person, event, who, at) VALUES (?, ?, ?, ?, ?)",
            (erasure.id, person.bytes, why.event.value, why.who.value, erasure.at),
        )
        return erasure

    def _survives(self, wanted: search.Pieces) -> bool:
        store = self._vault.store
        try:
            return search.survives(wanted, store.folder, store.held) or self._lingers()
        except OSError:
            raise _unfinished() from None

    def _lingers(self) -> bool:
        store = self._vault.store
        return bool(self._vault.orphans()) or search.lingers(store.folder, store.held)

    def _finish_erasures(self, now: datetime) -> int:
        query = "SELECT id, person, event, at FROM erasures WHERE finished_at IS NULL"
        rows = self._vault.store.rows(query)
        if not rows:
            return 0
        self._destroy_other_keys()
        self._vault.store.rebuild()
        if self._lingers():
            raise _unfinished()
        with self._vault.store.transaction():
            for erasure_id, person, event, at in rows:
                self._receipt(_Erasure(erasure_id, UUID(bytes=person), Event(event), at), Searched.STRUCTURE, now)
        return len(rows)

    def _receipt(self, erasure: _Erasure, searched: Searched, now: datetime) -> ErasureReceipt:
        told = receipts.ErasureTold(erasure.person, erasure.event, moment(erasure.at), now, searched)
        document = receipts.of_erasure(self._vault.keys, told)
        query = "UPDATE erasures SET finished_at = ?, searched = ?, receipt = ? WHERE id = ?"
        self._vault.store.run(query, (seconds(now), searched.value, document, erasure.id))
        return ErasureReceipt(erasure.person, document, searched)

    def _destroy_other_keys(self) -> None:
        current = self._vault.generation
        for generation in self._vault.keys.generations():
            if generation != current:
                self._vault.keys.destroy(generation)


def _unfinished() -> VaultError:
    return VaultError("The erasure is not finished yet; the door goes on with it. The face does not open any more.")
