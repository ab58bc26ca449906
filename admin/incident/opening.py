"""Owns the way from an exported file and the custodians' keys to what was asked for, and to nothing else.

A file is believed nothing that a seal or the door's own signature does not say. What never happens here: a network, a file
written, an opening outside the span that the people concerned were told of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from admin.errors import BadInput
from admin.incident.files import DayFile, EvidenceFile, ReleasedDay, ReleasedEvidence
from admin.incident.keys import Keys
from device.contract import sealed
from device.errors import WireError

_HPKE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True, repr=False)
class Passed:
    """Somebody opened the door; never how."""

    at: datetime
    """In the door's time zone."""
    person: UUID
    name: str | None
    """As the console has it; nothing when it has it no more."""


@dataclass(frozen=True, slots=True, repr=False)
class Span:
    """What was asked for, opened."""

    begins_at: datetime
    ends_at: datetime
    passed: tuple[Passed, ...]
    whole: bool
    """Whether the door has released all of the span."""


@dataclass(frozen=True, slots=True, repr=False)
class Choice:
    """One row of a door's choice log: a consent given, used, or ended."""

    door_name: str
    number: int
    at: datetime
    event: str
    who: str
    state: str
    consent: UUID
    notice: int
    notice_sha256: str


def span(file: DayFile, keys: Keys) -> Span:
    """
    Who opened the door in the span asked for, in order.

    Raises: BadInput when nothing is released, the custodians are others, the file was changed, or the door told people of
    another span.
    """
    if not file.days:
        raise BadInput("The door has not released this day; nothing is shown.")
    if len({released.day for released in file.days}) < len(file.days):
        raise _changed()
    opened = [_day(file, released, keys) for released in file.days]
    # 5 Only what was asked for.
    passed = sorted(
        (
            Passed(datetime.fromtimestamp(day.begins_at + second, ZoneInfo(day.zone)), person, file.people.get(person))
            for day in opened
            for person, second in day.entries
            if file.begins_at <= day.begins_at + second < file.ends_at
        ),
        key=lambda one: one.at,
    )
    zone = ZoneInfo(opened[0].zone)
    begins_at, ends_at = (datetime.fromtimestamp(at, zone) for at in (file.begins_at, file.ends_at))
    return Span(begins_at, ends_at, tuple(passed), _covers(opened, file))


def choices(file: EvidenceFile, keys: Keys) -> tuple[Choice, ...]:
    """
    What this person agreed to and took back, door by door, in order.

    Raises: BadInput when the custodians are others, or the file was changed.
    """
    return tuple(choice for released in file.doors for choice in _of_door(file, released, keys))


def _day(file: DayFile, released: ReleasedDay, keys: Keys) -> sealed.Day:
    release, signature = released.key[: sealed.KEY_BYTES], released.key[sealed.KEY_BYTES :]
    head, body = released.bundle[: sealed.CLOSED_KEY_BYTES], released.bundle[sealed.CLOSED_KEY_BYTES :]
    bound = sealed.day_seal(file.door, released.day)
    # 1 The door's seal, which two custodians alone cannot take off. 2 The custodians', which the console cannot.
    key = _unseal(keys.incident, _under(release, head, bound), bound)
    # 3 The day.
    try:
        day = sealed.unpack_day(_under(key, body, bound))
        # 4 What the door told the people concerned is what this file says was asked for.
        told = sealed.released(file.incident, file.reason, file.begins_at, file.ends_at, released.day)
        Ed25519PublicKey.from_public_bytes(day.door_key).verify(signature, told)
        ZoneInfo(day.zone)
    except InvalidSignature:
        raise BadInput(
            "The door told people of another request than this file says. Ask the console for the file again."
        ) from None
    except (WireError, ValueError, KeyError, OSError):
        raise _changed() from None
    return day


def _covers(opened: list[sealed.Day], file: DayFile) -> bool:
    reached = file.begins_at
    for day in sorted(opened, key=lambda one: one.begins_at):
        if day.begins_at <= reached:
            reached = max(reached, day.ends_at)
    return reached >= file.ends_at


def _of_door(file: EvidenceFile, released: ReleasedEvidence, keys: Keys) -> list[Choice]:
    key = _unseal(keys.evidence, released.key, sealed.evidence_seal(file.request, file.person))
    bound = sealed.slot_seal(released.door)
    rows = {row[0]: row for bundle in released.bundles for row in _rows(key, bundle, bound) if row[1] == file.person.hex}
    return [_choice(released.door_name, rows[number]) for number in sorted(rows)]


def _rows(key: bytes, bundle: bytes, bound: bytes) -> Iterator[list[Any]]:
    for at in range(0, len(bundle), sealed.SLOT_BYTES):
        try:
            plain = _under(key, bundle[at : at + sealed.SLOT_BYTES], bound)
        except BadInput:
            continue  # somebody else's, or chance
        try:
            yield sealed.unpack_choice(plain)
        except WireError as wrong:
            raise BadInput(wrong.sentence) from None


def _choice(door_name: str, row: list[Any]) -> Choice:
    number, _, event, who, state, at, consent, notice, notice_sha256, *_ = row
    moment = datetime.fromtimestamp(at, UTC)
    return Choice(door_name, number, moment, event, who, state, UUID(hex=consent), notice, notice_sha256)


def _under(key: bytes, closed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(closed[: sealed.NONCE_BYTES], closed[sealed.NONCE_BYTES :], bound)
    except (InvalidTag, ValueError):
        raise _changed() from None


def _unseal(key: X25519PrivateKey, closed: bytes, bound: bytes) -> bytes:
    try:
        return _HPKE.decrypt(closed, key, bound)
    except (InvalidTag, ValueError):
        raise BadInput(
            "These word lists do not open it. What was sealed before a change of custodians opens with the lists of those before."
        ) from None


def _changed() -> BadInput:
    return BadInput("This file was changed or damaged. Ask the console for it again.")
