"""What leaves the building, and what may come in: door ⇄ console, carried by the link, which adds nothing.

There is no word here for a choice, a template, a way in, a time of passing, a picture or *I agree*. What the console
sends is signed with its policy key, so that the link cannot make any of it up; what concerns doors among themselves is
sealed under the office's key, which the console has not. `frame` and `frames` are the form of it all inside HTTPS.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from device.contract.words import CELL_BYTES, Blob, CellBytes, Message, NoticeText, Part, decode, encode, why, word
from device.errors import WireError


class Reason(StrEnum):
    """Why two custodians may be asked to open a day; there is no free text."""

    BREAK_IN = "break_in"
    THEFT = "theft"
    VIOLENCE = "violence"
    DAMAGE = "damage"
    SAFETY = "safety"
    COURT_ORDER = "court_order"


class Role(StrEnum):
    """Who in the office did something."""

    FRONT_DESK = "front_desk"
    OPERATOR = "operator"
    PRIVACY_OFFICER = "privacy_officer"
    AUDITOR = "auditor"
    INSTALLER = "installer"


class LookReason(StrEnum):
    """Why somebody in the office opened a person's page."""

    INVITATION = "invitation"
    CORRECTION = "correction"
    QUESTION = "question"
    ACCESS_REQUEST = "access_request"
    LEAVING = "leaving"


class Alarm(StrEnum):
    """What is told at once. None of them can be caused by what one person chose."""

    EYES_DOWN = "eyes_down"
    SCREEN_DOWN = "screen_down"
    LOCK_SILENT = "lock_silent"
    CLOCK_STEPPED = "clock_stepped"
    POLICY_REFUSED = "policy_refused"
    OUTBOX_FULL = "outbox_full"
    DISK_LOW = "disk_low"
    TAMPER = "tamper"
    FORCED = "forced"
    HELD_OPEN = "held_open"


class Language(StrEnum):
    """Languages a notice may come in."""

    EN = "en"
    DE = "de"
    FR = "fr"
    ES = "es"
    ZH = "zh"


class CommandKind(StrEnum):
    """What the office may have a door do at once."""

    OPEN_ONCE = "open_once"
    TEST_BEGIN = "test_begin"
    TEST_END = "test_end"


# --- door to console -------------------------------------------------------------------------------------------------


class Record(Message):
    """Base of what waits in the outbox until the console has stored it; `number` counts up, so that twice is once."""

    __slots__ = ()


@word
class About(Message):
    """Which door this is, told whenever the link comes up."""

    version: tuple[int, ...] = why("SAF-13: which program runs")
    factors: int = why("one or two, from the door's own settings")
    faces: bool = why("whether this door offers faces at all; a setting, nobody's choice")
    joined: bool = why("whether it holds the office's key")
    policy: int = why("from where policy is wanted")
    number: int = why("the last record it made, so that a replaced console notices a gap")


@word
class Minute(Message):
    """Every minute, whatever happened: health, and a cell."""

    at: datetime = why("which minute")
    policy: int = why("the last policy applied")
    eyes: bool = why("whether the camera process answers")
    front: bool = why("whether the screen process answers")
    lock: bool = why("whether the lock answers; not whether it is open")
    testing: bool = why("whether the office's test mode is on")
    cell: CellBytes = why("sealed matters between doors, or chance; always the same size")


@word
class Hourly(Record):
    """How many openings in an hour."""

    number: int = why("stored once")
    hour: datetime = why("which hour")
    openings: int = why("a count; 0 when fewer than five people")


@word
class Collected(Record):
    """Who collected badge and PIN on a day; sent after it has ended."""

    number: int = why("stored once")
    day: datetime = why("the day, at midnight; never the hour")
    people: tuple[UUID, ...] = why("the office hands out the codes and must know which are used")


@word
class EndedHere(Record):
    """This person cannot open this door and no face of theirs is here; told alike, and after the same delay."""

    number: int = why("stored once")
    person: UUID = why("whose end the policy told")


class Bundle(StrEnum):
    """Which of the two daily bundles."""

    JOURNAL = "journal"
    EVIDENCE = "evidence"


@word
class BundlePart(Record):
    """A piece of a sealed, padded daily bundle, which the console keeps and cannot open."""

    number: int = why("stored once")
    bundle: Bundle = why("which of the two")
    day: datetime = why("the day, at midnight")
    part: int = why("which piece, from 0")
    of: int = why("how many; a power of two, by padding")
    sealed: Blob = why("ciphertext")


@word
class Answers(Record):
    """Two yes or no that no single choice can move; nothing while they are not measured."""

    number: int = why("stored once")
    week: datetime = why("the week's Monday")
    budget_met: bool | None = why("computed as if everyone admitted used a face")
    badge_good: bool | None = why("badge times against a fixed figure")


@word
class AlarmRaised(Record):
    """Something needs somebody, or no longer does."""

    number: int = why("stored once")
    alarm: Alarm = why("what needs somebody")
    at: datetime = why("when it was noticed")
    over: bool = why("whether it has ended")


@word
class CommandDone(Record):
    """A command was obeyed, or was too late."""

    number: int = why("stored once")
    act: int = why("which command")
    done: bool = why("whether it was done")


@word
class DayReleased(Record):
    """The release key of one day, after the request stands in the journal and on the notice page."""

    number: int = why("stored once")
    incident: int = why("which request")
    day: datetime = why("which day")
    key: Blob = why("opens the outer of two seals; the inner one needs two custodians")


@word
class EvidenceReleased(Record):
    """One person's evidence key, sealed to the custodians, after that person has been told."""

    number: int = why("stored once")
    request: int = why("which request")
    key: Blob = why("sealed to the evidence key")


@word
class JoinAsked(Record):
    """This new door wants the office's key."""

    number: int = why("stored once")
    public: Blob = why("what the office's key is to be sealed to")
    salt: Blob = why("for stretching the digits on its screen")
    proof: Blob = why("that this public key belongs to whoever shows the digits")


@word
class JoinGranted(Record):
    """The office's key and the badge book for a new door, sealed to it."""

    number: int = why("stored once")
    to: UUID = why("which door")
    part: int = why("which piece, from 0")
    of: int = why("how many; follows from how many people the policy admits")
    sealed: Blob = why("ciphertext")


@word
class CustodiansAccepted(Record):
    """The door now seals to these custodians."""

    number: int = why("stored once")
    incident: Blob = why("the public key it has pinned")


# --- console to door -------------------------------------------------------------------------------------------------


@word
class Stored(Message):
    """All records up to this number are stored."""

    number: int = why("the outbox lets go of them")


@word
class Admitted(Part):
    """One person, as a door must know them."""

    person: UUID = why("a random id")
    begins_at: datetime | None = why("their span")
    ends_at: datetime | None = why("their span")
    ended: bool = why("this person leaves, or this door is no longer theirs")
    hours: tuple[int, ...] = why("which weekly hours admit them; any one of them; 0 is always")
    code: Blob | None = why("SHA-256 of the code in force, 32 bytes; nothing when none is")
    code_until: datetime | None = why("when the code dies")


@word
class Guest(Part):
    """A visitor's bearer code."""

    visitor: UUID = why("a random id")
    digest: Blob = why("SHA-256 of what the QR says")
    begins_at: datetime = why("its span")
    ends_at: datetime = why("its span; it destroys itself then")
    gone: bool = why("taken back before its end")


@word
class Span(Part):
    """One piece of a week."""

    day: int = why("0 is Monday")
    begins_min: int = why("minute of the day")
    ends_min: int = why("minute of the day, at most 1440")


@word
class Hours(Part):
    """One set of weekly hours, in the door's own time zone."""

    hours: int = why("which set; above 0")
    spans: tuple[Span, ...] = why("when it admits")
    on_holidays: bool = why("whether also on holidays")
    gone: bool = why("the set is no more")


@word
class Holidays(Part):
    """The days on which ordinary hours do not count."""

    days: tuple[int, ...] = why("days since 1970-01-01, in the door's own time zone")


@word
class Published(Part):
    """A notice, in one language."""

    version: int = why("the office's count of notices")
    language: Language = why("whose eyes it is for")
    text: NoticeText = why("what people read before a yes")


@word
class Limits(Part):
    """What the office may set, within the caps of the door's own program."""

    template_days: int = why("longest life of a template")
    unused_days: int = why("disuse")
    openings_days: int = why("a person's own record")
    notice_days: int = why("grace after a new notice")
    open_s: int = why("how long the lock opens")


@word
class PageOpened(Part):
    """Somebody in the office opened a person's page; the person reads it at the door."""

    number: int = why("told once")
    person: UUID = why("whose page")
    role: Role = why("by whom, as a role")
    reason: LookReason = why("the reason, from a closed list")
    day: datetime = why("the day")


@word
class IncidentAsked(Part):
    """Two custodians are to open one day of one door."""

    number: int = why("which request")
    reason: Reason = why("told on the notice page and to the people concerned")
    begins_at: datetime = why("the span, a day at most")
    ends_at: datetime = why("the span, a day at most")
    asked_at: datetime = why("the console's own word; the door tells when it heard")


@word
class EvidenceAsked(Part):
    """Two custodians are to open one person's consent evidence."""

    number: int = why("which request")
    person: UUID = why("who is told first")
    asked_at: datetime = why("the console's own word; the door tells when it heard")


@word
class Sibling(Part):
    """A door of the same group of at most eight, this one among them."""

    door: UUID = why("which door it is")
    slot: int = why("its place in the cells, 0 to 7")
    public: Blob = why("what its badges are signed with")


@word
class Siblings(Part):
    """The doors that share people."""

    doors: tuple[Sibling, ...] = why("all of the group")


@word
class Custodians(Part):
    """The public keys of whoever can open a day together."""

    incident: Blob = why("days are sealed to it, 32 bytes")
    evidence: Blob = why("evidence keys are sealed to it, 32 bytes")
    statement: Blob = why("verifies the next change, 32 bytes")
    signature: Blob = why("by the statement key in force before, over the three; empty at pairing only")


@word
class Policy(Message):
    """What changed for one door since `after`: each entry is whole and replaces what was there under its id."""

    door: UUID = why("good at this door only")
    after: int = why("good only on top of this")
    number: int = why("where policy stands then")
    at: datetime = why("when the console was last heard, by its own clock")
    people: tuple[Admitted, ...] = why("who is admitted")
    guests: tuple[Guest, ...] = why("visitors' codes")
    hours: tuple[Hours, ...] = why("weekly hours")
    holidays: Holidays | None = why("exceptions to them")
    notices: tuple[Published, ...] = why("what people read before a yes")
    limits: Limits | None = why("settings within caps")
    pages: tuple[PageOpened, ...] = why("who opened whose page")
    incidents: tuple[IncidentAsked, ...] = why("requests that the people concerned are told of")
    evidence: tuple[EvidenceAsked, ...] = why("requests that the person is told of")
    siblings: Siblings | None = why("which doors share people")
    custodians: Custodians | None = why("a change of custodians, signed by the ones before")
    signature: Blob = why("by the console's policy key; the link cannot make one up")


@word
class Command(Message):
    """Do this at once, or not at all."""

    door: UUID = why("good at this door only")
    act: int = why("good once; counts up")
    kind: CommandKind = why("what to do")
    until: datetime = why("too late after this")
    signature: Blob = why("by the console's policy key")


@word
class CellOf(Message):
    """Another door's cell."""

    slot: int = why("whose; told again inside the seal")
    cell: CellBytes = why("sealed under the office's key")


@word
class JoinWanted(Message):
    """A new door of this group wants the office's key."""

    door: UUID = why("which door it is")
    public: Blob = why("what to seal to")
    salt: Blob = why("for stretching the digits")
    proof: Blob = why("checked against the digits typed here")


@word
class JoinSealed(Message):
    """A piece of what another door granted."""

    part: int = why("which piece, from 0")
    of: int = why("how many")
    sealed: Blob = why("ciphertext")


# --- between door and link only --------------------------------------------------------------------------------------


@word
class LinkIs(Message):
    """Whether the console answers."""

    up: bool = why("the door says so on its screen after 30 days")


@word
class AskIntroduction(Message):
    """Somebody beside the door gave the link a ticket: who are you?"""

    link: Blob = why("this link's own public key, which the promise is for, too; 32 bytes")


@word
class Introduction(Message):
    """This door's public keys, and a promise of a number drawn before the console's was known."""

    device: Blob = why("verifies badges and receipts, 32 bytes")
    commitment: Blob = why("SHA-256 of the number, the keys and the words it is for, 32 bytes")
    about: bool = why("whether it has people of its own already")


@word
class Offered(Message):
    """The console's answer to the introduction."""

    door: UUID = why("the id the console gives this door")
    link: Blob = why("the link's own public key, compared with the rest")
    policy: Blob = why("verifies policy, 32 bytes")
    incident: Blob = why("the custodians', pinned here and now")
    evidence: Blob = why("the custodians', pinned here and now")
    statement: Blob = why("the custodians', pinned here and now")
    nonce: Blob = why("the console's number, 32 bytes")


@word
class Revealed(Message):
    """The number that was promised; both screens show six digits now."""

    nonce: Blob = why("32 bytes; the console computes the digits from it")


@word
class Compared(Message):
    """What the person before the door said of the digits."""

    same: bool = why("pairing goes on only when both screens show the same")


@word
class PairedIs(Message):
    """What the console said in the end."""

    paired: bool = why("only now are its keys pinned")


RECORDS: Final[tuple[type[Record], ...]] = (
    Hourly,
    Collected,
    EndedHere,
    BundlePart,
    Answers,
    AlarmRaised,
    CommandDone,
    DayReleased,
    EvidenceReleased,
    JoinAsked,
    JoinGranted,
    CustodiansAccepted,
)
TO_CONSOLE: Final[tuple[type[Message], ...]] = (About, Minute, *RECORDS)
FROM_CONSOLE: Final[tuple[type[Message], ...]] = (Stored, Policy, Command, CellOf, JoinWanted, JoinSealed)
TO_LINK: Final[tuple[type[Message], ...]] = (*TO_CONSOLE, Introduction, Revealed, Compared)
FROM_LINK: Final[tuple[type[Message], ...]] = (*FROM_CONSOLE, LinkIs, AskIntroduction, Offered, PairedIs)

GROUP_MOST: Final = 8
"""Doors that share cells. Source: design section 4."""
ENTRIES_MOST: Final = 100
"""Entries of one kind in one policy message, so that it fits a wire's message."""
ASKED_A_DAY: Final = 5
"""Days, or evidence of one person, that a door may be asked for in a day: few enough that none pushes another off a page."""
PAIR_DIGITS: Final = 6
JOIN_DIGITS: Final = 12


def signed(message: Policy | Command) -> bytes:
    """What the console's signature is over: the message itself with an empty signature, after a line that says what it is."""
    return b"byleave-policy-1\0" + encode(replace(message, signature=Blob(b"")))


def request(method: str, path: str, door: UUID, number: int, body: bytes) -> bytes:
    """What the link's signature of one HTTPS request is over; `number` counts up in each direction and is good once."""
    return b"byleave-link-1\0" + f"{method} {path} {door.hex} {number} ".encode() + sha256(body).hexdigest().encode()


# --- the form inside HTTPS -------------------------------------------------------------------------------------------

FRAME_MOST: Final = 60_000
"""Bytes; what a wire's message may have."""


def frame(message: Message) -> bytes:
    """One message with its length; a cell travels as its 256 bytes, not as letters."""
    cell = b""
    if isinstance(message, Minute | CellOf):
        cell = bytes(message.cell)
        message = replace(message, cell=CellBytes(b""))
    body = encode(message)
    return len(body).to_bytes(3, "big") + (b"C" if cell else b"-") + body + cell


def frames(data: bytes, accepts: tuple[type[Message], ...]) -> tuple[list[Message], bytes]:
    """
    The whole messages at the beginning of these bytes, and what is left of a message that has not come whole.

    Raises: WireError for anything that is not of this form or not of these messages.
    """
    found: list[Message] = []
    rest = memoryview(data)
    while len(rest) >= 4:
        length, mark = int.from_bytes(rest[:3], "big"), bytes(rest[3:4])
        if length > FRAME_MOST or mark not in {b"C", b"-"}:
            raise WireError("A message came that the contract does not know.")
        whole = 4 + length + (CELL_BYTES if mark == b"C" else 0)
        if len(rest) < whole:
            break
        message = decode(bytes(rest[4 : 4 + length]), accepts)
        if isinstance(message, Minute | CellOf) is not (mark == b"C"):
            raise WireError("A message came that the contract does not know.")
        if isinstance(message, Minute | CellOf):
            message = replace(message, cell=CellBytes(bytes(rest[4 + length : whole])))
        found.append(message)
        rest = rest[whole:]
    return found, bytes(rest)


def many(messages: Iterable[Message]) -> bytes:
    """Several messages, one after the other."""
    return b"".join(map(frame, messages))
