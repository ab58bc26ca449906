"""Owns what a badge says: a random id under the signature of the door that made it, in letters that a QR code holds compactly.

What never happens here: a name, a person's id, or anything else that means something outside this office.
"""

import base64
import binascii
import secrets
from collections.abc import Iterable
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device.door.keys import KeyStore
from device.errors import Unknown

ID_BYTES: Final = 16
_MARK: Final = b"BYL1"
_SIGNATURE: Final = 64
_SIGNED: Final = b"byleave-badge-1\0"
PAYLOAD_BYTES: Final = len(_MARK) + (ID_BYTES + _SIGNATURE) * 8 // 5
"""132 letters of QR's alphanumeric mode: 80 bytes in base32 need no padding, so a badge has exactly one spelling."""


def make(keys: KeyStore) -> tuple[bytes, bytes]:
    """A new badge: its random id, and what its QR code says."""
    badge_id = secrets.token_bytes(ID_BYTES)
    return badge_id, _MARK + base64.b32encode(badge_id + keys.sign(_SIGNED + badge_id))


def read(payload: bytes, keys: KeyStore, signers: Iterable[bytes] = ()) -> bytes:
    """
    The id on a badge that this door signed, or one of the doors of these public keys.

    Raises: Unknown for anything else.
    """
    if len(payload) != PAYLOAD_BYTES or not payload.startswith(_MARK):
        raise unknown()
    try:
        body = base64.b32decode(payload[len(_MARK) :])
        badge_id, signature = body[:ID_BYTES], body[ID_BYTES:]
    except binascii.Error:
        raise unknown() from None
    if not any(_is_by(public, signature, badge_id) for public in (keys.public, *signers)):
        raise unknown()
    return badge_id


def _is_by(public: bytes, signature: bytes, badge_id: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _SIGNED + badge_id)
    except (InvalidSignature, ValueError):
        return False
    return True


def unknown() -> Unknown:
    """The one answer to a badge, PIN or code that opens nothing, whatever the reason."""
    return Unknown("This is not valid at this door.")
