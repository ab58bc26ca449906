"""Owns receipts: small signed documents that the person keeps, of a consent and of an erasure.

What never happens here: a person's id in clear, biometric data, a word that tells whether there was a face to erase.
"""

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device.contract.screen import Searched
from device.door.consent import Event
from device.door.keys import KeyStore
from device.errors import VaultError

SCHEMA: Final = "byleave-receipt-1"
_SIGNED: Final = SCHEMA.encode() + b"\0"
WITHDRAWAL: Final = 'At the door: "What this door knows about me", badge and PIN, "Withdraw".'
RESULT: Final = "No face of yours is here."


@dataclass(frozen=True, slots=True)
class ConsentTold:
    """What a consent receipt tells."""

    person: UUID
    consent: UUID
    notice: int
    notice_sha256: bytes
    given_at: datetime
    until: datetime
    gone_at: datetime


@dataclass(frozen=True, slots=True)
class ErasureTold:
    """What an erasure receipt tells."""

    person: UUID
    event: Event
    asked_at: datetime
    done_at: datetime
    searched: Searched
    waiting: int
    """How many other doors have not confirmed a withdrawal that was asked for everywhere; 0 when it was not."""


def of_consent(keys: KeyStore, told: ConsentTold, now: datetime) -> bytes:
    """The signed receipt of a consent (CON-10; names after ISO/IEC TS 27560)."""
    body = {
        "kind": "consent",
        "event": {"type": "explicit consent", "state": "given", "time": _time(told.given_at), "valid_until": _time(told.until)},
        "record": told.consent.hex,
        "notice": {"version": told.notice, "sha256": told.notice_sha256.hex(), "language": "en"},
        "purpose": "door access by face",
        "personal_data": "face template: 128 numbers",
        "storage": {"where": "this door only", "custody": "door", "gone_at": _time(told.gone_at)},
        "recipients": "none",
        "withdrawal": WITHDRAWAL,
    }
    return _sign(keys, body, told.person, now)


def of_erasure(keys: KeyStore, told: ErasureTold) -> bytes:
    """The signed receipt of an erasure (DEL-08); the same for somebody who had no template."""
    body = {
        "kind": "erasure",
        "trigger": told.event.value,
        "asked_at": _time(told.asked_at),
        "method": ["key destroyed", "row overwritten", "log cut", "searched"],
        "covered": ["database", "write-ahead log", "free pages", "other files of the data folder"],
        "searched": told.searched.value,
        "result": RESULT,
        "doors_not_confirmed": told.waiting,
        "keys": {"store": keys.name, "promise": keys.promise},
    }
    return _sign(keys, body, told.person, told.done_at)


def verify(document: bytes, public: bytes) -> dict[str, Any]:
    """
    What a receipt tells, when the door of this public key signed exactly this.

    Raises: VaultError when it did not.
    """
    try:
        text, signature = document.rsplit(b"\n", 1)
        Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(signature, validate=True), _SIGNED + text)
        body: dict[str, Any] = json.loads(text)
    except (ValueError, binascii.Error, InvalidSignature):
        raise VaultError("This is no receipt of this door, or it was altered.") from None
    return body


def subject(person: UUID) -> str:
    """How a receipt speaks of a person: a hash that only somebody who knows the random id can check."""
    return hashlib.sha256(b"byleave-subject-1\0" + person.bytes).hexdigest()


def _sign(keys: KeyStore, body: dict[str, Any], person: UUID, now: datetime) -> bytes:
    told = body | {
        "schema": SCHEMA,
        "receipt": secrets.token_hex(16),
        "subject": subject(person),
        "door": hashlib.sha256(keys.public).hexdigest(),
        "time": _time(now),
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
    return text + b"\n" + base64.b64encode(keys.sign(_SIGNED + text))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
