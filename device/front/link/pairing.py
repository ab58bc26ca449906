"""Owns how a ticket becomes a pairing: the link introduces the door to the console, and carries what the two say of it.

The door compares and decides; the link adds its own public key, which is compared with the rest. What never happens here:
a console remembered before both sides have said that the digits are the same; a second use of a ticket.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any, Final, TypeVar
from uuid import UUID

from device.contract import console
from device.contract.wire import Wire, connect
from device.contract.words import Blob, Message
from device.errors import ByleaveError, WireError
from device.front.link.carrier import SOCKET
from device.front.link.console import Dial, RefusedError, ask_json
from device.front.link.identity import Identity
from device.front.link.patience import Patience
from device.front.link.place import Known, Ticket, know

GOOD_S: Final = 900.0
"""How long a ticket is good. Source: design section 4, pairing."""
ANSWER_S: Final = 10.0
"""How long the door may take for what needs nobody."""
DOOR_S: Final = 10.0
"""How long the door may take to be there."""
T = TypeVar("T", bound=Message)
NUMBER_BYTES: Final = 32


def pair(ticket: Ticket, run: Path, folder: Path, ending: Event) -> bool:
    """Whether the door is paired with this ticket's console now; the door is told either way."""
    dial = Dial(ticket.place)
    try:
        wire = _door(run, ending)
        try:
            known = _introduced(ticket, wire, dial, Identity(folder), ending)
            if known is not None:
                know(folder, known)
            wire.send(console.PairedIs(paired=known is not None))
        except ByleaveError:
            wire.send(console.PairedIs(paired=False))
            return False
        finally:
            wire.close()
    except ByleaveError:
        return False
    finally:
        dial.end()
    return known is not None


def _introduced(ticket: Ticket, wire: Wire, dial: Dial, identity: Identity, ending: Event) -> Known | None:
    give_up_s = monotonic() + GOOD_S
    secret = b64encode(ticket.secret).decode()
    # 1 Who the door is, and its promise of a number.
    wire.send(console.AskIntroduction(link=Blob(identity.public)))
    door = _heard(wire, console.Introduction, ANSWER_S, ending)
    # 2 The console's keys and its number; the ticket is spent.
    told = ask_json(
        dial,
        "/link/pair",
        secret=secret,
        device=b64encode(door.device).decode(),
        link=b64encode(identity.public).decode(),
        commitment=b64encode(door.commitment).decode(),
        about=door.about,
    )
    offered = _offered(told, identity.public)
    wire.send(offered)
    # 3 The door's number; both screens show digits now.
    revealed = _heard(wire, console.Revealed, ANSWER_S, ending)
    ask_json(dial, "/link/pair/reveal", secret=secret, nonce=b64encode(revealed.nonce).decode())
    # 4 What the person before the door says, and what the one before the console said.
    compared = _heard(wire, console.Compared, give_up_s - monotonic(), ending)
    while monotonic() < give_up_s and not ending.is_set():
        paired = _result(dial, secret, same=compared.same, ending=ending)
        if paired is not None:
            return Known(ticket.place, offered.door) if paired and compared.same else None
    return None


def _door(run: Path, ending: Event) -> Wire:
    give_up_s = monotonic() + DOOR_S
    while True:
        try:
            return connect(run / SOCKET, console.TO_LINK)
        except WireError:
            if monotonic() > give_up_s or ending.wait(0.1):
                raise


def _heard(wire: Wire, kind: type[T], within_s: float, ending: Event) -> T:
    """The door's next word of this kind; what else it says waits for the carrier, which it will tell it again."""
    give_up_s = monotonic() + within_s
    while (left_s := give_up_s - monotonic()) > 0 and not ending.is_set():
        message = wire.receive(min(1.0, left_s))
        if isinstance(message, kind):
            return message
    raise WireError("The door does not answer.")


def _result(dial: Dial, secret: str, *, same: bool, ending: Event) -> bool | None:
    """What both said; nothing while one of them has not, or the console was away for a moment."""
    try:
        paired = ask_json(dial, "/link/pair/result", secret=secret, same=same).get("paired")
    except RefusedError:
        raise
    except WireError:
        ending.wait(Patience().failed())
        return None
    if paired is not None and not isinstance(paired, bool):
        raise WireError("The console does not answer.")
    return paired


def _offered(told: dict[str, Any], link: bytes) -> console.Offered:
    try:
        return console.Offered(
            door=UUID(hex=told["door"]),
            link=Blob(link),
            **{name: _number(told[name]) for name in ("policy", "incident", "evidence", "statement", "nonce")},
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise WireError("The console does not answer.") from None


def _number(told: str) -> Blob:
    number = b64decode(told, validate=True)
    if len(number) != NUMBER_BYTES:
        raise ValueError
    return Blob(number)
