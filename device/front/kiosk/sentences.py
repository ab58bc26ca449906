"""Owns what is said for every code of a closed list, and how a date is written. The templates hold the rest.

Second person, present tense, short: what happens, then what you can do. What never happens here: a name, a value.
"""

import re
from datetime import datetime
from typing import Final, NamedTuple

from device.contract.console import LookReason, Reason, Role
from device.contract.screen import NoEntry, Purpose, Searched, Standing
from device.contract.sight import Hint
from device.errors import FaultCode


class Said(NamedTuple):
    """A title, and the line under it."""

    title: str
    line: str


HINTS: Final[dict[Hint, str]] = {
    Hint.NOBODY: "Stand before the camera.",
    Hint.CLOSER: "A little closer.",
    Hint.ONE_PERSON: "One person at a time.",
    Hint.MORE_LIGHT: "A little more light on your face.",
    Hint.HOLD_STILL: "Hold still for a moment.",
    Hint.FINE: "Just right. Stay like this.",
}

AIMING: Final[dict[Purpose, Said]] = {
    Purpose.OPEN: Said("Show your badge.", "Hold its code before the camera, a hand's length away."),
    Purpose.SECOND: Said("Now show your badge.", "Your PIN is right. Hold the badge's code before the camera."),
    Purpose.INVITATION: Said("Show your invitation.", "Hold its code before the camera, a hand's length away."),
    Purpose.ABOUT_ME: Said("Show your badge first.", "Then your PIN. Your page opens with both, never with a face."),
}

LOOKING: Final[dict[Purpose, str]] = {
    Purpose.OPEN: "For this try only, then forgotten.",
    Purpose.SECOND: "Compared with your own template only.",
    Purpose.INVITATION: "",
    Purpose.ABOUT_ME: "",
}

KEYPAD: Final[dict[Purpose, Said]] = {
    Purpose.OPEN: Said("Type your PIN.", "It works whatever the camera does."),
    Purpose.SECOND: Said("Now type your PIN.", "Your badge is right. The PIN opens the door."),
    Purpose.INVITATION: Said("Type your PIN.", "It opens this door by itself."),
    Purpose.ABOUT_ME: Said("Now type your PIN.", "Badge and PIN together open your page."),
}

NOT_OPENED: Final[dict[NoEntry, Said]] = {
    NoEntry.NOT_VALID: Said("That doesn't open this door now.", "Try your badge once more, or your PIN."),
    NoEntry.OUTSIDE_HOURS: Said("It's outside your hours.", "This door opens for you at other times; the office knows which."),
    NoEntry.TESTING: Said("It would have opened.", "Test mode is on: nothing opens, and nothing is recorded."),
    NoEntry.TOO_MANY: Said("The camera rests for a minute.", "It has seen many tries. Your badge and your PIN open the door."),
}

STANDINGS: Final[dict[Standing, Said]] = {
    Standing.NOT_CHOSEN: Said("You haven't chosen yet.", "Nothing of your face is here. Your badge and PIN open the door."),
    Standing.BADGE_AND_PIN: Said("You use badge and PIN.", "Nothing of your face is here."),
    Standing.FACE_TOO: Said("You use your face too.", "One template of your face is kept at this door, and nowhere else."),
    Standing.ENDED: Said("Your time at this door has ended.", "Nothing of your face is here."),
}

REASONS: Final[dict[Reason, str]] = {
    Reason.BREAK_IN: "A break-in.",
    Reason.THEFT: "A theft.",
    Reason.VIOLENCE: "Violence.",
    Reason.DAMAGE: "Damage.",
    Reason.SAFETY: "Somebody's safety.",
    Reason.COURT_ORDER: "A court order.",
}
"""Why a day was asked for."""

ROLES: Final[dict[Role, str]] = {
    Role.FRONT_DESK: "The front desk",
    Role.OPERATOR: "An operator",
    Role.PRIVACY_OFFICER: "The privacy officer",
    Role.AUDITOR: "An auditor",
    Role.INSTALLER: "An installer",
}

LOOK_REASONS: Final[dict[LookReason, str]] = {
    LookReason.INVITATION: "to invite you",
    LookReason.CORRECTION: "to correct something",
    LookReason.QUESTION: "because of a question",
    LookReason.ACCESS_REQUEST: "because you asked what is kept of you",
    LookReason.LEAVING: "because you leave",
}

SEARCHED: Final[dict[Searched, str]] = {
    Searched.BYTES: "I searched every file byte by byte.",
    Searched.STRUCTURE: "I searched every table of the vault.",
}

_CAMERA = Said("My camera isn't working.", "Your PIN opens the door.")
_VAULT = Said("I can't read my own records.", "The door stays closed from this side.")
_LOCK = Said("The lock doesn't answer.", "The door stays as it is, which is closed.")
_ODD = Said("Something in me went wrong.", "Nothing was opened and nothing is lost. Your PIN opens the door.")

FAULTS: Final[dict[FaultCode, Said]] = {
    FaultCode.CAMERA: _CAMERA,
    FaultCode.CAMERA_MISSING: Said("My camera is missing.", "Your PIN opens the door."),
    FaultCode.CAMERA_LOST: Said("My camera was unplugged.", "Your PIN opens the door."),
    FaultCode.FACE: _CAMERA,
    FaultCode.PICTURE: _CAMERA,
    FaultCode.MODELS_DAMAGED: Said("I can't tell faces apart just now.", "Your PIN opens the door."),
    FaultCode.LOCK: _LOCK,
    FaultCode.VAULT: _VAULT,
    FaultCode.VAULT_DAMAGED: _VAULT,
    FaultCode.KEYS_MISSING: _VAULT,
    FaultCode.VAULT_FULL: Said("This door holds as many faces as it may.", "Your badge and PIN go on working, as before."),
    FaultCode.NO_CONSENT: Said(
        "There is no yes of yours to this notice.", "Nothing of your face was kept. Your badge and PIN open."
    ),
    FaultCode.UNKNOWN: Said("I don't know this one.", "Try again, or use your PIN."),
    FaultCode.WIRE: Said("This door's inside is restarting.", "Readers still open it."),
    FaultCode.POLICY: _ODD,
    FaultCode.SETTINGS: _ODD,
    FaultCode.SETUP: _ODD,
    FaultCode.SECOND_PROCESS: _ODD,
    FaultCode.UNEXPECTED: _ODD,
}

ASK_SOMEBODY: Final = frozenset({FaultCode.LOCK, FaultCode.VAULT, FaultCode.VAULT_DAMAGED, FaultCode.KEYS_MISSING})
"""Faults the person at the door can do nothing about; the page says whom to ask, and offers no PIN in vain."""


def waiting(doors: int) -> str:
    """What a receipt says while other doors have not confirmed."""
    if doors == 1:
        return "One other door has not confirmed yet; it does so as soon as it is reached."
    return f"{doors} other doors have not confirmed yet; they do so as soon as they are reached."


def spelt(key: bytes) -> str:
    """A public key in letters that people compare and a QR code holds compactly, in groups of four."""
    return " ".join(re.findall(".{1,4}", key.hex().upper()))


def day(at: datetime) -> str:
    """A date at this door, as "12 March 2027"."""
    here = at.astimezone()
    return f"{here.day} {here:%B %Y}"


def moment(at: datetime) -> str:
    """A time at this door, as "Mon 23 November, 08:41"."""
    here = at.astimezone()
    return f"{here:%a} {here.day} {here:%B, %H:%M}"
