"""Owns where the console is: as a ticket says it for a quarter of an hour, and as the link remembers it once paired.

Each file is replaced whole or not at all. What never happens here: a connection; a ticket that stays on the disk.
"""

import json
import os
import re
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from device.errors import SetupError

CONSOLE: Final = "console.json"
TICKET: Final = "ticket"
TICKET_MOST: Final = 400
"""Bytes; the longest host name that there may be has 253."""
_FORM: Final = re.compile(r"byleave:([A-Za-z0-9.-]{1,253}):([0-9]{1,5}):([0-9a-f]{64}):([A-Za-z0-9_-]{22})")


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """Where a console is, and what its certificate must be."""

    host: str
    port: int
    fingerprint: str
    """SHA-256 of the certificate in DER, 64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, repr=False)
class Ticket:
    """A console that waits for this door."""

    place: Place
    secret: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """The console this door is paired with, and what it calls the door."""

    place: Place
    door: UUID


def read(line: str) -> Ticket:
    """
    The ticket in this line.

    Raises: SetupError when it is none.
    """
    found = _FORM.fullmatch(line.strip())
    if found is None or not 0 < int(found[2]) < 65536:
        raise SetupError("This is no ticket. A ticket is one line that the console shows, and begins with byleave:")
    return Ticket(Place(found[1], int(found[2]), found[3]), urlsafe_b64decode(found[4] + "=="))


def leave(folder: Path, line: str) -> None:
    """
    Put a ticket where the link finds it, for its user only.

    Raises: SetupError when it is none, or the folder cannot be written.
    """
    read(line)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write(folder / TICKET, line.strip().encode())
    except OSError:
        raise unwritable(folder) from None


def take(folder: Path) -> Ticket | None:
    """The ticket somebody put here, gone from the disk then; what is none is nothing."""
    path = folder / TICKET
    try:
        line = path.read_bytes()[:TICKET_MOST].decode(errors="replace")
    except OSError:
        return None
    with suppress(OSError):
        path.unlink()
    with suppress(SetupError):
        return read(line)
    return None


def known(folder: Path) -> Known | None:
    """The console, once the door is paired; a file that is damaged is none."""
    try:
        told = json.loads((folder / CONSOLE).read_bytes())
        place = Place(str(told["host"]), int(told["port"]), str(told["fingerprint"]))
        return Known(place, UUID(hex=told["door"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def know(folder: Path, known: Known) -> None:
    """
    Remember this console, and no other.

    Raises: SetupError when it cannot be written.
    """
    try:
        write(folder / CONSOLE, json.dumps({**asdict(known.place), "door": known.door.hex}).encode())
    except OSError:
        raise unwritable(folder) from None


def write(path: Path, content: bytes) -> None:
    """
    This file with this content, on the disk when this returns, for its user only.

    Raises: OSError.
    """
    fresh = path.with_name(f"{path.name}.new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(handle)
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def unwritable(folder: Path) -> SetupError:
    """The one sentence for a folder that refuses."""
    return SetupError(f"The link's folder {folder} cannot be written. Make it writable, or set `folders.link`.")
