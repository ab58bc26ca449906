"""Owns what a signed policy does at this door: all of it in one transaction, or nothing.

    1 signed by the pinned key, for this door     3 nothing over a cap, nothing that cannot be
    2 on top of what stands here                  4 every entry replaces what was there under its id

What never happens here: a yes for anybody, a camera, a key of the custodians that those before did not sign; an act at
once (`commands`); a wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device.config import CAPS, Keeping, Settings
from device.contract import console as words
from device.contract.words import NOTICE_MOST, NoticeText, is_seen
from device.door import deadlines
from device.door.admission import Admission
from device.door.cells import Cells
from device.door.consent import Event, Who
from device.door.console import Console
from device.door.custodians import Custodians
from device.door.deadlines import Due
from device.door.guests import Guests
from device.door.incidents import Requests
from device.door.journal import Journal
from device.door.notice import Notices
from device.door.people import People
from device.door.store import Store
from device.door.times import seconds
from device.errors import PolicyRefused, VaultError

ENDED_AFTER: Final = timedelta(seconds=60)
"""How long after an end it is confirmed, whatever it took and whether or not there was a face. Source: design section 4."""

_DAY_MOST: Final = timedelta(days=1)
_CODE_MOST: Final = timedelta(days=CAPS["keeping.code_days"][1])
_LIMITS: Final = ("template_days", "unused_days", "openings_days", "notice_days", "open_s")


class Limits:
    """Deadlines and the lock's time in force: the settings of the door itself, or what the office put in their place."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings

    @property
    def keeping(self) -> Keeping:
        """Deadlines in days."""
        told = self._told()
        if told is None:
            return self._settings.keeping
        return replace(
            self._settings.keeping,
            template_days=told[0],
            unused_days=told[1],
            openings_days=told[2],
            notice_days=told[3],
        )

    def open_s(self) -> int:
        """How long the lock opens."""
        told = self._told()
        return self._settings.lock.open_s if told is None else told[4]

    def put(self, told: words.Limits) -> None:
        """These count from now on, in the policy's transaction."""
        values = tuple(getattr(told, name) for name in _LIMITS)
        self._store.run("INSERT OR REPLACE INTO limits VALUES (1, ?, ?, ?, ?, ?)", values)

    def _told(self) -> tuple[int, ...] | None:
        row = self._store.row("SELECT template_days, unused_days, openings_days, notice_days, open_s FROM limits")
        return None if row is None else tuple(row)


@dataclass(frozen=True, slots=True)
class Parts:
    """What a policy changes."""

    store: Store
    console: Console
    people: People
    admission: Admission
    guests: Guests
    limits: Limits
    notices: Notices
    journal: Journal
    cells: Cells
    requests: Requests
    custodians: Custodians


def apply(parts: Parts, policy: words.Policy, now: datetime) -> bool:
    """
    Do what this policy says; False for one that is not on top of what stands here.

    People who end are only written down: a sweep right after this ends them.
    Raises: PolicyRefused, with nothing changed, for a wrong signature or door, a value over a cap, or what cannot be;
    VaultError when the disk refuses, or somebody who comes back is still being erased: then it may be sent again.
    """
    # 1 Signed by the pinned key, for this door.
    pinned = parts.console.pinned
    if pinned is None:
        raise PolicyRefused("This door is not paired, so nobody has a policy for it.")
    verify(pinned.policy, policy)
    if policy.door != pinned.door:
        raise PolicyRefused("This policy is for another door.")
    # 2 On top of what stands here.
    if policy.after != parts.console.number or policy.number < policy.after:
        return False
    try:
        # 3 Nothing over a cap, nothing that cannot be.
        _check(policy)
        # 4 All or nothing.
        with parts.store.transaction():
            _apply(parts, policy, now)
            parts.console.applied(policy.number, policy.at, now)
    except OverflowError:
        raise PolicyRefused("This policy names a day at the calendar's end.") from None
    return True


def verify(public: bytes, message: words.Policy | words.Command) -> None:
    """
    Nothing, when the other half of this key signed exactly this.

    Raises: PolicyRefused when it did not.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(message.signature, words.signed(message))
    except InvalidSignature:
        raise PolicyRefused("This was not signed by the console that was pinned.") from None


def _apply(parts: Parts, policy: words.Policy, now: datetime) -> None:
    _apply_door(parts, policy)
    for person in policy.people:
        (_end if person.ended else _admit)(parts, person, now)
    for guest in policy.guests:
        parts.guests.put(guest)
    for notice in policy.notices:
        grace = parts.limits.keeping.notice_days
        parts.notices.publish(notice.version, notice.language.value, notice.text, now, grace)
    for look in policy.pages:
        if _known(parts, look.person):
            parts.journal.looked(look)
    _apply_custodians(parts, policy, now)


def _apply_door(parts: Parts, policy: words.Policy) -> None:
    if policy.siblings is not None:
        parts.cells.siblings(policy.siblings.doors)
    if policy.limits is not None:
        parts.limits.put(policy.limits)
    for hours in policy.hours:
        parts.admission.put_hours(hours)
    if policy.holidays is not None:
        parts.admission.put_holidays(policy.holidays)


def _apply_custodians(parts: Parts, policy: words.Policy, now: datetime) -> None:
    """What custodians' part of the vault does not accept is refused with everything that came with it."""
    try:
        if policy.custodians is not None:
            parts.custodians.accept(policy.custodians, now)
        for incident in policy.incidents:
            parts.requests.incident(incident, now)
        for asked in policy.evidence:
            if _known(parts, asked.person):
                parts.requests.evidence(asked, now)
    except VaultError as fault:
        raise PolicyRefused(fault.sentence) from None


def _admit(parts: Parts, told: words.Admitted, now: datetime) -> None:
    of = (told.person.bytes,)
    if parts.store.row("SELECT 1 FROM asked WHERE person = ? AND event = 'end'", of):
        raise VaultError("Somebody who comes back is still being erased. Try again in a minute.")
    if told.ends_at is None or told.ends_at > now or parts.people.active(told.person):
        parts.people.admit(told.person, now)
        parts.admission.put(told)
        # By this door's own clock, too: a console whose clock is ahead makes no code that outlives the cap.
        parts.people.put_code(told.person, told.code, now, min(told.code_until or now, now + _CODE_MOST))
        parts.store.run("DELETE FROM endings WHERE person = ?", of)
    else:
        _end(parts, told, now)


def _end(parts: Parts, told: words.Admitted, now: datetime) -> None:
    """Written down here, done by the next sweep, confirmed after a minute: alike for whoever was never here."""
    if parts.people.active(told.person):
        deadlines.ask(parts.store, told.person, Due(Event.END, Who.OFFICE), now)
    confirm_later(parts.store, told.person, now)


def confirm_later(store: Store, person: UUID, now: datetime) -> None:
    """Whoever ended now is confirmed after the same time as everybody. In the caller's transaction."""
    store.run("INSERT OR IGNORE INTO endings VALUES (?, ?)", (person.bytes, seconds(now + ENDED_AFTER)))


def _known(parts: Parts, person: UUID) -> bool:
    return parts.store.row("SELECT 1 FROM people WHERE id = ?", (person.bytes,)) is not None


# --- what cannot be --------------------------------------------------------------------------------------------------


def _check(policy: words.Policy) -> None:
    if not all(_holds(policy)):
        raise PolicyRefused("This policy holds a value over a cap, or one that cannot be.")


def _holds(policy: words.Policy) -> Iterable[bool]:
    lists = (policy.people, policy.guests, policy.hours, policy.notices, policy.pages, policy.incidents, policy.evidence)
    yield all(len(entries) <= words.ENTRIES_MOST for entries in lists)
    yield all(_is_admitted(person, policy.at) for person in policy.people)
    yield all(guest.gone or (len(guest.digest) == 32 and guest.begins_at < guest.ends_at) for guest in policy.guests)
    yield all(hours.hours > 0 and all(map(_is_span, hours.spans)) for hours in policy.hours)
    yield policy.limits is None or all(_is_within(name, getattr(policy.limits, name)) for name in _LIMITS)
    yield all(_is_notice(notice.text) for notice in policy.notices)
    yield all(timedelta(0) < asked.ends_at - asked.begins_at <= _DAY_MOST for asked in policy.incidents)


def _is_admitted(person: words.Admitted, at: datetime) -> bool:
    return (
        min(person.hours, default=0) >= 0
        and (person.begins_at is None or person.ends_at is None or person.begins_at < person.ends_at)
        and (person.code is None) is (person.code_until is None)
        and (person.code is None or len(person.code) == 32)
        and (person.code_until is None or person.code_until <= at + _CODE_MOST)
    )


def _is_span(span: words.Span) -> bool:
    return 0 <= span.day <= 6 and 0 <= span.begins_min < span.ends_min <= 1440


def _is_within(name: str, value: int) -> bool:
    least, most, _ = CAPS["lock.open_s" if name == "open_s" else f"keeping.{name}"]
    return least <= value <= most


def _is_notice(text: NoticeText) -> bool:
    """Plain text in lines that fits a message in bytes; what cannot be seen is not agreed to."""
    return bool(text.strip()) and is_seen(text) and len(text.encode()) <= NOTICE_MOST
