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
class AskStatus(Message):
    """How is the door?"""


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


@word
class Refused(Message):
    """It could not be done."""

    code: FaultCode = why("which sentence to print")


TO_DOOR: tuple[type[Message], ...] = (Invite, InviteAgain, ListPeople, End, AskStatus)
TO_OFFICE: tuple[type[Message], ...] = (Invited, People, Ended, Status, Refused)
