"""Owns the custodians' secret: three word lists of which any two give it back, and the three key pairs it makes.

What never happens here: a list or a private half on a disk, in a log or in an error; anything sent.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from admin.errors import BadInput
from device.contract import sealed
from device.contract.console import Custodians
from device.contract.words import Blob

SECRET_BYTES: Final = 32
LISTS: Final = 3
ENOUGH: Final = 2
"""Any two of three custodians. Source: design section 4, "Incidents"."""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """The private halves."""

    incident: X25519PrivateKey
    evidence: X25519PrivateKey
    statement: Ed25519PrivateKey

    def public(self, by: Ed25519PrivateKey | None = None) -> Custodians:
        """The public halves, signed with the statement key in force before; unsigned at the beginning only."""
        halves = [key.public_key().public_bytes_raw() for key in (self.incident, self.evidence, self.statement)]
        incident, evidence, statement = map(Blob, halves)
        signature = Blob(b"" if by is None else by.sign(sealed.change(incident, evidence, statement)))
        return Custodians(incident=incident, evidence=evidence, statement=statement, signature=signature)


def draw() -> bytes:
    """A new secret."""
    return secrets.token_bytes(SECRET_BYTES)


def derive(secret: bytes) -> Keys:
    """The key pairs of a secret, always the same."""
    return Keys(
        incident=X25519PrivateKey.from_private_bytes(_made(secret, b"incident")),
        evidence=X25519PrivateKey.from_private_bytes(_made(secret, b"evidence")),
        statement=Ed25519PrivateKey.from_private_bytes(_made(secret, b"statement")),
    )


def split(secret: bytes) -> tuple[str, str, str]:
    """Three lists of 33 words (SLIP-39); one alone tells nothing."""
    one, two, three = generate_mnemonics(1, [(ENOUGH, LISTS)], secret)[0]
    return one, two, three


def join(lists: Sequence[str]) -> bytes:
    """
    The secret of two word lists.

    Raises: BadInput when one of them is mistyped, or they are not two different lists of one secret.
    """
    tidy = [checked(words, number) for number, words in enumerate(lists, start=1)]
    if len(set(tidy)) != ENOUGH:
        raise BadInput("It takes two different word lists.")
    try:
        secret: bytes = combine_mnemonics(tidy)
    except (MnemonicError, ValueError):
        raise BadInput("These two word lists do not belong together.") from None
    return secret


def checked(words: str, number: int) -> str:
    """
    A word list as it was printed, whatever the spaces and capitals.

    Raises: BadInput when it is mistyped; which of the lists it is, is said.
    """
    tidy = " ".join(words.lower().split())
    try:
        Share.from_mnemonic(tidy)
    except (MnemonicError, ValueError):
        raise BadInput(f"Word list {number} is not right: a word is wrong, missing or in another place.") from None
    return tidy


def _made(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"byleave-custodians-1\0" + use).derive(secret)
