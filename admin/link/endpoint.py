"""Owns the five addresses that doors dial: who is asking is proved by a signature or a ticket, never by a session.

An answer to anything wrong has a number and no body. What never happens here: a redirect, a page, a cookie; a word about why.
"""

import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import Blueprint, Response, current_app, request
from flask.sansio.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException

from admin import console as office
from admin.console import Console
from admin.link import inbox, policy
from admin.link.pairing import EXTENSION as PAIRINGS
from admin.link.pairing import KEY_BYTES, SECRET_BYTES, Pairings, pairings
from admin.link.relay import EXTENSION as RELAY
from admin.link.relay import Relay, relay
from admin.link.stream import Stream
from device.contract.console import TO_CONSOLE, Minute, Record, Stored, frame, frames
from device.contract.console import request as spoken
from device.contract.words import WHOLE_MOST
from device.errors import WireError

BODY_MOST: Final = 512 * 1024
"""Bytes; fifty records of the largest kind, and as much again."""
ANSWERS_WITHIN_S: Final = 25.0
"""How long a door's question is kept waiting for somebody to say whether the digits are the same."""
OCTETS: Final = "application/octet-stream"

bp = Blueprint("link", __name__, url_prefix="/link")


@bp.record_once
def _begin(state: BlueprintSetupState) -> None:
    """Give the application its relay and its pairings, and the console its bell."""
    console: Console = state.app.extensions[office.EXTENSION]
    state.app.extensions[RELAY] = found = Relay(console)
    state.app.extensions[PAIRINGS] = Pairings(console)
    console.wake = found.wake


class _RefusedError(Exception):
    """An answer without a body."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status = status


@bp.errorhandler(_RefusedError)
def _refused(fault: _RefusedError) -> Response:
    return Response(status=fault.status)


# --- doors that are paired -------------------------------------------------------------------------------------------


@bp.post("/up")
def up() -> Response:
    """What a door tells, stored once; the answer says up to which record."""
    console, body = office.console(), _body()
    door, number = _signed(console, body)
    try:
        messages, rest = frames(body, TO_CONSOLE)
    except WireError:
        messages, rest = [], b"?"
    # What is acknowledged lasts; a minute is only ever the newest.
    lasts = any(isinstance(message, Record) for message in messages)
    with console.store.transaction() if lasts else console.store.passing():
        _count(console, "up", door, number)
        stored = None if rest else inbox.take(console, door, messages)
    if stored is None:
        raise _RefusedError(400)
    for minute in (message for message in messages if isinstance(message, Minute)):
        relay(current_app).minute(door, bytes(minute.cell))
    return Response(frame(Stored(number=stored)), mimetype=OCTETS)


@bp.get("/down")
def down() -> Response:
    """What a door is told, for as long as it listens."""
    console = office.console()
    door, number = _signed(console, _body())
    with console.store.transaction():
        _count(console, "down", door, number)
    after = _whole(request.args.get("policy", ""))
    try:
        policy.overtake(console, door, after)
    except ValueError:
        raise _RefusedError(400) from None
    return Response(Stream(console, relay(current_app), door, after).frames(), mimetype=OCTETS)


def _signed(console: Console, body: bytes) -> tuple[UUID, int]:
    """
    Which door asks, and the number of its request.

    Raises: _RefusedError, 401 unless that door's link signed this very request, 410 when it is retired.
    """
    query = "SELECT link, retired_at FROM doors WHERE id = ?"
    try:
        door = UUID(hex=_header("Byleave-Door", 32))
        signature = b64decode(_header("Byleave-Signature", 88), validate=True)
    except (ValueError, NotBase64):
        raise _RefusedError(401) from None
    number = _whole(_header("Byleave-Number"), 401)
    row = console.store.row(query, (door.bytes,))
    if row is None or row[0] is None:
        raise _RefusedError(401)
    try:
        path = request.full_path.removesuffix("?")
        Ed25519PublicKey.from_public_bytes(row[0]).verify(signature, spoken(request.method, path, door, number, body))
    except (InvalidSignature, ValueError):
        raise _RefusedError(401) from None
    if row[1] is not None:
        raise _RefusedError(410)
    return door, number


def _count(console: Console, lane: str, door: UUID, number: int) -> None:
    """Each number is good once and in order, for each lane apart; whatever the request turns out to be."""
    if not console.store.run(f"UPDATE doors SET {lane} = ? WHERE id = ? AND {lane} < ?", (number, door.bytes, number)):  # noqa: S608  (a word of ours)
        raise _RefusedError(401)


def _header(name: str, length: int | None = None) -> str:
    found = request.headers.get(name, "")
    if not found.isascii() or (length is not None and len(found) != length):
        raise _RefusedError(401)
    return found


def _whole(text: str, otherwise: int = 400) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= WHOLE_MOST):
        raise _RefusedError(otherwise)
    return int(text)


def _body() -> bytes:
    request.max_content_length = BODY_MOST
    try:
        return request.get_data(cache=False)
    except (HTTPException, OSError):
        raise _RefusedError(400) from None


# --- a door that has a ticket ----------------------------------------------------------------------------------------


@bp.post("/pair")
def pair() -> Response:
    """A door shows its ticket and its keys; the console's keys and its number are the answer."""
    said = _said(secret=SECRET_BYTES, device=KEY_BYTES, link=KEY_BYTES, commitment=KEY_BYTES, about=None)
    offer = _pairings().met(said["secret"], said["device"], said["link"], said["commitment"], said["about"])
    if offer is None:
        raise _RefusedError(401)
    told = {name: getattr(offer, name) for name in ("policy", "incident", "evidence", "statement", "nonce")}
    return _answer(door=offer.door.hex, **{name: b64encode(value).decode() for name, value in told.items()})


@bp.post("/pair/reveal")
def reveal() -> Response:
    """The door tells the number it promised; both screens show six digits now."""
    said = _said(secret=SECRET_BYTES, nonce=KEY_BYTES)
    if not _pairings().revealed(said["secret"], said["nonce"]):
        raise _RefusedError(401)
    return _answer()


@bp.post("/pair/result")
def result() -> Response:
    """What the person before the door said, and, once both have, whether the two are paired."""
    said = _said(secret=SECRET_BYTES, same=None)
    known, paired = _pairings().result(said["secret"], said["same"], ANSWERS_WITHIN_S)
    if not known:
        raise _RefusedError(401)
    return _answer(paired=paired)


def _said(**fields: int | None) -> dict[str, Any]:
    """Exactly these fields: base64 of so many bytes, or, without a number, a truth value."""
    try:
        told = json.loads(_body())
        if not isinstance(told, dict) or set(told) != set(fields):
            raise _RefusedError(400)
        return {name: _read(told[name], length) for name, length in fields.items()}
    except (ValueError, RecursionError):
        raise _RefusedError(400) from None


def _read(told: Any, length: int | None) -> bytes | bool:
    if length is None and isinstance(told, bool):
        return told
    raw = b64decode(told, validate=True) if length is not None and isinstance(told, str) else b""
    if length is None or len(raw) != length:
        raise _RefusedError(400)
    return raw


def _answer(**told: str | bool | None) -> Response:
    return Response(json.dumps(told), mimetype="application/json")


def _pairings() -> Pairings:
    return pairings(current_app)
