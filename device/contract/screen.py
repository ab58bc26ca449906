"""What door and front say to each other: the scene the kiosk shows, and what a person pressed.

A scene is a message; its name is the page. Every press names the scene it was made on, so that none falls through to the
next one. No scene names anybody; the personal page, the badge and the receipt go to the person standing there and to
nobody else. What can never be said here: a picture, an embedding, a score, another person.
"""

from datetime import datetime
from enum import StrEnum

from device.contract.console import LookReason, Reason, Role
from device.contract.sight import Hint
from device.contract.words import Blob, Digits, Hidden, Message, NoticeText, Part, why, word
from device.errors import FaultCode


class Button(StrEnum):
    """Every button of the kiosk."""

    SHOW_BADGE = "show_badge"
    USE_FACE = "use_face"
    PIN = "pin"
    INVITATION = "invitation"
    SHOW_INVITATION = "show_invitation"
    ABOUT_ME = "about_me"
    STOP = "stop"
    NEXT = "next"
    BADGE_AND_PIN = "badge_and_pin"
    MY_FACE_TOO = "my_face_too"
    WITHDRAW = "withdraw"
    WITHDRAW_EVERYWHERE = "withdraw_everywhere"
    RENEW = "renew"
    ANNOUNCED = "announced"
    SAME = "same"
    DIFFERENT = "different"


class Purpose(StrEnum):
    """What a camera window or a keypad is for, in words a person knows."""

    OPEN = "open"
    SECOND = "second"
    INVITATION = "invitation"
    ABOUT_ME = "about_me"


class NoEntry(StrEnum):
    """Why the door stayed closed, as far as a corridor may read it."""

    NOT_VALID = "not_valid"
    TOO_MANY = "too_many"
    OUTSIDE_HOURS = "outside_hours"
    TESTING = "testing"
    """It would have opened; in the office's test mode nothing does."""


class Standing(StrEnum):
    """The choice as the person's own page tells it."""

    NOT_CHOSEN = "not_chosen"
    BADGE_AND_PIN = "badge_and_pin"
    FACE_TOO = "face_too"
    ENDED = "ended"


class Searched(StrEnum):
    """How the door looked for what should be gone."""

    BYTES = "bytes"
    STRUCTURE = "structure"


# --- door to front -------------------------------------------------------------------------------------------------


class Scene(Message):
    """Base of every scene."""

    __slots__ = ()


@word
class Idle(Scene):
    """The camera is off."""

    scene: int = why("presses name the scene they belong to")
    face: bool = why("whether this door offers the face at all right now")
    camera: bool = why("without a camera only PIN and readers are offered")
    simulated: bool = why("a simulation must say that it is one")
    testing: bool = why("in the office's test mode nothing opens, and the screen says so")
    notice_on: datetime | None = why("the day the notice changed, told to everyone for 30 days")
    alone_since: datetime | None = why("since when the console is away, once that stops the face")
    announced: bool = why("whether incidents or key changes of the last 30 days are to be read")


@word
class Aiming(Scene):
    """A code window: the camera reads QR codes only."""

    scene: int = why("presses name the scene they belong to")
    purpose: Purpose = why("which code is wanted")
    left_s: int = why("time left, told to the person")


@word
class Looking(Scene):
    """A face window."""

    scene: int = why("presses name the scene they belong to")
    purpose: Purpose = why("alone, or as the second factor")
    left_s: int = why("time left, told to the person")


@word
class Disc(Message):
    """Where the face is, for the disc; comes ten times a second or more while a window is open."""

    scene: int = why("belongs to this scene only")
    x: int = why("thousandths of the frame's width; 0 when nobody")
    y: int = why("thousandths of the frame's height; 0 when nobody")
    width: int = why("thousandths of the frame's width; 0 when nobody")
    hint: Hint = why("what would help")
    left_s: int = why("time left")


@word
class Camera(Message):
    """The dot on screen: on exactly while frames are read."""

    on: bool = why("TRA-08: the camera's state is visible")


@word
class Keypad(Scene):
    """A PIN is wanted."""

    scene: int = why("presses name the scene they belong to")
    purpose: Purpose = why("to open, as second factor, or for the personal page")
    wrong: bool = why("the last PIN was not right")
    wait_s: int = why("after wrong PINs the keypad slows; it locks nobody out")


@word
class CodePad(Scene):
    """An invitation's digits are wanted."""

    scene: int = why("presses name the scene they belong to")
    wrong: bool = why("the last code was not right or is used up")
    wait_s: int = why("after wrong codes the keypad slows")


@word
class Second(Scene):
    """A badge was good at a two-factor door: everybody sees the same two."""

    scene: int = why("presses name the scene they belong to")


@word
class Opened(Scene):
    """It's open; never by whom or how."""

    scene: int = why("presses name the scene they belong to")
    for_s: int = why("how long")


@word
class NotKnown(Scene):
    """This face is not known; nothing is kept."""

    scene: int = why("presses name the scene they belong to")


@word
class NotOpened(Scene):
    """A badge, PIN or code did not open."""

    scene: int = why("presses name the scene they belong to")
    because: NoEntry = why("the next step differs")


@word
class Fault(Scene):
    """Something is broken, and what opens all the same."""

    scene: int = why("presses name the scene they belong to")
    code: FaultCode = why("which sentence to show")


@word
class Issued(Scene, Hidden):
    """A badge and a PIN, shown once to the person who holds the invitation."""

    scene: int = why("presses name the scene they belong to")
    badge: Blob = why("the QR to print or photograph; the door keeps only its digest")
    pin: Digits = why("drawn by the door, shown once")


@word
class Choice(Scene):
    """Two twins; nothing is preselected."""

    scene: int = why("presses name the scene they belong to")
    face_first: bool = why("the order is drawn at random for each person")


@word
class Notice(Scene):
    """The notice, as it will be recorded."""

    scene: int = why("presses name the scene they belong to")
    version: int = why("consent is to this version and no other")
    text: NoticeText = why("the exact text, whose hash is stored with the yes (CON-04)")
    days: int = why("how long the template would live")


@word
class Sitting(Scene):
    """Guided looks."""

    scene: int = why("presses name the scene they belong to")
    done: int = why("progress")
    of: int = why("progress")


@word
class Kept(Scene, Hidden):
    """Consent is recorded, the template is made; here is the receipt."""

    scene: int = why("presses name the scene they belong to")
    receipt: Blob = why("signed by the door, for the person (CON-10)")
    gone_at: datetime = why("every template has a deadline, and the person knows it")


@word
class Gone(Scene, Hidden):
    """Withdrawal is done; the same words and the same form for everybody."""

    scene: int = why("presses name the scene they belong to")
    receipt: Blob = why("signed by the door, for the person (DEL-08)")
    searched: Searched = why("how the door looked")
    waiting: int = why("how many other doors have not confirmed yet")


@word
class Opening(Part):
    """One line of the person's own record."""

    at: datetime = why("the person's own opening, for the person")


@word
class Look(Part):
    """Somebody in the office opened this person's page."""

    role: Role = why("by whom, as a role")
    reason: LookReason = why("why")
    day: datetime = why("the day")


@word
class Asked(Part):
    """Custodians asked for a day in which this person opened the door, or, on the notice page, for any day."""

    reason: Reason = why("why")
    begins_at: datetime = why("the span asked for")
    ends_at: datetime = why("the span asked for")
    asked_at: datetime = why("when it was asked")


@word
class Personal(Scene, Hidden):
    """What this door knows about the person whose badge and PIN were shown."""

    scene: int = why("presses name the scene they belong to")
    standing: Standing = why("their choice, theirs to read")
    made_at: datetime | None = why("when a template was made")
    gone_at: datetime | None = why("when it will be gone")
    used_at: datetime | None = why("when it was last used")
    openings: tuple[Opening, ...] = why("their own record, newest first")
    renew_by: datetime | None = why("the notice has changed: by when a new yes is needed; nothing without a live consent")
    looks: tuple[Look, ...] = why("who in the office opened their page")
    asked: tuple[Asked, ...] = why("which days of theirs custodians asked for")
    evidence_asked: tuple[datetime, ...] = why("when custodians asked for their consent evidence")
    doors: int = why("how many other doors share people with this one: withdraw here, or at every door")


@word
class Announced(Scene):
    """The notice page: what everybody at this door may know of incidents and key changes of the last 30 days."""

    scene: int = why("presses name the scene they belong to")
    asked: tuple[Asked, ...] = why("which days custodians asked for, and why")
    custodians_on: tuple[datetime, ...] = why("when the custodians' keys changed")
    doors_on: tuple[datetime, ...] = why("when a new door was given the office's key")
    custodians: Blob | None = why("the incident key in force, shown as QR")
    version: int = why("the notice in force")
    notice: NoticeText = why("the notice in force, for everyone to read")


@word
class Compare(Scene):
    """Pairing: six digits, which the console must show too."""

    scene: int = why("presses name the scene they belong to")
    digits: Digits = why("equal only when nobody is in between")


@word
class Joining(Scene):
    """This new door's digits, to be typed at a door of the same office, under *I have an invitation*."""

    scene: int = why("presses name the scene they belong to")
    digits: Digits = why("prove at the other door that this door stands here")


@word
class Joined(Scene):
    """The digits of a new door were right: it gets the office's key."""

    scene: int = why("presses name the scene they belong to")


@word
class Noted(Message):
    """For the log: a code and a count, no interpolated text."""

    code: FaultCode = why("what happened")
    count: int = why("how often since the last note")


SCENES: tuple[type[Scene], ...] = (
    Idle,
    Aiming,
    Looking,
    Keypad,
    CodePad,
    Second,
    Opened,
    NotKnown,
    NotOpened,
    Fault,
    Issued,
    Choice,
    Notice,
    Sitting,
    Kept,
    Gone,
    Personal,
    Announced,
    Compare,
    Joining,
    Joined,
)
TO_FRONT: tuple[type[Message], ...] = (*SCENES, Disc, Camera, Noted)


# --- front to door -------------------------------------------------------------------------------------------------


@word
class Press(Message):
    """A button was pressed."""

    scene: int = why("counts only on the scene it was made on")
    button: Button = why("which one")


@word
class Enter(Message, Hidden):
    """Digits were typed: a PIN on a keypad, a code on a code pad."""

    scene: int = why("counts only on the scene it was made on")
    digits: Digits = why("checked by the door, kept by nobody")


@word
class Agree(Message):
    """*I agree*: ticked, then held. No other socket than the screen's knows this message."""

    scene: int = why("counts only on the scene it was made on")
    version: int = why("the notice that was on screen")
    ticked: bool = why("the one box, unticked at first (CON-02)")


TO_DOOR: tuple[type[Message], ...] = (Press, Enter, Agree)
