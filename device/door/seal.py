"""Owns how a template is closed: AES-256-GCM under a key of its own, which the current wrapping key closes in turn.

Person, consent and model are bound in, so a row that was swapped, copied or touched does not open (CUS-05).
What never happens here: a key or a plain template on a disk.
"""

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from numpy.typing import NDArray

from device.door.keys import KEY_BYTES
from device.errors import FaultCode, VaultError

NUMBERS: Final = 128
"""Numbers of a template. Source: the embedder's last layer (recognition.md, section 2)."""
_NONCE: Final = 12
_TAG: Final = 16
WRAPPED_BYTES: Final = _NONCE + KEY_BYTES + _TAG
SEALED_BYTES: Final = _NONCE + NUMBERS * 4 + _TAG


@dataclass(frozen=True, slots=True)
class Binding:
    """What a sealed template belongs to."""

    person: UUID
    consent: UUID
    model: bytes

    def template(self) -> bytes:
        """What the template's own seal is bound to."""
        return b"byleave-template-1\0" + self.person.bytes + self.consent.bytes + self.model

    def key(self, generation: int) -> bytes:
        """What the seal of the template's key is bound to."""
        return b"byleave-key-1\0" + generation.to_bytes(8, "big") + self.template()


@dataclass(frozen=True, slots=True)
class Sealed:
    """One closed template: its wrapped key and itself, as they lie in the vault."""

    generation: int
    wrapped: bytes
    sealed: bytes


def seal(plain: NDArray[np.float32], binding: Binding, generation: int, wrapping: bytes) -> Sealed:
    """Close a template, shape (128,) float32, under a fresh key of its own."""
    key = bytearray(secrets.token_bytes(KEY_BYTES))
    try:
        nonce = secrets.token_bytes(_NONCE)
        data = np.ascontiguousarray(plain, dtype="<f4")
        sealed = nonce + AESGCM(key).encrypt(nonce, data.view(np.uint8).data, binding.template())
        return Sealed(generation, _wrap(key, binding, generation, wrapping), sealed)
    finally:
        _zero(key)


def unseal(closed: Sealed, binding: Binding, wrapping: bytes, into: NDArray[np.float32]) -> None:
    """
    Open a template straight into this array, shape (128,) little-endian float32.

    Raises: VaultError when it is not this person's, consent's and model's, or was touched.
    """
    key = _unwrap(closed, binding, wrapping)
    try:
        AESGCM(key).decrypt_into(closed.sealed[:_NONCE], closed.sealed[_NONCE:], binding.template(), into.view(np.uint8).data)
    except InvalidTag:
        raise _touched() from None
    finally:
        _zero(key)


def rewrap(closed: Sealed, binding: Binding, old: bytes, generation: int, new: bytes) -> Sealed:
    """
    The same template, its key wrapped by another wrapping key; the template itself is not opened.

    Raises: VaultError as `unseal` does.
    """
    key = _unwrap(closed, binding, old)
    try:
        return Sealed(generation, _wrap(key, binding, generation, new), closed.sealed)
    finally:
        _zero(key)


def _wrap(key: bytearray, binding: Binding, generation: int, wrapping: bytes) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(wrapping).encrypt(nonce, key, binding.key(generation))


def _unwrap(closed: Sealed, binding: Binding, wrapping: bytes) -> bytearray:
    key = bytearray(KEY_BYTES)
    try:
        AESGCM(wrapping).decrypt_into(closed.wrapped[:_NONCE], closed.wrapped[_NONCE:], binding.key(closed.generation), key)
    except InvalidTag:
        raise _touched() from None
    return key


def _zero(key: bytearray) -> None:
    key[:] = bytes(len(key))


def _touched() -> VaultError:
    return VaultError(
        "A template in the vault was damaged or changed. It will be erased; badge and PIN open.", FaultCode.VAULT_DAMAGED
    )
