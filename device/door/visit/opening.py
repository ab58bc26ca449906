"""Owns the ways in: badge, PIN and face, each ending in the one `Entry`. They are alike for everybody.

At a two-factor door a badge or a PIN leads on to the other, or to the face; at a one-factor door each opens by itself.
What never happens here: telling a corridor why somebody was refused.
"""

from uuid import UUID

from device.contract import screen
from device.contract.screen import NoEntry, Purpose
from device.contract.sight import Mode
from device.door.attempt import Known, NotKnown, attempt
from device.door.entry import Let
from device.door.guests import MARK as GUEST
from device.door.visit.visit import Claim, Factor, Visit
from device.errors import Unknown, VaultError


def show_badge(visit: Visit) -> None:
    """Open a code window."""
    aim(visit, Purpose.OPEN)


def aim(visit: Visit, purpose: Purpose) -> None:
    """Open a code window for this purpose."""
    if visit.open_window(Mode.CODE, purpose):
        visit.show(screen.Aiming, purpose=purpose, left_s=visit.left_s())


def badge_seen(visit: Visit, payload: bytes) -> None:
    """A code was held before the camera: a badge or a visitor's code opens, anything else does not."""
    visit.close_window()
    if payload.startswith(GUEST):
        _told(visit, visit.parts.entry.admit_guest(payload, visit.parts.clock.now()))
        return
    try:
        person = visit.parts.people.by_badge(payload)
    except Unknown:
        refuse(visit)
        return
    present(visit, Claim(person, Factor.BADGE))


def present(visit: Visit, claim: Claim) -> None:
    """One factor was shown: it opens, or asks for the other one of the same person. The same factor twice is still one."""
    before = visit.claim
    if visit.parts.settings.entry.factors == 1:
        admit(visit, claim.person)
    elif before is None or before.factor is claim.factor:
        visit.claim = claim
        ask_second(visit, claim.factor)
    elif before.person == claim.person:
        admit(visit, claim.person)
    else:
        refuse(visit)


def ask_second(visit: Visit, first: Factor) -> None:
    """After a badge everybody sees the same two, where this door knows faces at all; after a PIN, the badge."""
    if first is Factor.PIN:
        aim(visit, Purpose.SECOND)
    elif visit.face_usable:
        visit.show(screen.Second)
    else:
        keypad(visit, Purpose.SECOND)


def ask_pin(visit: Visit) -> None:
    """Show the keypad: for the first factor, or after a badge for the second."""
    keypad(visit, Purpose.OPEN if visit.claim is None else Purpose.SECOND)


def keypad(visit: Visit, purpose: Purpose, *, wrong: bool = False) -> None:
    """Show the keypad, slowed by the wrong entries before."""
    wait_s = visit.keypad_limit.wait_s(visit.parts.clock.passed_s())
    visit.show(screen.Keypad, purpose=purpose, wrong=wrong, wait_s=wait_s)


def pin_entered(visit: Visit, pin: str) -> None:
    """A PIN was typed: it opens, or leads to the badge at a two-factor door."""
    purpose = visit.scene.purpose if isinstance(visit.scene, screen.Keypad) else Purpose.OPEN
    person = pin_of(visit, pin)
    if person is None or (visit.claim is not None and visit.claim.person != person):
        keypad(visit, purpose, wrong=True)
    else:
        present(visit, Claim(person, Factor.PIN))


def pin_of(visit: Visit, pin: str) -> UUID | None:
    """
    Whose PIN this is. While the keypad waits nothing is looked up.

    Nobody's PIN, and somebody else's than the one who is claimed, count as wrong alike.
    """
    now_s = visit.parts.clock.passed_s()
    if visit.keypad_limit.wait_s(now_s):
        return None
    try:
        person = visit.parts.people.by_pin(pin)
    except Unknown:
        visit.keypad_limit.failed(now_s)
        return None
    if visit.claim is not None and visit.claim.person != person:
        visit.keypad_limit.failed(now_s)
    return person


def use_face(visit: Visit) -> None:
    """Open a face window: one of all at a one-factor door, one to one after a badge."""
    claim = visit.claim
    if not visit.face_usable or (claim is None) is not visit.face_alone:
        return
    if not visit.face_limit.open(visit.parts.clock.passed_s()):
        visit.show(screen.NotOpened, because=NoEntry.TOO_MANY)
        return
    gallery = visit.parts.vault.gallery(visit.parts.clock.now(), only=None if claim is None else claim.person)
    purpose = Purpose.OPEN if claim is None else Purpose.SECOND
    if visit.open_window(Mode.FACE, purpose, attempt(gallery), lambda outcome: face_told(visit, outcome), gallery):
        visit.show(screen.Looking, purpose=purpose, left_s=visit.left_s())


def face_told(visit: Visit, outcome: Known | NotKnown) -> None:
    """The attempt's story has ended."""
    visit.close_window()
    if isinstance(outcome, NotKnown):
        visit.face_limit.failed(visit.parts.clock.passed_s())
        visit.show(screen.NotKnown)
        return
    visit.face_limit.passed()
    if admit(visit, outcome.person):
        try:
            visit.parts.vault.used(outcome.person, visit.parts.clock.now())
        except VaultError as fault:  # the door is open; what was not written is only noted
            visit.note(fault.code)


def admit(visit: Visit, person: UUID) -> bool:
    """Open, and say so; never for whom or how."""
    return _told(visit, visit.parts.entry.admit(person, visit.parts.clock.now()))


def refuse(visit: Visit, because: NoEntry = NoEntry.NOT_VALID) -> None:
    """Say that it did not open; one word, whatever the way in."""
    visit.claim = None
    visit.show(screen.NotOpened, because=because)


def _told(visit: Visit, let: Let | NoEntry) -> bool:
    visit.claim = None
    if isinstance(let, NoEntry):
        refuse(visit, let)
        return False
    visit.keypad_limit.passed()
    if let is Let.TESTED:
        refuse(visit, NoEntry.TESTING)
        return False
    visit.show(screen.Opened, for_s=visit.parts.entry.open_s())
    return True
