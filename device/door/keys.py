"""Owns the key store: what signs, what digests PINs, and the wrapping keys by generation, outside the data folder.

A wrapping key that was destroyed leaves every copy of what it wrapped closed for ever. What never happens here: a key in
a message, a log or the data folder; deciding what is erased.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Final, Protocol, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from device.errors import FaultCode, SetupError, VaultError

KEY_BYTES: Final = 32
"""AES-256, Ed25519 and HMAC-SHA-256 keys alike. Source: CUS-05, DEL-06 (at least 128 bits)."""

_DEVICE: Final = "device.key"
_PIN: Final = "pin.key"
_WRAPPING: Final = re.compile(r"wrapping-(\d{10})\.key")
_UNFINISHED: Final = ".new"


class KeyStore(Protocol):
    """Where the keys are, at arm's length."""

    @property
    def name(self) -> str:
        """What a receipt calls this store."""

    @property
    def promise(self) -> str:
        """What destroying a key here means, and what it cannot promise, in a sentence for receipts."""

    @property
    def public(self) -> bytes:
        """The door's public signing key, 32 bytes."""

    @property
    def office_key(self) -> bytes:
        """The key of the digests of badges and PINs and of what doors tell one another, 32 bytes; all doors' the same."""

    @property
    def local_key(self) -> bytes:
        """The key of digests that stay at this door, 32 bytes; it never changes."""

    def adopt(self, office_key: bytes) -> None:
        """
        From now on this is the office's key; it is on the disk when this returns.

        Raises: VaultError when it cannot be written, or is no key.
        """

    def sign(self, data: bytes) -> bytes:
        """The door's Ed25519 signature, 64 bytes."""

    def add(self, generation: int) -> None:
        """
        Draw a new wrapping key; it is on the disk when this returns.

        Raises: VaultError when it cannot be written.
        """

    def wrapping(self, generation: int) -> bytes:
        """
        The wrapping key of a generation.

        Raises: VaultError when there is none.
        """

    def generations(self) -> tuple[int, ...]:
        """The generations there are, oldest first."""

    def destroy(self, generation: int) -> None:
        """
        Overwrite and remove a wrapping key; it is gone from the folder when this returns.

        Raises: VaultError when it cannot be.
        """


class FileKeyStore:
    """Keys as files of one folder that only the door's user may read."""

    name: Final = "file"
    promise: Final = (
        "The key lay in a file that was overwritten and removed. On flash storage an older copy of it may survive inside "
        "the chip until the chip reuses that place."
    )

    def __init__(self, folder: Path, device: bytes, office_key: bytes) -> None:
        self._folder = folder
        self._signing = Ed25519PrivateKey.from_private_bytes(device)
        self.public: Final = self._signing.public_key().public_bytes_raw()
        self.office_key = office_key
        self.local_key: Final = HKDF(SHA256(), KEY_BYTES, salt=None, info=b"byleave-local-1").derive(device)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """
        A new set of keys, with the wrapping key of generation 1.

        Raises: SetupError when there are keys already, or the folder cannot be made.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise SetupError("The key folder is not empty; new keys would make what it holds useless. Choose another.")
            folder.chmod(0o700)
            for name in (_DEVICE, _PIN):
                _write(folder / name, secrets.token_bytes(KEY_BYTES))
        except OSError:
            raise SetupError("The key folder cannot be written. Make it writable for the user who runs the door.") from None
        keys = cls.open(folder)
        keys.add(1)
        return keys

    @classmethod
    def open(cls, folder: Path) -> Self:
        """
        The keys that are there.

        Raises: SetupError when a key is missing, unreadable, or readable for others.
        """
        device, office_key = (_read(folder / name) for name in (_DEVICE, _PIN))
        if any(path.stat().st_mode & 0o077 for path in (folder, *folder.iterdir())):
            raise SetupError("Others can read the key folder. Set it to mode 700 and its files to 600.")
        for unfinished in folder.glob(f"*{_UNFINISHED}"):
            _overwrite_and_remove(unfinished)
        return cls(folder, device, office_key)

    def adopt(self, office_key: bytes) -> None:
        """
        From now on this is the office's key; it is on the disk when this returns.

        Raises: VaultError when it cannot be written, or is no key.
        """
        if len(office_key) != KEY_BYTES:
            raise VaultError("What should be the office's key is none.")
        try:
            _write(self._folder / _PIN, office_key)
        except OSError:
            raise VaultError("The office's key could not be written. Look whether the disk is full or read-only.") from None
        self.office_key = office_key

    def sign(self, data: bytes) -> bytes:
        """The door's Ed25519 signature, 64 bytes."""
        return self._signing.sign(data)

    def add(self, generation: int) -> None:
        """
        Draw a new wrapping key; it is on the disk when this returns.

        Raises: VaultError when it cannot be written.
        """
        try:
            _write(self._path(generation), secrets.token_bytes(KEY_BYTES))
        except OSError:
            raise VaultError("A new key could not be written. Look whether the disk is full or read-only.") from None

    def wrapping(self, generation: int) -> bytes:
        """
        The wrapping key of a generation.

        Raises: VaultError when there is none.
        """
        try:
            key = self._path(generation).read_bytes()
        except OSError:
            key = b""
        if len(key) != KEY_BYTES:
            raise VaultError("The key to the templates is not there.", FaultCode.KEYS_MISSING)
        return key

    def generations(self) -> tuple[int, ...]:
        """The generations there are, oldest first."""
        found = (_WRAPPING.fullmatch(path.name) for path in self._folder.iterdir())
        return tuple(sorted(int(match[1]) for match in found if match))

    def destroy(self, generation: int) -> None:
        """
        Overwrite and remove a wrapping key; it is gone from the folder when this returns.

        Raises: VaultError when it cannot be.
        """
        try:
            _overwrite_and_remove(self._path(generation))
        except OSError:
            raise VaultError("An old key could not be destroyed. Look whether the key folder is read-only.") from None

    def _path(self, generation: int) -> Path:
        return self._folder / f"wrapping-{generation:010d}.key"


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SetupError(
            "A key file is missing or damaged. Put the key folder back, or begin anew with `byleave device init`.",
            FaultCode.KEYS_MISSING,
        )
    return key


def _write(path: Path, key: bytes) -> None:
    unfinished = path.with_name(path.name + _UNFINISHED)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        os.write(handle, key)
        os.fsync(handle)
    finally:
        os.close(handle)
    unfinished.rename(path)
    _sync_folder(path.parent)


def _overwrite_and_remove(path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        os.write(handle, bytes(KEY_BYTES))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
