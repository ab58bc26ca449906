"""Owns "What this door knows about me": badge and PIN open it, never a face; withdrawal, here or at every door, is one
press from here, and so is renewing. The notice page, which is for everybody, is here, too.

Withdrawal is also offered to a badge without its PIN; then, too, everybody gets the same words, receipt and wait.
What never happens here: showing anything of anybody else.
"""

from uuid import UUID

from device.contract import screen
from device.contract.screen import Purpose
from device.door.consent import Event, Who
from device.door.visit import opening
from device.door.visit.visit import Claim, Factor, Visit
from device.errors import Unknown


def ask_badge(visit: Visit) -> None:
    """Read the badge first."""
    opening.aim(visit, Purpose.ABOUT_ME)


def badge_seen(visit: Visit, payload: bytes) -> None:
    """The badge was shown; now its PIN."""
    visit.close_window()
    try:
        visit.claim = Claim(visit.parts.people.by_badge(payload), Factor.BADGE)
    except Unknown:
        opening.refuse(visit)
        return
    opening.keypad(visit, Purpose.ABOUT_ME)


def pin_entered(visit: Visit, pin: str) -> None:
    """The PIN of the same person opens the page; any other does not."""
    person = opening.pin_of(visit, pin)
    if person is None or visit.claim is None or person != visit.claim.person:
        opening.keypad(visit, Purpose.ABOUT_ME, wrong=True)
        return
    visit.keypad_limit.passed()
    visit.person = person
    tell(visit, person)


def tell(visit: Visit, person: UUID) -> None:
    """Show the person their own page."""
    now = visit.parts.clock.now()
    about = visit.parts.vault.about(person)
    told = visit.parts.tidings.to_one(person, now)
    visit.show(
        screen.Personal,
        standing=about.standing,
        made_at=about.made_at,
        gone_at=about.gone_at,
        used_at=about.used_at,
        openings=tuple(screen.Opening(at=at) for at in visit.parts.entry.journal.openings(person)),
        renew_by=told.renew_by,
        looks=told.looks,
        asked=told.asked,
        evidence_asked=told.evidence_asked,
        doors=visit.parts.doors.others(),
    )


def withdraw(visit: Visit) -> None:
    """Take the face back here, by whoever stands here with the badge; the same for one who never gave any."""
    person = _standing_here(visit)
    if person is not None:
        _gone(visit, person, visit.parts.doors.unconfirmed(person))


def withdraw_everywhere(visit: Visit) -> None:
    """Take the face back here and at every door that shares people with this one."""
    person = _standing_here(visit)
    if person is not None:
        _gone(visit, person, visit.parts.doors.withdraw_everywhere(person, visit.parts.clock.now()))


def read_announced(visit: Visit) -> None:
    """The notice page: for everybody, without a badge."""
    told = visit.parts.tidings.to_readers(visit.parts.clock.now())
    notice = visit.parts.vault.notices.current
    visit.show(
        screen.Announced,
        asked=told.asked,
        custodians_on=told.custodians_on,
        doors_on=told.doors_on,
        custodians=told.custodians,
        version=notice.version,
        notice=notice.text,
    )


def _standing_here(visit: Visit) -> UUID | None:
    return visit.person or (visit.claim.person if visit.claim is not None else None)


def _gone(visit: Visit, person: UUID, waiting: int) -> None:
    receipt = visit.parts.forget.forget(person, Event.WITHDRAW, Who.PERSON, visit.parts.clock.now())
    visit.show(screen.Gone, receipt=receipt.document, searched=receipt.searched, waiting=waiting)
