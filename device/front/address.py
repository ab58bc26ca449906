"""Owns where the kiosk is found: one loopback port, one start-up secret, and the file that tells both.

`kiosk.url` in the run folder, readable by its user only, holds `http://127.0.0.1:PORT/start/SECRET`. An orderly end takes
it away; after a crash the same address is taken again, so that the screen at the door finds its way back by itself.
"""

import contextlib
import os
import re
import secrets
import socket
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.errors import SetupError

LOOPBACK: Final = "127.0.0.1"
FILE: Final = "kiosk.url"
SECRET_BYTES: Final = 32
"""256 bits from the system's own source: nobody guesses it."""
_TOLD = re.compile(rf"http://{re.escape(LOOPBACK)}:(\d{{1,5}})/start/([\w-]{{43}})\n")


@dataclass(frozen=True, slots=True, repr=False)
class Address:
    """A bound socket, its port and the secret."""

    sock: socket.socket
    port: int
    secret: str
    file: Path

    def withdraw(self) -> None:
        """Stop listening, and take the file away."""
        self.sock.close()
        self.file.unlink(missing_ok=True)


def take(run: Path, port: int) -> Address:
    """
    Bind the port (0 takes a free one), and write `kiosk.url`.

    Raises: SetupError when the port is in use or the run folder is not writable.
    """
    file = run / FILE
    told = _told(file)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    if told is not None and port in {0, told[0]}:
        with contextlib.suppress(OSError):
            return Address(_bound(told[0]), told[0], told[1], file)
    try:
        sock = _bound(port)
    except OSError:
        raise SetupError(f"Port {port} is in use. Free it, or set `kiosk.port` to another, or to 0 for any.") from None
    port = int(sock.getsockname()[1])
    try:
        _tell(file, f"http://{LOOPBACK}:{port}/start/{secret}\n")
    except OSError:
        sock.close()
        raise SetupError(f"Cannot write {FILE} in {run}: is the run folder there and writable?") from None
    return Address(sock, port, secret, file)


def _bound(port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((LOOPBACK, port))
    except OSError:
        sock.close()
        raise
    return sock


def _told(file: Path) -> tuple[int, str] | None:
    """Port and secret of a process that ended without saying so; only from a file nobody else could read or write."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return None
    with os.fdopen(descriptor) as opened:
        seen = os.fstat(descriptor)
        if not stat.S_ISREG(seen.st_mode) or seen.st_uid != os.getuid() or seen.st_mode & 0o077:
            return None
        found = _TOLD.fullmatch(opened.read(200))
    return None if found is None else (int(found[1]), found[2])


def _tell(file: Path, url: str) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w") as opened:
        opened.write(url)
