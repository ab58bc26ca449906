"""Owns what is made of the console's secret: keys for one purpose each, and the sealing of what only the console reads back.

What never happens here: the secret itself handed out, one key for two purposes.
"""

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from admin.console import Console
from admin.errors import ConsoleError

NONCE_BYTES: Final = 12


def derived(console: Console, purpose: bytes, length: int = 32) -> bytes:
    """A key for this purpose; the same whenever it is asked for."""
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"byleave-console-1\0" + purpose).derive(console.secret)


def seal(console: Console, purpose: bytes, content: bytes) -> bytes:
    """These bytes, for this console and purpose only."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(derived(console, purpose)).encrypt(nonce, content, purpose)


def unseal(console: Console, purpose: bytes, sealed: bytes) -> bytes:
    """What was sealed. Raises: ConsoleError when it was not, or not here."""
    try:
        return AESGCM(derived(console, purpose)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose)
    except (InvalidTag, ValueError):
        raise ConsoleError("A stored secret of the console is damaged. Restore a backup.") from None
