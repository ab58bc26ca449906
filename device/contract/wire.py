"""Owns the Unix sockets: whole messages, bounded, non-blocking, of one socket's own vocabulary only.

SOCK_SEQPACKET keeps message borders, so no framing can be got wrong. A peer that does not read is dropped, never waited
for. What never happens here: a network socket, a file, a decision.
"""

import contextlib
import os
import select
import socket
import struct
from pathlib import Path

from device.contract.words import Message, decode, encode
from device.errors import SetupError, WireError

MESSAGE_MOST = 60_000
"""Bytes; a notice of 20,000 characters and a personal page of 200 openings fit."""


class Wire:
    """One end of a connection that speaks `accepts` and nothing else."""

    def __init__(self, sock: socket.socket, accepts: tuple[type[Message], ...]) -> None:
        self._sock = sock
        self._accepts = accepts
        sock.setblocking(False)

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._sock.fileno()

    @property
    def closed(self) -> bool:
        """Whether this end was closed."""
        return self._sock.fileno() < 0

    @property
    def peer(self) -> int:
        """The process id at the other end, as the kernel knows it."""
        told = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", told)[0])

    def send(self, message: Message) -> None:
        """Send one message now.

        Raises: WireError when the peer is gone or does not read; close the wire then.
        """
        data = encode(message)
        if len(data) > MESSAGE_MOST:
            raise WireError("A message was too long to send.")
        try:
            self._sock.send(data, socket.MSG_NOSIGNAL)
        except OSError:
            raise WireError("The other process is not there.") from None

    def receive(self, within_s: float | None = 0.0) -> Message | None:
        """The next message, or nothing within that time (None waits for ever).

        Raises: WireError when the peer is gone or said something this socket does not know.
        """
        if self.closed:
            raise WireError("The other process is not there.")
        readable, _, _ = select.select([self._sock], [], [], within_s)
        if not readable:
            return None
        try:
            data = self._sock.recv(MESSAGE_MOST + 1)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            raise WireError("The other process is not there.")
        if len(data) > MESSAGE_MOST:
            raise WireError("A message came that is too long.")
        return decode(data, self._accepts)

    def close(self) -> None:
        """Close; again is harmless."""
        self._sock.close()


class Listener:
    """A socket in the run folder that others of the same user may connect to."""

    def __init__(self, path: Path, accepts: tuple[type[Message], ...]) -> None:
        self._accepts = accepts
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        try:
            self._sock.bind(os.fspath(path))
            path.chmod(0o600)
            self._sock.listen(4)
        except OSError:
            self._sock.close()
            raise SetupError(
                f"Cannot make a socket in {path.parent}: is the run folder there, writable, and its path under 100 letters?"
            ) from None
        self._sock.setblocking(False)

    def fileno(self) -> int:
        """The descriptor, for a selector."""
        return self._sock.fileno()

    def accept(self) -> Wire | None:
        """The next connection, if one waits."""
        try:
            sock, _ = self._sock.accept()
        except OSError:
            return None
        return Wire(sock, self._accepts)

    def close(self) -> None:
        """Stop listening; again is harmless."""
        self._sock.close()


def connect(path: Path, accepts: tuple[type[Message], ...]) -> Wire:
    """Dial a listener.

    Raises: WireError when nobody listens there.
    """
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.connect(os.fspath(path))
    except OSError:
        sock.close()
        raise WireError("The other process is not there.") from None
    return Wire(sock, accepts)
