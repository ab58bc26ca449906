"""Owns "What this door knows about me": badge and PIN open it, never a face; withdrawal is one press from here.

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
    about = visit.parts.vault.about(person)
    openings = tuple(screen.Opening(at=at) for at in visit.parts.entry.journal.openings(person))
    visit.show(
        screen.Personal,
        standing=about.standing,
        made_at=about.made_at,
        gone_at=about.gone_at,
        used_at=about.used_at,
        openings=openings,
    )


def withdraw(visit: Visit) -> None:
    """Take the face back, by whoever stands here with the badge; the same for one who never gave any."""
    person = visit.person or (visit.claim.person if visit.claim is not None else None)
    if person is None:
        return
    receipt = visit.parts.forget.forget(person, Event.WITHDRAW, Who.PERSON, visit.parts.clock.now())
    visit.show(screen.Gone, receipt=receipt.document, searched=receipt.searched)
