"""Owns the form of what a door seals for custodians: what each seal is bound to, how a day and a choice lie in bytes.

The door writes it, `byleave incident` reads it, the console keeps it and can read none of it. Standard library only.
What never happens here: a key, a seal, a way in.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from device.contract.console import Reason
from device.contract.words import BLOB_MOST
from device.errors import WireError

PART_BYTES: Final = BLOB_MOST
"""What one part of a bundle has."""
DAY_PARTS_LEAST: Final = 2
"""An empty day looks like one with 190 openings."""
SLOT_BYTES: Final = 512
"""One choice, or chance; four to a part."""
SLOTS_LEAST: Final = 8

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
SEALED_KEY_BYTES: Final = 32 + KEY_BYTES + TAG_BYTES
"""A key sealed to a public key: the sender's half, the key, the tag (RFC 9180)."""
CLOSED_KEY_BYTES: Final = NONCE_BYTES + SEALED_KEY_BYTES + TAG_BYTES
"""That, enclosed under the release key: the head of a day's bundle."""
SIGNATURE_BYTES: Final = 64

_DAY: Final = struct.Struct(">QQ32sBI")
_ENTRY: Final = struct.Struct(">16sI")


@dataclass(frozen=True, slots=True, repr=False)
class Day:
    """What a day's bundle holds: who opened this door at which second, and never how."""

    begins_at: int
    """Seconds since 1970 at which the day began at the door."""
    ends_at: int
    zone: str
    door_key: bytes
    """Verifies what the door says of a request, 32 bytes."""
    entries: tuple[tuple[UUID, int], ...]
    """Person and second of the day."""


def day_number(day: date) -> int:
    """What a day is called on its way: seconds from 1970 to its midnight, as if it were London's in winter."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def day_seal(door: UUID, day: int) -> bytes:
    """What the seals of a day's bundle are bound to."""
    return b"byleave-day-1\0" + door.bytes + struct.pack(">Q", day)


def slot_seal(door: UUID) -> bytes:
    """What the seal of a choice is bound to."""
    return b"byleave-choice-1\0" + door.bytes


def evidence_seal(request: int, person: UUID) -> bytes:
    """What the seal of a person's evidence key is bound to."""
    return b"byleave-evidence-key-1\0" + struct.pack(">Q", request) + person.bytes


def released(incident: int, reason: Reason, begins_at: int, ends_at: int, day: int) -> bytes:
    """What the door signs with a release key: which span it told the people concerned of, and so the one to be read."""
    return b"byleave-released-1\0" + struct.pack(">QQQQ", incident, begins_at, ends_at, day) + reason.value.encode()


def change(incident: bytes, evidence: bytes, statement: bytes) -> bytes:
    """What custodians sign with the statement key in force to hand over to these keys."""
    return b"byleave-custodians-1\0" + incident + evidence + statement


def pack_day(day: Day) -> bytes:
    """The bytes of a day, filled up so that its bundle has a power of two of parts, `DAY_PARTS_LEAST` at the least."""
    zone = day.zone.encode()
    head = _DAY.pack(day.begins_at, day.ends_at, day.door_key, len(zone), len(day.entries)) + zone
    plain = head + b"".join(_ENTRY.pack(person.bytes, second) for person, second in day.entries)
    around = CLOSED_KEY_BYTES + NONCE_BYTES + TAG_BYTES
    parts = DAY_PARTS_LEAST
    while parts * PART_BYTES < around + len(plain):
        parts *= 2
    return plain.ljust(parts * PART_BYTES - around, b"\0")


def unpack_day(plain: bytes) -> Day:
    """
    The day in these bytes.

    Raises: WireError when they are no day.
    """
    try:
        begins_at, ends_at, door_key, zone_bytes, count = _DAY.unpack_from(plain)
        first = _DAY.size + zone_bytes
        zone = plain[_DAY.size : first].decode("ascii")
        found = (_ENTRY.unpack_from(plain, first + number * _ENTRY.size) for number in range(count))
        return Day(begins_at, ends_at, zone, door_key, tuple((UUID(bytes=person), second) for person, second in found))
    except (struct.error, UnicodeDecodeError):
        raise WireError("What is inside the seal is no day of a door.") from None


def pack_choice(row: Sequence[Any]) -> bytes:
    """The bytes of a row of the choice log, filled up to a slot; its last value is the hash of the ones before."""
    words = [value.hex() if isinstance(value, bytes) else value for value in row]
    plain = json.dumps(words, separators=(",", ":")).encode()
    room = SLOT_BYTES - NONCE_BYTES - TAG_BYTES
    if len(plain) > room:
        raise WireError("A row of the choice log does not fit its slot.")
    return plain.ljust(room, b" ")


def unpack_choice(plain: bytes) -> list[Any]:
    """
    The row in these bytes, after a look whether it is as the door wrote it.

    Raises: WireError when they are no row, or its hash is another's.
    """
    try:
        words: list[Any] = json.loads(plain)
        told = words.pop()
    except (ValueError, TypeError, AttributeError, IndexError):
        raise WireError("What is inside the seal is no choice.") from None
    if sha256(json.dumps(words, separators=(",", ":")).encode()).hexdigest() != told:
        raise WireError("A choice was changed after it was written.")
    return [*words, told]
