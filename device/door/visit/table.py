"""Owns the map of the kiosk: every press of every scene, and where it leads. What is not in the table does nothing."""

from collections.abc import Callable

from device.contract import screen, sight
from device.contract.console import JOIN_DIGITS
from device.contract.screen import Button, Purpose, Scene
from device.contract.words import Message
from device.door.attempt import NotKnown
from device.door.visit import choosing, opening, pairing, personal
from device.door.visit.visit import Visit, Window
from device.errors import FaultCode

Act = Callable[[Visit], None]

HOME: Act = Visit.home

PRESSES: dict[tuple[type[Scene], Button], Act] = {
    (screen.Idle, Button.SHOW_BADGE): opening.show_badge,
    (screen.Idle, Button.USE_FACE): opening.use_face,
    (screen.Idle, Button.PIN): opening.ask_pin,
    (screen.Idle, Button.INVITATION): choosing.ask_code,
    (screen.Idle, Button.ABOUT_ME): personal.ask_badge,
    (screen.Idle, Button.ANNOUNCED): personal.read_announced,
    (screen.Aiming, Button.STOP): HOME,
    (screen.Aiming, Button.PIN): opening.ask_pin,
    (screen.Looking, Button.STOP): HOME,
    (screen.Looking, Button.SHOW_BADGE): opening.show_badge,
    (screen.Looking, Button.PIN): opening.ask_pin,
    (screen.Keypad, Button.STOP): HOME,
    (screen.Keypad, Button.WITHDRAW): personal.withdraw,
    (screen.CodePad, Button.STOP): HOME,
    (screen.CodePad, Button.SHOW_INVITATION): choosing.show_invitation,
    (screen.Second, Button.STOP): HOME,
    (screen.Second, Button.PIN): opening.ask_pin,
    (screen.Second, Button.USE_FACE): opening.use_face,
    (screen.Opened, Button.STOP): HOME,
    (screen.NotKnown, Button.STOP): HOME,
    (screen.NotKnown, Button.SHOW_BADGE): opening.show_badge,
    (screen.NotKnown, Button.PIN): opening.ask_pin,
    (screen.NotOpened, Button.STOP): HOME,
    (screen.NotOpened, Button.SHOW_BADGE): opening.show_badge,
    (screen.NotOpened, Button.PIN): opening.ask_pin,
    (screen.Fault, Button.STOP): HOME,
    (screen.Fault, Button.PIN): opening.ask_pin,
    (screen.Issued, Button.NEXT): choosing.ask_choice,
    (screen.Choice, Button.BADGE_AND_PIN): choosing.decline,
    (screen.Choice, Button.MY_FACE_TOO): choosing.read_notice,
    (screen.Choice, Button.STOP): HOME,
    (screen.Notice, Button.STOP): HOME,
    (screen.Sitting, Button.STOP): choosing.leave,
    (screen.Kept, Button.STOP): HOME,
    (screen.Gone, Button.STOP): HOME,
    (screen.Personal, Button.STOP): HOME,
    (screen.Personal, Button.MY_FACE_TOO): choosing.read_notice,
    (screen.Personal, Button.RENEW): choosing.renew,
    (screen.Personal, Button.WITHDRAW): personal.withdraw,
    (screen.Personal, Button.WITHDRAW_EVERYWHERE): personal.withdraw_everywhere,
    (screen.Announced, Button.STOP): HOME,
    (screen.Compare, Button.SAME): pairing.same,
    (screen.Compare, Button.DIFFERENT): pairing.different,
    (screen.Joining, Button.STOP): Visit.idle,
    (screen.Joined, Button.STOP): HOME,
}

CODES: dict[Purpose, Callable[[Visit, bytes], None]] = {
    Purpose.OPEN: opening.badge_seen,
    Purpose.SECOND: opening.badge_seen,
    Purpose.ABOUT_ME: personal.badge_seen,
    Purpose.INVITATION: choosing.invitation_seen,
}
"""Where a QR code leads, by what the window was opened for."""


def hear(visit: Visit, message: Message) -> None:
    """One press, entry or *I agree*; it counts only on the scene it was made on."""
    if getattr(message, "scene", None) != visit.scene.scene:  # type: ignore[attr-defined]  # every scene has a serial
        return
    if isinstance(message, screen.Press):
        act = PRESSES.get((type(visit.scene), message.button))
        if act is not None:
            visit.guarded(lambda: act(visit))
    elif isinstance(message, screen.Enter):
        visit.guarded(lambda: _entered(visit, message.digits))
    elif isinstance(message, screen.Agree) and isinstance(visit.scene, screen.Notice):
        visit.guarded(lambda: choosing.agreed(visit, message))


def _entered(visit: Visit, digits: str) -> None:
    if isinstance(visit.scene, screen.CodePad):
        (pairing.typed if len(digits) == JOIN_DIGITS else choosing.redeem)(visit, digits)
    elif isinstance(visit.scene, screen.Keypad):
        about_me = visit.scene.purpose is Purpose.ABOUT_ME
        (personal.pin_entered if about_me else opening.pin_entered)(visit, digits)


def see(visit: Visit, message: Message) -> None:
    """One message from eyes."""
    window = visit.window
    if isinstance(message, sight.WindowOpened):
        visit.opened(message)
    elif isinstance(message, sight.Seen):
        visit.guarded(lambda: visit.saw(message))
    elif isinstance(message, sight.CodeSeen) and window is not None and window.number == message.window:
        visit.guarded(lambda: CODES[window.purpose](visit, message.payload))
    elif isinstance(message, sight.WindowClosed):
        visit.camera(on=False)
        if window is not None and window.number == message.window:
            visit.guarded(lambda: over(visit, window, broken=message.because is sight.Why.FAULT))


def over(visit: Visit, window: Window, *, broken: bool) -> None:
    """A window ended by itself: by a fault, or by time."""
    if broken:
        if isinstance(visit.scene, screen.Sitting):
            choosing.leave(visit)
        visit.fault(FaultCode.CAMERA)
    elif isinstance(visit.scene, screen.Sitting):
        choosing.window_over(visit)
    elif window.face_seen:
        opening.face_told(visit, NotKnown())
    else:
        visit.home()


def tick(visit: Visit) -> None:
    """Serve what has come due."""
    visit.tick(lambda window, broken: visit.guarded(lambda: over(visit, window, broken=broken)))


def lost(visit: Visit) -> None:
    """Eyes are gone, and their camera with them: an open window ends as a fault, and the idle scene offers what is left."""
    visit.camera(on=False)
    if visit.window is not None:
        window = visit.window
        visit.guarded(lambda: over(visit, window, broken=True))
    elif isinstance(visit.scene, screen.Idle):
        visit.home()
