"""What eyes and door say to each other: look now, this is what I see, stop.

The only vocabulary with a word for an embedding (`Numbers128`). It has none for a picture. Eyes hold nothing after
`WindowClosed`; nothing here opens a lock.
"""

from enum import StrEnum

from device.contract.words import Blob, Hidden, Message, Numbers128, why, word
from device.errors import FaultCode

WINDOW_MOST_S = 10
"""Longest camera window. Source: design promise 3, MIN-01."""


class Mode(StrEnum):
    """What a window is for."""

    FACE = "face"
    CODE = "code"


class Hint(StrEnum):
    """What would help, live; never stored (ACC-16)."""

    NOBODY = "nobody"
    CLOSER = "closer"
    ONE_PERSON = "one_person"
    MORE_LIGHT = "more_light"
    HOLD_STILL = "hold_still"
    FINE = "fine"


class Why(StrEnum):
    """Why a window closed."""

    ASKED = "asked"
    TIME = "time"
    FAULT = "fault"


@word
class Look(Message):
    """Door to eyes: open the camera for one window."""

    window: int = why("ties every answer to this window; late answers of another are dropped")
    mode: Mode = why("in a code window no face code runs at all")
    within_ms: int = why("eyes close by themselves after this, even if the door is gone")


@word
class Close(Message):
    """Door to eyes: close the camera now."""

    window: int = why("closes this window only")


@word
class EyesReady(Message):
    """Eyes to door: the networks are loaded."""

    model: Blob = why("SHA-256 of the embedding network: templates of another model do not match (DEL-13)")
    simulated: bool = why("the screen must say that the camera is a simulated one")


@word
class WindowOpened(Message):
    """Eyes to door: the first frame came."""

    window: int = why("which window")
    first_frame_ms: int = why("camera start is measured and reported beside the decision time")


@word
class Seen(Message, Hidden):
    """Eyes to door: one frame, told in whole numbers, and its embedding if one near face was fit."""

    window: int = why("which window")
    hint: Hint = why("what the screen should ask for")
    x: int = why("disc: centre of the face, thousandths of the frame's width; 0 when nobody")
    y: int = why("disc: centre of the face, thousandths of the frame's height; 0 when nobody")
    width: int = why("disc: width of the face, thousandths of the frame's width; 0 when nobody")
    track: int = why("changes when the face is lost or replaced, so that two people never make one probe")
    embedding: Numbers128 | None = why("for matching in this window; wiped after it")


@word
class CodeSeen(Message, Hidden):
    """Eyes to door: a QR code was read, whatever it says."""

    window: int = why("which window")
    payload: Blob = why("a badge or an invitation, still to be checked by the door")


@word
class WindowClosed(Message):
    """Eyes to door: the camera is closed and everything of the window is gone."""

    window: int = why("which window")
    because: Why = why("the screen tells time-up from a fault")
    fault: FaultCode | None = why("which fault, for the log's count")


TO_EYES: tuple[type[Message], ...] = (Look, Close)
TO_DOOR: tuple[type[Message], ...] = (EyesReady, WindowOpened, Seen, CodeSeen, WindowClosed)
