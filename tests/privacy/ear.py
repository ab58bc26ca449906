"""An ear on the line to the console: it ends TLS with the console's own key, dials on, and writes every word down in clear."""

import http.client
import io
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.office.line import CHUNK

SEND_S = 30.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what was answered, as far as it has come."""

    method: str
    path: str
    asked_head: bytes
    asked: bytes
    status: int
    answered_head: bytes
    answered: bytes


class Ear:
    """Stands before the console of this folder, which listens at `to`; whoever dials `port` sees no difference."""

    def __init__(self, console: Path, to: int) -> None:
        self._to = to
        self._theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._theirs.num_tickets = 0
        self._theirs.load_cert_chain(console / "keys" / "link.crt", console / "keys" / "link.key")
        self._ours = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._ours.check_hostname = False
        self._ours.verify_mode = ssl.CERT_NONE
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._heard: list[tuple[bytearray, bytearray]] = []
        """Of each connection, what was said to the console and what it said."""
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Hear nobody new."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def exchanges(self) -> list[Exchange]:
        """All that was said until now, request by request."""
        # What was told is taken down first, so that no answer comes without its request.
        told = [(bytes(told), bytes(said)) for said, told in list(self._heard)]
        return [exchange for answers, asked in told for exchange in _exchanges(asked, answers)]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=(self._listener.accept()[0],), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        with suppress(OSError), caller, socket.create_connection(("127.0.0.1", self._to), timeout=SEND_S) as console:
            caller.settimeout(SEND_S)
            for end in (caller, console):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._theirs.wrap_socket(caller, server_side=True) as near, self._ours.wrap_socket(console) as far:
                self._carry(near, far)

    def _carry(self, near: ssl.SSLSocket, far: ssl.SSLSocket) -> None:
        """One thread for both ways, for OpenSSL takes no two at once."""
        tapes = (bytearray(), bytearray())
        self._heard.append(tapes)
        ways = {near: (far, tapes[0]), far: (near, tapes[1])}
        while True:
            ready = [end for end in ways if end.pending()] or select.select(list(ways), [], [])[0]
            for end in ready:
                other, tape = ways[end]
                end.settimeout(0)
                try:
                    data = end.recv(CHUNK)
                except ssl.SSLWantReadError:
                    continue
                if not data:
                    return
                tape += data
                other.settimeout(SEND_S)
                other.sendall(data)


def _exchanges(said: bytes, told: bytes) -> Iterator[Exchange]:
    answers = _messages(told)
    for head, asked in _messages(said):
        method, path, _ = head.partition(b"\r\n")[0].decode().split(" ")
        answered_head, answered = next(answers, (b"", b""))
        status = int(answered_head.split(b" ", 2)[1]) if answered_head else 0
        yield Exchange(method, path, head, asked, status, answered_head, answered)
    # What is no answer to anything would not be searched.
    assert next(answers, None) is None


def _messages(told: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Head and body of each HTTP message; the last may have come in part."""
    file = io.BytesIO(told)
    while file.tell() < len(told):
        begin = file.tell()
        file.readline()
        headers = http.client.parse_headers(file)
        head = told[begin : file.tell()]
        if headers.get("Transfer-Encoding") == "chunked":
            yield head, b"".join(_chunks(file))
        else:
            yield head, file.read(int(headers.get("Content-Length", 0)))


def _chunks(file: io.BytesIO) -> Iterator[bytes]:
    while size := int(file.readline().strip() or b"0", 16):
        yield file.read(size)
        file.readline()
    file.readline()
