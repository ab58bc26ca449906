"""What the office may ask and be told: by the command line beside the door.

There is no word here for a choice, a template, a way in, a time of passing, a picture or *I agree*; what the office asks
about a person is answered alike whatever that person chose.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from device.contract.words import Digits, Hidden, Message, Part, why, word
from device.errors import FaultCode


class LockState(StrEnum):
    """What the lock says of itself; unknown is a state."""

    CLOSED = "closed"
    MOVING = "moving"
    OPEN = "open"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """How far a pairing with a console is."""

    NONE = "none"
    """Nobody asked for one."""
    ASKED = "asked"
    """The link may introduce this door."""
    COMPARE = "compare"
    """The kiosk shows digits, and nobody has said yet whether the console shows the same."""
    WAITING = "waiting"
    """Same, it was said here; the console's side has not said so yet."""
    PAIRED = "paired"
    REFUSED = "refused"
    """Somebody said different, the ticket was none, or the console could not be reached."""


# --- office to door --------------------------------------------------------------------------------------------------


@word
class Invite(Message):
    """Make a new person and a one-time code."""


@word
class InviteAgain(Message):
    """A new code for a person whose code or badge is lost; an older code dies."""

    person: UUID = why("who; a random id")


@word
class ListPeople(Message):
    """Who is admitted here, in pages."""

    after: UUID | None = why("the last id of the page before")


@word
class End(Message):
    """A person leaves: badge, PIN and any template go, alike for everybody."""

    person: UUID = why("who; a random id")


@word
class Expect(Message):
    """Let a new door join: for a quarter of an hour its twelve digits may be typed at this door's screen."""

    first: bool = why("no door holds the office's key yet, and this one's own becomes it")


@word
class AskStatus(Message):
    """How is the door?"""


@word
class Pair(Message):
    """A ticket was left for the link: for a quarter of an hour it may introduce this door."""


@word
class AskPairing(Message):
    """How far is it?"""


# --- door to office --------------------------------------------------------------------------------------------------


@word
class Invited(Message, Hidden):
    """A one-time code, to be given to the person."""

    person: UUID = why("the random id by which the office knows them")
    code: Digits = why("the office hands it over; it dies when used or reissued")
    until: datetime = why("when it dies by itself")


@word
class PersonLine(Part):
    """One person, as the office may know them."""

    person: UUID = why("random id")
    invited_at: datetime = why("the office's own act")
    collected_on: datetime | None = why("the day the invitation was redeemed, at midnight; never the hour")
    ended: bool = why("the office's own act")


@word
class People(Message):
    """Who is admitted here; nothing of choices."""

    people: tuple[PersonLine, ...] = why("the office's own list")
    more: bool = why("a message holds 200 at most; ask on with the last id")


@word
class Ended(Message):
    """This person cannot open this door and no face of theirs is here."""

    person: UUID = why("the one who was named in the command")


@word
class Status(Message):
    """Health, and figures that tell on nobody."""

    eyes: bool = why("whether the camera process answers")
    front: bool = why("whether the screen process answers")
    lock: LockState = why("what the lock says")
    swept_at: datetime | None = why("when deadlines were last served")
    people: int = why("how many are admitted; not how many use a face")
    paired: bool = why("whether a console's keys are pinned")
    console: bool = why("whether the console answers")


@word
class PairingIs(Message):
    """How far a pairing is."""

    stage: Stage = why("what to do next")
    digits: Digits | None = why("to compare, for somebody who cannot see the kiosk; saying so is the kiosk's alone")
    peopled: bool = why("whether people were invited here before, who will not be in the console's list")


@word
class Expecting(Message):
    """A new door's digits may be typed now."""

    until: datetime = why("after that they may not")


@word
class Refused(Message):
    """It could not be done."""

    code: FaultCode = why("which sentence to print")


TO_DOOR: tuple[type[Message], ...] = (Invite, InviteAgain, ListPeople, End, Expect, AskStatus, Pair, AskPairing)
TO_OFFICE: tuple[type[Message], ...] = (Invited, People, Ended, Status, PairingIs, Expecting, Refused)
