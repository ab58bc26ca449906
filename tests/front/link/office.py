"""The console's end of the link, played over a real TLS socket; it can be told to misbehave. And a door that only listens."""

import json
import socket
import ssl
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, Queue
from time import monotonic, sleep
from typing import Any, TypeVar
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from device.contract import console
from device.contract.wire import Listener, Wire
from device.contract.words import Blob, CellBytes, Message
from device.front.link.place import Place

T = TypeVar("T")
PATIENCE_S = 30.0
DOOR = UUID(int=7)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SECRET = b"s" * 16
OFFER = {name: bytes([at]) * 32 for at, name in enumerate(("policy", "incident", "evidence", "statement", "nonce"), 1)}
ABOUT = console.About(version=(0, 1, 0), factors=1, faces=True, joined=True, policy=0, number=0)
Act = Callable[["Asked"], bool]


def until(what: Callable[[], T | None]) -> T:
    """The first thing that is there, within reason."""
    end_s = monotonic() + PATIENCE_S
    while monotonic() < end_s:
        if found := what():
            return found
        sleep(0.01)
    raise AssertionError("It did not happen.")


def minute(number: int, policy: int = 0) -> console.Minute:
    """One of the minutes."""
    at = NOW + timedelta(minutes=number)
    cell = CellBytes(bytes([number % 256]) * 256)
    return console.Minute(at=at, policy=policy, eyes=True, front=True, lock=True, testing=False, cell=cell)


def hourly(number: int) -> console.Hourly:
    """One of the records."""
    return console.Hourly(number=number, hour=NOW + timedelta(hours=number), openings=number)


def ended(number: int, at: datetime = NOW) -> console.Policy:
    """A policy; the link cannot tell whether it is signed."""
    return console.Policy(
        door=DOOR,
        after=number - 1,
        number=number,
        at=at,
        people=(),
        guests=(),
        hours=(),
        holidays=None,
        notices=(),
        limits=None,
        pages=(),
        incidents=(),
        evidence=(),
        siblings=None,
        custodians=None,
        signature=Blob(b"s" * 64),
    )


@dataclass
class Office:
    """What the console was told, and what it is to say."""

    link: bytes = b""
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    """Method, path and number of every request that was signed as it should be."""
    bodies: list[list[Message]] = field(default_factory=list)
    records: dict[int, Message] = field(default_factory=dict)
    minutes: list[console.Minute] = field(default_factory=list)
    said: list[dict[str, Any]] = field(default_factory=list)
    """What was asked without a signature, to pair."""
    wrong: list[str] = field(default_factory=list)
    say: Queue[bytes | None] = field(default_factory=Queue)
    """What goes down the stream; nothing hangs up."""
    streams: int = 0
    last: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    act: Act | None = None
    """Asked first; True when it has answered in its own way."""
    paired: list[bool | None] = field(default_factory=lambda: [None, True])
    place: Place = field(default=Place("127.0.0.1", 1, "0" * 64))

    @property
    def stored(self) -> int:
        """All records up to this one are there."""
        return next(number for number in range(len(self.records) + 1) if number + 1 not in self.records)

    def tell(self, *messages: Message) -> None:
        """Say this, to whoever listens."""
        self.say.put(console.many(messages))


class Asked(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def office(self) -> Office:
        return self.server.office  # type: ignore[attr-defined, no-any-return]  # put there by `playing`

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])))

    def do_GET(self) -> None:
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        office = self.office
        if office.act is not None and office.act(self):
            self.close_connection = True
        elif self.path.startswith("/link/pair"):
            self._pair(json.loads(body))
        elif not self._signed(body):
            self.tell(401)
        elif self.command == "POST":
            self._up(body)
        else:
            self._down()

    def _signed(self, body: bytes) -> bool:
        office, lane = self.office, "up" if self.command == "POST" else "down"
        number = int(self.headers["Byleave-Number"])
        told = console.request(self.command, self.path, UUID(hex=self.headers["Byleave-Door"]), number, body)
        Ed25519PublicKey.from_public_bytes(office.link).verify(b64decode(self.headers["Byleave-Signature"]), told)
        if number <= office.last[lane]:
            office.wrong.append(f"number {number} came after {office.last[lane]}")
            return False
        office.last[lane] = number
        office.asked.append((self.command, self.path, number))
        return True

    def _up(self, body: bytes) -> None:
        office = self.office
        messages, rest = console.frames(body, console.TO_CONSOLE)
        assert rest == b""
        for message in messages:
            if isinstance(message, console.Minute):
                office.minutes.append(message)
            elif isinstance(message, console.Record):
                office.records.setdefault(message.number, message)  # type: ignore[attr-defined]  # every record has one
        office.bodies.append(messages)
        self.tell(200, console.frame(console.Stored(number=office.stored)))

    def _down(self) -> None:
        office = self.office
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        office.streams += 1
        mine = office.streams
        while office.streams == mine:
            try:
                told = office.say.get(timeout=0.05)
            except Empty:
                continue
            if told is None:
                break
            self.chunk(told)
        self.chunk(b"")
        self.close_connection = True

    def _pair(self, told: dict[str, Any]) -> None:
        office = self.office
        office.said.append({"path": self.path, **told})
        if b64decode(told["secret"]) != SECRET:
            self.tell(401)
        elif self.path == "/link/pair":
            office.link = b64decode(told["link"])
            offer = {name: b64encode(value).decode() for name, value in OFFER.items()}
            self.tell(200, json.dumps({"door": DOOR.hex, **offer}).encode())
        elif self.path == "/link/pair/reveal":
            self.tell(200, b"{}")
        else:
            paired = office.paired.pop(0) if told["same"] else False
            self.tell(200, json.dumps({"paired": paired}).encode())

    def tell(self, status: int, body: bytes = b"") -> None:
        """One whole answer."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def chunk(self, body: bytes) -> None:
        """One piece of a stream."""
        self.wfile.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")

    def log_message(self, *_: object) -> None:
        """Tests are told by what is written down."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Links that hang up are a part of it."""


@contextmanager
def playing(folder: Path, office: Office, port: int = 0) -> Iterator[Office]:
    """A console at this address, with a certificate of its own, kept in this folder."""
    made = folder / "console.pem"
    if not made.exists():
        made.write_bytes(_certificate())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made)
    server = _Server(("127.0.0.1", port), Asked)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.office = office  # type: ignore[attr-defined]  # for the handler
    der = x509.load_pem_x509_certificate(made.read_bytes()).public_bytes(Encoding.DER)
    office.place = Place("127.0.0.1", server.server_address[1], sha256(der).hexdigest())
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield office
    finally:
        office.streams += 1
        server.shutdown()
        thread.join()
        server.server_close()


def _certificate() -> bytes:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "console")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)


class Door:
    """A door that only listens, on a real socket."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.heard: list[Message] = []
        self.about = ABOUT
        self.listener: Listener | None = None
        self.wire: Wire | None = None

    def open(self) -> None:
        """Listen."""
        self.listener = Listener(self.run / "link.sock", console.FROM_LINK)

    def meet(self, *, about: bool = True) -> Wire:
        """The link's next connection; it is told who we are."""
        assert self.listener is not None
        if self.wire is not None:
            self.wire.close()
        self.wire = until(self.listener.accept)
        if about:
            self.wire.send(self.about)
        return self.wire

    def send(self, *messages: Message) -> None:
        """Tell the link."""
        assert self.wire is not None
        for message in messages:
            self.wire.send(message)

    def hear(self, kind: type[T]) -> T:
        """The next word of this kind; every other one is written down."""
        assert self.wire is not None
        end_s = monotonic() + PATIENCE_S
        while monotonic() < end_s:
            message = self.wire.receive(0.1)
            if message is not None:
                self.heard.append(message)
            if isinstance(message, kind):
                return message
        raise AssertionError(f"No {kind.__name__} came; heard were {[type(one).__name__ for one in self.heard]}.")

    def close(self) -> None:
        """Hang up, and listen no more."""
        for thing in (self.wire, self.listener):
            if thing is not None:
                thing.close()
        self.wire = self.listener = None


def free_port() -> int:
    """A port nobody has just now."""
    with suppress(OSError), socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])
    raise AssertionError("No port is free.")
