"""Owns how a key or a day is closed: to a public key (HPKE, RFC 9180), or under a key (AES-256-GCM, nonce in front).

What never happens here: opening anything; a nonce used twice.
"""

import secrets
from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from device.contract.sealed import NONCE_BYTES

_HPKE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def to(public: bytes, plain: bytes, bound: bytes) -> bytes:
    """
    Closed for whoever has the private half, 48 bytes longer.

    Raises: ValueError for what is no key, a point of low order among them.
    """
    return _HPKE.encrypt(plain, X25519PublicKey.from_public_bytes(public), bound)


def under(key: bytes, plain: bytes, bound: bytes) -> bytes:
    """Closed for whoever has the key, 28 bytes longer."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)
