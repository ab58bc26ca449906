"""Owns consents and templates: who agreed to what until when, and what was stored because of it, encrypted.

An `ActiveConsent` is made here alone, and no template is stored without one. What never happens here: a template given
out except into a `Gallery`, a template removed except by way of `forget`, reading a clock.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass
from datetime import datetime
from typing import Any, Final, NoReturn, Self
from uuid import UUID
from weakref import WeakSet

import numpy as np
from numpy.typing import NDArray

from device.config import Keeping
from device.contract.screen import Standing
from device.door import receipts
from device.door.consent import LIVE, Duty, Event, State, Step, Who, step
from device.door.deadlines import Due, asked, by_now, due
from device.door.journal import Agreed, Chosen, Journal
from device.door.keys import KeyStore
from device.door.notice import Notice, Notices
from device.door.seal import NUMBERS, Binding, Sealed, rewrap, seal, unseal
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import FaceFault, FaultCode, NoConsent, SetupError, Unknown, VaultError

_MADE_HERE: Final = object()
_STANDING: Final = {
    State.NOT_CHOSEN: Standing.NOT_CHOSEN,
    State.GIVEN: Standing.FACE_TOO,
    State.ENROLLED: Standing.FACE_TOO,
    State.ENDED: Standing.ENDED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveConsent:
    """One person's live consent to the notice in force, at one moment; used at once and never kept."""

    person: UUID
    consent: UUID
    notice: int
    notice_sha256: bytes
    until: datetime
    at: datetime
    made_by: InitVar[object]

    def __post_init__(self, made_by: object) -> None:
        if made_by is not _MADE_HERE:
            raise NoConsent("Only the vault can say that a consent is live.")

    def __reduce__(self) -> NoReturn:
        raise NoConsent("A live consent is used at once and never kept.")


class Gallery:
    """The templates of one window, in the clear; wiped when it closes."""

    def __init__(self, templates: NDArray[np.float32], people: tuple[UUID, ...]) -> None:
        self.templates = templates
        """Shape (N, 128) float32, contiguous, one row a person."""
        self.people = people

    def wipe(self) -> None:
        """Overwrite it; nobody is in it any more. Again is harmless."""
        self.templates.fill(0)
        self.templates = self.templates[:0]
        self.people = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.wipe()

    def __repr__(self) -> str:
        return "Gallery(hidden)"

    def __reduce__(self) -> NoReturn:
        raise VaultError("Templates are never kept outside the vault.")


@dataclass(frozen=True, slots=True)
class About:
    """What the vault knows about one person, for that person."""

    standing: Standing
    made_at: datetime | None
    gone_at: datetime | None
    used_at: datetime | None
    renew_by: datetime | None
    """By when a new yes is needed, because the notice has changed."""


class Vault:
    """Consents and templates of one door, for one model."""

    def __init__(self, store: Store, keys: KeyStore, model: bytes | None, keeping: Keeping) -> None:
        self.store: Final = store
        self.keys: Final = keys
        self.journal: Final = Journal(store)
        self.notices: Final = Notices(store)
        self.keeping = keeping
        """The deadlines in force: the door's own, or what the office set within the caps."""
        self.model = model
        """The embedding network in use; while it is not known, nothing is matched and nothing stored."""
        self._open: WeakSet[Gallery] = WeakSet()
        self._stopped: set[UUID] = set()
        self._damaged: set[UUID] = set()
        self._pair()

    def _pair(self) -> None:
        """The vault and the keys must be one door's."""
        known = self.store.row("SELECT device, generation FROM door")
        if known is None:
            first = self.keys.generations()[-1:]
            self.store.run("INSERT INTO door VALUES (1, ?, ?, 0)", (self.keys.public, *first))
        elif known[0] != self.keys.public or known[1] not in self.keys.generations():
            raise SetupError(
                "The keys in the key folder are not this vault's. Put the right key folder back, or begin anew with "
                "`byleave device init`.",
                FaultCode.KEYS_MISSING,
            )

    @property
    def generation(self) -> int:
        """The generation of the wrapping key that closes every template."""
        return int(self.store.row("SELECT generation FROM door")[0])

    # --- consents ----------------------------------------------------------------------------------------------------

    def state(self, person: UUID) -> State:
        """
        Where this person stands.

        Raises: Unknown when nobody was invited under this id.
        """
        query = "SELECT state FROM people LEFT JOIN consents ON person = people.id WHERE people.id = ?"
        row = self.store.row(query, (person.bytes,))
        if row is None:
            raise Unknown("Nobody who was invited here has this id.")
        return State(row[0] or State.NOT_CHOSEN)

    def advance(self, person: UUID, event: Event, who: Who, now: datetime, notice: Notice | None = None) -> State:
        """
        Take one step that erases no template, and log it, in one transaction.

        Raises: VaultError for a step the table does not know or that belongs to `forget` or `put_template`; NoConsent
        for a yes to a notice that is not in force.
        """
        now = by_now(self.store, now)
        with self.store.transaction():
            if self.store.row("SELECT 1 FROM asked WHERE person = ?", (person.bytes,)):
                raise VaultError("Something of this person is being erased. Try again in a minute.")
            taken = step(self.state(person), event, who)
            if event in {Event.STORE, Event.END, Event.DECOMMISSION}:
                raise VaultError(f"A consent's {event.value} is not a step by itself.")
            if taken.duty is Duty.ERASE and self._closed(person) is not None:
                raise VaultError("A template goes by way of forgetting, and no other.")
            if event in {Event.GIVE, Event.RENEW} and (notice is None or notice != self.notices.current):
                raise NoConsent("The notice has changed since it was shown. Please read the new one.")
            self._take(person, taken, Due(event, who), now)
        return taken.to

    def active(self, person: UUID, now: datetime) -> ActiveConsent:
        """
        This person's live consent, now.

        Raises: NoConsent when there is none: not given, taken back, expired, or given to another notice.
        """
        now = by_now(self.store, now)
        row = self.store.row(
            """SELECT id, notice, sha256, until FROM live_consents
            WHERE person = :person AND given_at <= :now AND until > :now""",
            {"person": person.bytes, "now": seconds(now)},
        )
        if row is None or person in self._stopped:
            raise NoConsent("There is no live consent of this person to the notice in force.")
        return ActiveConsent(
            person=person,
            consent=UUID(bytes=row[0]),
            notice=row[1],
            notice_sha256=row[2],
            until=moment(row[3]),
            at=now,
            made_by=_MADE_HERE,
        )

    def used(self, person: UUID, now: datetime) -> None:
        """This person's face opened the door; its disuse is counted from here. The template itself stays as it is."""
        query = "UPDATE consents SET used_at = max(coalesce(used_at, 0), ?) WHERE person = ? AND state = ?"
        self.store.run(query, (seconds(by_now(self.store, now)), person.bytes, State.ENROLLED.value))

    def about(self, person: UUID) -> About:
        """
        What this person may read about themselves.

        Raises: Unknown when nobody was invited under this id.
        """
        standing = _STANDING.get(self.state(person), Standing.BADGE_AND_PIN)
        row = self.store.row(
            """SELECT made_at, min(until, active_at + ?, coalesce(lapses_at, until)), used_at, lapses_at FROM faces
            WHERE person = ? AND made_at IS NOT NULL""",
            (days(self.keeping.unused_days), person.bytes),
        )
        if row is None:
            return About(standing, None, None, None, None)
        made_at, gone_at, used_at, renew_by = (None if at is None else moment(at) for at in row)
        return About(standing, made_at, gone_at, used_at, renew_by)

    def consent_receipt(self, person: UUID, now: datetime) -> bytes:
        """
        The signed receipt of this person's live consent.

        Raises: NoConsent when there is none.
        """
        now = by_now(self.store, now)
        active = self.active(person, now)
        given_at = moment(self.store.row("SELECT given_at FROM consents WHERE person = ?", (person.bytes,))[0])
        told = receipts.ConsentTold(
            person=person,
            consent=active.consent,
            notice=active.notice,
            notice_sha256=active.notice_sha256,
            given_at=given_at,
            until=active.until,
            gone_at=self.about(person).gone_at or active.until,
        )
        return receipts.of_consent(self.keys, told, now)

    # --- templates ---------------------------------------------------------------------------------------------------

    def put_template(self, consent: ActiveConsent, mean: NDArray[np.float32], now: datetime) -> datetime:
        """
        Store this person's template; when it will be gone at the latest.

        Shapes: mean (128,) float32; it is the caller's to overwrite.
        Raises: NoConsent when the consent is not live any more; VaultFull; FaceFault for what is no embedding.
        """
        if mean.shape != (NUMBERS,) or mean.dtype != np.float32 or not np.isfinite(mean).all():
            raise FaceFault("What the looks gave is no template.")
        if self.model is None:
            raise FaceFault("The camera process is not there, so there is nothing to store a template for.")
        now = by_now(self.store, now)
        with self.store.transaction():
            if self.active(consent.person, now).consent != consent.consent:
                raise NoConsent("This consent was replaced by a later one.")
            taken = step(self.state(consent.person), Event.STORE, Who.DOOR)
            generation = self.generation
            binding = Binding(consent.person, consent.consent, self.model)
            closed = seal(mean, binding, generation, self.keys.wrapping(generation))
            owner = (consent.person.bytes, consent.consent.bytes, self.model)
            self.store.run(
                """INSERT INTO templates (person, consent, model, generation, wrapped, sealed, made_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)""",
                (*owner, closed.generation, closed.wrapped, closed.sealed, seconds(now)),
            )
            self._take(consent.person, taken, Due(Event.STORE, Who.DOOR), now)
        return self.about(consent.person).gone_at or consent.until

    def gallery(self, now: datetime, only: UUID | None = None) -> Gallery:
        """
        Every template that may be matched now, or one person's, in the clear. Wipe it when the window closes.

        Raises: VaultError when one does not open because it was touched; it is erased by the next sweep.
        """
        rows = self.store.rows(
            """SELECT templates.person, consent, model, generation, wrapped, sealed FROM templates
            JOIN live_consents ON live_consents.person = templates.person AND live_consents.id = consent
            WHERE model = :model AND given_at <= :now AND until > :now AND coalesce(used_at, made_at) + :unused > :now
                AND (:only IS NULL OR templates.person = :only)
            ORDER BY number""",
            {
                "model": self.model,
                "now": seconds(by_now(self.store, now)),
                "unused": days(self.keeping.unused_days),
                "only": only and only.bytes,
            },
        )
        found = [_closed_of(row) for row in rows if UUID(bytes=row[0]) not in self._stopped]
        gallery = Gallery(np.zeros((len(found), NUMBERS), dtype="<f4"), tuple(binding.person for binding, _ in found))
        self._open.add(gallery)
        wrapping = self.keys.wrapping(self.generation) if found else b""
        for row_of_one, (binding, closed) in zip(gallery.templates, found, strict=True):
            try:
                unseal(closed, binding, wrapping, row_of_one)
            except VaultError:
                self._damaged.add(binding.person)
        if self._damaged.intersection(gallery.people):
            gallery.wipe()
            raise VaultError("A template was damaged or changed. It will be erased; badge and PIN open.", FaultCode.VAULT_DAMAGED)
        return gallery

    # --- for forgetting ----------------------------------------------------------------------------------------------

    def due(self, now: datetime) -> dict[UUID, Due]:
        """Everybody something of whom has to go now, and why; what was asked for comes before what came by itself."""
        damaged = {person: Due(Event.TAMPER, Who.DOOR) for person in self._damaged}
        return damaged | due(self.store, self.keeping, self.model, by_now(self.store, now)) | asked(self.store)

    def stop(self, people: Iterable[UUID]) -> None:
        """From now on these people are in no gallery, and galleries that are open are wiped."""
        self._stopped.update(people)
        for gallery in tuple(self._open):
            gallery.wipe()

    def cut(self, due: Mapping[UUID, Due], now: datetime, generation: int) -> dict[UUID, bytes]:
        """
        Inside `forget`'s transaction: remove these people's templates, take their steps, wrap everybody else's anew.

        What was asked of them is done with it. A survivor whose key does not open is removed too. Gives what was removed,
        as it lay there; empty where nothing was.
        """
        old, new = self.keys.wrapping(self.generation), self.keys.wrapping(generation)
        gone = {person: self._remove(person, why, now) for person, why in due.items()}
        query = "SELECT person, consent, model, generation, wrapped, sealed FROM templates ORDER BY number"
        for row in self.store.rows(query):
            binding, closed = _closed_of(row)
            try:
                again = rewrap(closed, binding, old, generation, new)
            except VaultError:
                gone[binding.person] = self._remove(binding.person, Due(Event.TAMPER, Who.DOOR), now)
                continue
            update = "UPDATE templates SET generation = ?, wrapped = ? WHERE person = ?"
            self.store.run(update, (generation, again.wrapped, binding.person.bytes))
        self.store.run("UPDATE door SET generation = ?", (generation,))
        return gone

    def forgotten(self, people: Iterable[UUID]) -> None:
        """The templates of these people are gone; a later yes counts again."""
        self._stopped.difference_update(people)
        self._damaged.difference_update(people)

    def orphans(self) -> int:
        """How many templates there are without a live consent, or under another key than the current one; none, ever."""
        return int(self.store.row("SELECT count(*) FROM orphans")[0])

    # --- inside ------------------------------------------------------------------------------------------------------

    def _closed(self, person: UUID) -> Sealed | None:
        query = "SELECT generation, wrapped, sealed FROM templates WHERE person = ?"
        row = self.store.row(query, (person.bytes,))
        return None if row is None else Sealed(*row)

    def _remove(self, person: UUID, why: Due, now: datetime) -> bytes:
        taken = step(self.state(person), why.event, why.who)
        closed = self._closed(person)
        self.store.run("DELETE FROM templates WHERE person = ?", (person.bytes,))
        self._take(person, taken, why, now)
        self.store.run("DELETE FROM asked WHERE person = ?", (person.bytes,))
        return b"" if closed is None else closed.wrapped + closed.sealed

    def _take(self, person: UUID, taken: Step, why: Due, now: datetime) -> None:
        before = self._agreed(person)
        if why.event is Event.GIVE:
            given = (secrets.token_bytes(16), self.notices.current.version, seconds(now), self._until(now))
            self._write(person, taken.to, *given)
        elif why.event is Event.RENEW:
            query = "UPDATE consents SET notice = ?, until = ? WHERE person = ?"
            self.store.run(query, (self.notices.current.version, self._until(now), person.bytes))
        elif taken.to in LIVE:
            self.store.run("UPDATE consents SET state = ? WHERE person = ?", (taken.to.value, person.bytes))
        elif taken.to is not State.NOT_CHOSEN:
            self._write(person, taken.to, None, None, None, None)
        # Pressed again, it says nothing new: the last row stands, and nobody can fill the disk with it.
        if taken.to in LIVE or self.journal.last(person) != (why.event, why.who, taken.to):
            chosen = Chosen(person, why.event, why.who, taken.to, self._agreed(person) or before)
            self.journal.chose(chosen, now)

    def _write(self, person: UUID, state: State, *given: bytes | int | None) -> None:
        self.store.run(
            """INSERT INTO consents (person, state, id, notice, given_at, until) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (person) DO UPDATE SET state = excluded.state, id = excluded.id, notice = excluded.notice,
            given_at = excluded.given_at, until = excluded.until, used_at = NULL""",
            (person.bytes, state.value, *given),
        )

    def _until(self, now: datetime) -> int:
        return seconds(now) + days(self.keeping.template_days)

    def _agreed(self, person: UUID) -> Agreed | None:
        query = "SELECT id, notice, sha256 FROM consents JOIN notices ON version = notice WHERE person = ?"
        row = self.store.row(query, (person.bytes,))
        return None if row is None else Agreed(UUID(bytes=row[0]), row[1], row[2])


def _closed_of(row: tuple[Any, ...]) -> tuple[Binding, Sealed]:
    person, consent, model, generation, wrapped, sealed = row
    return Binding(UUID(bytes=person), UUID(bytes=consent), model), Sealed(generation, wrapped, sealed)
