"""Owns the way from an invitation to a receipt: badge and PIN first, then the choice, then, for a yes, notice and looks.

Consent is recorded before the first look (CON-11, CON-13) and taken back by itself when the looks are left. What never
happens here: a look without a live consent; asking somebody twice.
"""

import secrets
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from device.contract import screen
from device.contract.screen import Purpose
from device.contract.sight import Mode
from device.contract.words import Blob
from device.door.consent import Event, State, Who
from device.door.enrol import LOOKS, sitting
from device.door.visit import opening
from device.door.visit.visit import Visit
from device.errors import ByleaveError, Unknown

SITTING_WINDOWS = 6
"""Camera windows one sitting may take: a minute. After that the badge is the way, and no reason is kept (ALT-05)."""


def ask_code(visit: Visit, *, wrong: bool = False) -> None:
    """Show the pad for an invitation's digits."""
    visit.show(screen.CodePad, wrong=wrong, wait_s=visit.keypad_limit.wait_s(visit.parts.clock.passed_s()))


def show_invitation(visit: Visit) -> None:
    """Read the invitation's QR instead of typing."""
    opening.aim(visit, Purpose.INVITATION)


def invitation_seen(visit: Visit, payload: bytes) -> None:
    """A code was held before the camera while an invitation was wanted."""
    visit.close_window()
    redeem(visit, payload.decode("ascii", "replace"))


def redeem(visit: Visit, code: str) -> None:
    """An invitation becomes a badge and a PIN, before any question about faces (ALT-04)."""
    now, now_s = visit.parts.clock.now(), visit.parts.clock.passed_s()
    if visit.keypad_limit.wait_s(now_s):
        ask_code(visit, wrong=True)
        return
    try:
        made = visit.parts.people.redeem(code, now)
    except Unknown:
        visit.keypad_limit.failed(now_s)
        ask_code(visit, wrong=True)
        return
    visit.keypad_limit.passed()
    visit.person = made.person
    visit.show(screen.Issued, badge=made.badge, pin=made.pin)
    if made.again:
        # Badge and PIN are shown whatever becomes of the erasure: the face does not match any more, and the sweep goes on.
        try:
            visit.parts.forget.forget(made.person, Event.CARD_RESET, Who.DOOR, now)
        except ByleaveError as fault:
            visit.note(fault.code)


def ask_choice(visit: Visit) -> None:
    """Ask once; whoever has chosen before is not asked again."""
    if visit.person is None or visit.parts.vault.state(visit.person) is not State.NOT_CHOSEN or not visit.face_usable:
        visit.home()
        return
    visit.show(screen.Choice, face_first=bool(secrets.randbits(1)))


def decline(visit: Visit) -> None:
    """Badge and PIN; written down as their choice, and done."""
    if visit.person is not None:
        visit.parts.vault.advance(visit.person, Event.DECLINE, Who.PERSON, visit.parts.clock.now())
    visit.home()


def read_notice(visit: Visit) -> None:
    """Show the notice in force, to begin with a face."""
    if visit.face_usable:
        renew(visit)


def renew(visit: Visit) -> None:
    """Show the notice in force, also to whoever has said yes to the one before; no camera is needed for that."""
    if visit.person is None:
        return
    notice = visit.parts.vault.notices.current
    visit.show(screen.Notice, version=notice.version, text=notice.text, days=visit.parts.vault.keeping.template_days)


def agreed(visit: Visit, message: screen.Agree) -> None:
    """*I agree*, ticked and held, to the notice that was on screen; then the looks begin, where there is no template yet."""
    notice = visit.parts.vault.notices.current
    if visit.person is None or not message.ticked or message.version != notice.version:
        return
    now = visit.parts.clock.now()
    if visit.parts.vault.state(visit.person) is State.ENROLLED:
        visit.parts.vault.advance(visit.person, Event.RENEW, Who.PERSON, now, notice)
        told_kept(visit, visit.person)
        return
    visit.parts.vault.advance(visit.person, Event.GIVE, Who.PERSON, now, notice)
    visit.windows_left = SITTING_WINDOWS
    look(visit)


def look(visit: Visit) -> None:
    """A window of guided looks, under a consent that is live now."""
    if visit.person is None:
        return
    visit.windows_left -= 1
    consent = visit.parts.vault.active(visit.person, visit.parts.clock.now())
    if visit.open_window(Mode.FACE, Purpose.OPEN, sitting(consent), lambda mean: told(visit, mean)):
        visit.show(screen.Sitting, done=0, of=LOOKS)


def told(visit: Visit, mean: NDArray[np.float32] | None) -> None:
    """The looks are complete, or they were of more than one person, which ends them."""
    if mean is None:
        leave(visit)
    else:
        keep(visit, mean)


def keep(visit: Visit, mean: NDArray[np.float32]) -> None:
    """One template, one receipt; the mean is overwritten here."""
    visit.close_window()
    if visit.person is None:
        return
    now = visit.parts.clock.now()
    try:
        consent = visit.parts.vault.active(visit.person, now)
        visit.parts.vault.put_template(consent, mean, now)
    finally:
        mean.fill(0)
    told_kept(visit, visit.person)


def told_kept(visit: Visit, person: UUID) -> None:
    """The receipt of this person's live consent, and when their template will be gone."""
    now = visit.parts.clock.now()
    consent, about = visit.parts.vault.active(person, now), visit.parts.vault.about(person)
    receipt = Blob(visit.parts.vault.consent_receipt(person, now))
    visit.show(screen.Kept, receipt=receipt, gone_at=about.gone_at or consent.until)


def window_over(visit: Visit) -> None:
    """A window ended before the looks were complete: look on for a while, then leave."""
    visit.close_window()
    if visit.windows_left > 0:
        look(visit)
    else:
        leave(visit)


def leave(visit: Visit) -> None:
    """Leave the looks: the consent ends as if it had not been given, and no template was made."""
    visit.close_window()
    if visit.person is not None and visit.parts.vault.state(visit.person) is State.GIVEN:
        visit.parts.forget.forget(visit.person, Event.LEAVE, Who.PERSON, visit.parts.clock.now())
    visit.home()
