"""A console in the wrong hands: the real one's certificate and policy key, a server of its own, and no scruple."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from typing import Any, TypeVar
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.contract import console as words
from device.contract.words import Blob, Message

M = TypeVar("M", bound=Message)
P = TypeVar("P", words.Policy, words.Command)
ENDLESS_S = 0.02


@dataclass
class Hostile:
    """What it heard, and what it is to say."""

    door: UUID
    policy_key: Ed25519PrivateKey
    heard: list[bytes] = field(default_factory=list)
    """The bodies of every request that told something."""
    streams: list[str] = field(default_factory=list)
    """What each stream that was asked for wanted."""
    port: int = 0
    ending: bool = False
    _say: Queue[bytes] = field(default_factory=Queue)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def say(self, *messages: Message) -> None:
        """Say this to the door, of whatever vocabulary it is."""
        self._say.put(words.many(messages))

    def next(self, stream: int) -> bytes | None:
        """What is to be said now on this stream; nothing, once there is a newer one."""
        with self._turn:
            try:
                return self._say.get(timeout=ENDLESS_S) if self.lives(stream) else None
            except Empty:
                return None

    def begin(self, path: str) -> int:
        """A stream is asked for; its number, and no older one says anything any more."""
        with self._turn:
            self.streams.append(path)
            return len(self.streams)

    def lives(self, stream: int) -> bool:
        """Whether this is the newest stream."""
        return not self.ending and len(self.streams) == stream

    def all(self, kind: type[M]) -> list[M]:
        """What the door said of this kind, in the order it came, whether or not it had been said before."""
        found, _ = words.frames(b"".join(list(self.heard)), words.TO_CONSOLE)
        return [message for message in found if isinstance(message, kind)]

    def policy(self, after: int, number: int, **fields: Any) -> words.Policy:
        """A policy of these fields, signed as the door wants it."""
        said: dict[str, Any] = dict.fromkeys(("people", "guests", "hours", "notices", "pages", "incidents", "evidence"), ())
        said |= dict.fromkeys(("holidays", "limits", "siblings", "custodians"))
        said |= {"door": self.door, "at": datetime.now(UTC).replace(microsecond=0)} | fields
        return self.signed(words.Policy(after=after, number=number, signature=Blob(b""), **said))

    def command(self, act: int, kind: words.CommandKind, until: datetime, door: UUID | None = None) -> words.Command:
        """A command, signed as the door wants it."""
        return self.signed(words.Command(door=door or self.door, act=act, kind=kind, until=until, signature=Blob(b"")))

    def signed(self, message: P) -> P:
        """The same, signed with the console's own policy key."""
        return replace(message, signature=Blob(self.policy_key.sign(words.signed(message))))


class _Asked(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def hostile(self) -> Hostile:
        return self.server.hostile  # type: ignore[attr-defined, no-any-return]  # put there by `instead`

    def do_POST(self) -> None:
        self.hostile.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
        told = words.frame(words.Stored(number=max((_number(record) for record in self.hostile.all(words.Record)), default=0)))
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def do_GET(self) -> None:
        hostile = self.hostile
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        stream = hostile.begin(self.path)
        while hostile.lives(stream):
            told = hostile.next(stream)
            if told is not None:
                self.wfile.write(f"{len(told):x}\r\n".encode() + told + b"\r\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Links that hang up are a part of it."""


@contextmanager
def instead(console: Path, door: UUID) -> Iterator[Hostile]:
    """A server with the certificate and the policy key of the console in this folder."""
    keys = console / "keys"
    hostile = Hostile(door, Ed25519PrivateKey.from_private_bytes((keys / "policy.key").read_bytes()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "link.crt", keys / "link.key")
    server = _Server(("127.0.0.1", 0), _Asked)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.hostile = hostile  # type: ignore[attr-defined]  # for the handler
    hostile.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(ENDLESS_S,))
    thread.start()
    try:
        yield hostile
    finally:
        hostile.ending = True
        server.shutdown()
        thread.join()
        server.server_close()


def _number(record: words.Record) -> int:
    number: int = record.number  # type: ignore[attr-defined]  # every record has one
    return number
