"""Owns what the link keeps in its folder: its own key, where the console is, and a number that no request had before.

Each file is replaced whole or not at all. What never happens here: a key of the door; a word of what is carried.
"""

import json
import os
import re
from binascii import Error as NotBase64
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.errors import SetupError

KEY: Final = "link.key"
CONSOLE: Final = "console.json"
TICKET: Final = "ticket"
STEP: Final = 1000
"""Request numbers are reserved on the disk in steps of this, so that most requests write nothing."""
_TICKET: Final = re.compile(r"byleave:([A-Za-z0-9.-]{1,253}):(\d{1,5}):([0-9a-f]{64}):([A-Za-z0-9_-]{22})")
TICKET_MOST: Final = 400


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Where a console is, and what its certificate must be."""

    host: str
    port: int
    fingerprint: str
    """SHA-256 of the certificate in DER, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A console that waits for this door, for a quarter of an hour."""

    place: Place
    secret: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """The console this door is paired with."""

    place: Place
    door: UUID


def read_ticket(line: str) -> Ticket:
    """
    The ticket in this line.

    Raises: SetupError when it is none.
    """
    found = _TICKET.fullmatch(line.strip())
    if found is None or not 0 < int(found[2]) < 65536:
        raise SetupError("This is no ticket. A ticket is one line that the console shows, and begins with byleave:")
    try:
        secret = urlsafe_b64decode(found[4] + "==")
    except NotBase64:
        raise SetupError("This is no ticket. A ticket is one line that the console shows, and begins with byleave:") from None
    return Ticket(Place(found[1], int(found[2]), found[3]), secret)


class Memory:
    """The link's folder."""

    def __init__(self, folder: Path) -> None:
        """
        Make the folder and the link's key where there are none.

        Raises: SetupError when the folder cannot be written, or the key is damaged.
        """
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            if not (folder / KEY).exists():
                self._write(KEY, Ed25519PrivateKey.generate().private_bytes_raw())
            self._key: Final = Ed25519PrivateKey.from_private_bytes((folder / KEY).read_bytes())
        except OSError:
            raise SetupError(f"The link's folder {folder} cannot be written. Make it writable, or set `folders.link`.") from None
        except ValueError:
            raise SetupError("The link's key is damaged. Remove link.key, and pair the door again.") from None
        self.public: Final = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The link's Ed25519 signature, 64 bytes."""
        return self._key.sign(data)

    def known(self) -> Known | None:
        """The console, once the door is paired."""
        told = self._told(CONSOLE)
        try:
            place = Place(str(told["host"]), int(told["port"]), str(told["fingerprint"]))
            return Known(place, UUID(hex=told["door"]))
        except (KeyError, TypeError, ValueError):
            return None

    def know(self, known: Known) -> None:
        """Remember this console, and no other."""
        self._write(CONSOLE, json.dumps({**asdict(known.place), "door": known.door.hex}).encode())

    def numbers(self, lane: str) -> "Numbers":
        """The numbers of one lane's requests."""
        return Numbers(self, f"{lane}.number")

    def take_ticket(self) -> str | None:
        """The line somebody put here for us, which is gone from the disk then."""
        path = self._folder / TICKET
        try:
            line = path.read_bytes()[:TICKET_MOST].decode(errors="replace")
        except OSError:
            return None
        with suppress(OSError):
            path.unlink()
        return line

    def reserved(self, name: str) -> int:
        """The number that was reserved last."""
        try:
            return max(0, int((self._folder / name).read_text(encoding="ascii")))
        except (OSError, ValueError):
            return 0

    def reserve(self, name: str, number: int) -> None:
        """
        Up to this number none is ever used again.

        Raises: SetupError when it cannot be written down, and so must not be used.
        """
        try:
            self._write(name, str(number).encode())
        except OSError:
            raise SetupError("The link's folder cannot be written. Look whether the disk is full or read-only.") from None

    def _told(self, name: str) -> Any:
        try:
            return json.loads((self._folder / name).read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}

    def _write(self, name: str, content: bytes) -> None:
        fresh = self._folder / f"{name}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        fresh.rename(self._folder / name)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class Numbers:
    """One lane's request numbers, each used once, a crash in between or not."""

    def __init__(self, memory: Memory, name: str) -> None:
        self._memory = memory
        self._name = name
        self._last = self._reserved = memory.reserved(name)

    def next(self) -> int:
        """
        A number above every one before.

        Raises: SetupError when it cannot be reserved.
        """
        if self._last == self._reserved:
            self._memory.reserve(self._name, self._reserved + STEP)
            self._reserved += STEP
        self._last += 1
        return self._last


def leave_ticket(folder: Path, line: str) -> None:
    """
    Put a ticket where the link finds it, for its user only.

    Raises: SetupError when it is none, or the folder cannot be written.
    """
    read_ticket(line)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = folder / f"{TICKET}.new"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(line.strip())
        fresh.rename(folder / TICKET)
    except OSError:
        raise SetupError(f"The link's folder {folder} cannot be written. Make it writable, or set `folders.link`.") from None
