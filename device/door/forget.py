"""Owns the story of forgetting: the one way in which a template goes, whoever asks and whatever is there.

    1 what is asked for, written down     6 cut the log and free pages
    2 stop matching                       7 look for what should be gone
    3 a new wrapping key, on the disk     8 a signed receipt
    4 one transaction: delete, wrap the
      others anew, log, note the erasure
    5 destroy the old key

Killed or refused by the disk at any step, the next sweep or start completes it. It is the same work for somebody who has
no template, so that nothing can be learned from it, and a withdrawal pressed again and again leaves what one leaves: the
newest receipt of a person replaces the older ones, and a row like the person's last one is not added to the choice log.
The last receipts of people who left are kept. What never happens here: a receipt before it is true.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from device.contract.screen import Searched
from device.door import deadlines, receipts, search
from device.door.book import Book
from device.door.consent import Event, Who, known, step
from device.door.deadlines import Due
from device.door.matters import Matters
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
        self._book = Book(vault.store)
        self._matters = Matters(vault.store)
        self._unwritten: dict[tuple[UUID, Event], tuple[Due, datetime]] = {}
        self._clock: datetime | None = None
        self.swept_at: datetime | None = None
        """When deadlines were last served."""

    def forget(self, person: UUID, event: Event, who: Who, now: datetime) -> ErasureReceipt:
        """
        Erase what there is of this person's face, and for `END` badge, PIN and openings too.

        Raises: Unknown, or VaultError for what the consent table does not know, with nothing changed; VaultError when it
        is not finished: the face is not matched any more, and `sweep` goes on with it, after a restart too.
        """
        step(self._vault.state(person), event, who)
        self._unwritten.setdefault((person, event), (Due(event, who), now))
        self._vault.stop((person,))
        try:
            self._write_down()
        except VaultError:
            raise VaultError(
                "The disk refuses, so the erasure is not even written down. The door tries again, and the face does not open "
                "meanwhile; if the door is restarted before that, ask again."
            ) from None
        done = self._erase(deadlines.asked(self._vault.store), deadlines.by_now(self._vault.store, now))
        for receipt in done:
            if receipt.person == person:
                return receipt
        raise _unfinished()

    def sweep(self, now: datetime) -> int:
        """
        Serve every deadline that has passed, and finish what was not finished; how many people something went of.

        Raises: VaultError when something is not finished; everything else is.
        """
        vault = self._vault
        self._write_down()
        latest = deadlines.time_went_on(vault.store, now, self._clock)
        self._clock = now
        vault.journal.prune(latest, vault.keeping.openings_days)
        # Codes are dated by the office's clock, and say nothing of a face.
        self._people.prune(now)
        self._book.prune(now)
        due = vault.due(latest)
        done = self._erase(due, latest)
        self._finish_erasures(latest)
        if due.keys() - {receipt.person for receipt in done}:
            raise _unfinished()
        self.swept_at = now
        return len(due)

    def finish(self, now: datetime) -> int:
        """
        At the start: complete what a power cut left, leave the looks that were left; how many erasures were completed.

        Raises: VaultError when something is not finished.
        """
        store = self._vault.store
        now = deadlines.by_now(store, now)
        self._destroy_other_keys()
        store.checkpoint()
        query = "SELECT person FROM consents WHERE state = 'given' AND person NOT IN (SELECT person FROM asked)"
        for (person,) in store.rows(query):
            self._vault.advance(UUID(bytes=person), Event.LEAVE, Who.DOOR, now)
        return len(self._erase(deadlines.asked(store), now)) + self._finish_erasures(now)

    def _write_down(self) -> None:
        """1 What is asked for, on the disk before anything is done about it."""
        if not self._unwritten:
            return
        with self._vault.store.transaction():
            for (person, _), (why, at) in self._unwritten.items():
                deadlines.ask(self._vault.store, person, why, at)
        self._unwritten.clear()

    def _erase(self, due: Mapping[UUID, Due], now: datetime) -> tuple[ErasureReceipt, ...]:
        vault, store = self._vault, self._vault.store
        # What the table does not know stands in nobody else's way.
        due = {person: why for person, why in due.items() if known(vault.state(person), why.event, why.who)}
        if not due:
            return ()
        # 2 Stop matching, in a window that is open too.
        vault.stop(due)
        # 3 A new wrapping key, on the disk before anything is wrapped with it.
        self._destroy_other_keys()
        generation = vault.generation + 1
        vault.keys.add(generation)
        # 4 All of it or nothing.
        with store.transaction():
            gone = vault.cut(due, now, generation)
            erasures = [self._note(person, due.get(person, Due(Event.TAMPER, Who.DOOR)), now) for person in gone]
        vault.forgotten(gone)
        # 5 What the old key closed, copies included, stays closed.
        self._destroy_other_keys()
        # 6 Nothing stays in the log.
        store.checkpoint()
        # 7 Look for it. Where there was nothing, look for chance bytes: the same work, the same time.
        wanted = search.pieces(material or secrets.token_bytes(REMOVED_BYTES) for material in gone.values())
        if self._survives(wanted):
            store.rebuild()
            if self._survives(wanted):
                raise _unfinished()
        # 8 Only now is it true.
        with store.transaction():
            return tuple(self._receipt(erasure, Searched.BYTES, now) for erasure in erasures)

    def _note(self, person: UUID, why: Due, now: datetime) -> _Erasure:
        if why.event is Event.END:
            self._people.end(person, now)
            self._vault.journal.drop_openings(person, now)
        erasure = _Erasure(secrets.token_bytes(16), person, why.event, seconds(why.asked_at or now))
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
        query = "SELECT id, person, event, at FROM erasures WHERE finished_at IS NULL ORDER BY number"
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
        waiting = self._matters.unconfirmed(erasure.person)
        told = receipts.ErasureTold(erasure.person, erasure.event, moment(erasure.at), now, searched, waiting)
        document = receipts.of_erasure(self._vault.keys, told)
        query = "UPDATE erasures SET finished_at = ?, searched = ?, receipt = ? WHERE id = ?"
        self._vault.store.run(query, (seconds(now), searched.value, document, erasure.id))
        older = """DELETE FROM erasures WHERE person = :person AND finished_at IS NOT NULL
            AND number < (SELECT number FROM erasures WHERE id = :id)"""
        self._vault.store.run(older, {"person": erasure.person.bytes, "id": erasure.id})
        return ErasureReceipt(erasure.person, document, searched)

    def _destroy_other_keys(self) -> None:
        current = self._vault.generation
        for generation in self._vault.keys.generations():
            if generation != current:
                self._vault.keys.destroy(generation)


def _unfinished() -> VaultError:
    return VaultError("The erasure is not finished yet; the door goes on with it. The face does not open any more.")
