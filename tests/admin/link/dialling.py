"""Doors that dial a console over TLS, and what they say; all in the console's own thread, as greenlets."""

import contextlib
import http.client
import json
import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID, uuid4

import gevent
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gevent.event import Event
from gevent.socket import create_connection
from gevent.ssl import SSLContext

from admin import codes, marks
from admin.console import Console
from device.contract.console import FROM_CONSOLE, Minute, Stored, frames, many, request
from device.contract.words import CellBytes, Message


class Clock(Protocol):
    """The office's clock, in a test's hand."""

    def forward(self, seconds: float) -> None:
        """So much later."""


class Pinned(http.client.HTTPConnection):
    """HTTPS that accepts one certificate only."""

    def __init__(self, port: int, fingerprint: str) -> None:
        super().__init__("127.0.0.1", port, timeout=10)
        self.fingerprint = fingerprint

    def connect(self) -> None:
        context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock = context.wrap_socket(create_connection((self.host, self.port), timeout=10))
        shown = self.sock.getpeercert(binary_form=True)
        if shown is None or sha256(shown).hexdigest() != self.fingerprint:
            self.sock.close()
            raise ssl.SSLError("another certificate than the pinned one")


@dataclass
class Dialler:
    """A link: signs what it sends, counts up."""

    port: int
    fingerprint: str
    door: UUID
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    numbers: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    line: Pinned | None = None
    streams: list["Listening"] = field(default_factory=list)

    def signed(self, method: str, path: str, body: bytes = b"", number: int | None = None) -> dict[str, str]:
        lane = "up" if method == "POST" else "down"
        if number is None:
            self.numbers[lane] += 1
            number = self.numbers[lane]
        signature = self.key.sign(request(method, path, self.door, number, body))
        return {
            "Byleave-Door": self.door.hex,
            "Byleave-Number": str(number),
            "Byleave-Signature": b64encode(signature).decode(),
        }

    def send(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        line = Pinned(self.port, self.fingerprint)
        try:
            line.request(method, path, body=body, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def up(self, *messages: Message) -> int:
        """Post these; up to which record all are stored."""
        body = many(messages)
        if self.line is None:
            self.line = Pinned(self.port, self.fingerprint)
        self.line.request("POST", "/link/up", body=body, headers=self.signed("POST", "/link/up", body))
        answer = self.line.getresponse()
        assert answer.status == 200
        (stored,), rest = frames(answer.read(), (Stored,))
        assert isinstance(stored, Stored)
        assert rest == b""
        return stored.number

    def dial_and_never_read(self) -> "Pinned":
        """A stream whose words nobody takes, with little room for them on the way."""
        line = Pinned(self.port, self.fingerprint)
        line.connect()
        line.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        path = "/link/down?policy=0"
        line.request("GET", path, headers=self.signed("GET", path))
        return line

    def close(self) -> None:
        """Hang up."""
        for stream in self.streams:
            stream.close()
        if self.line is not None:
            self.line.close()

    def listen(self, after: int = 0) -> "Listening":
        self.streams.append(Listening(self, after))
        return self.streams[-1]


class Listening:
    """A stream that is up; what has come stands in `came`."""

    def __init__(self, dialler: Dialler, after: int) -> None:
        self.line = Pinned(dialler.port, dialler.fingerprint)
        path = f"/link/down?policy={after}"
        self.line.request("GET", path, headers=dialler.signed("GET", path))
        self.came: list[Message] = []
        self.ended = False
        self.status: int | None = None
        self.bell = Event()
        self.reader = gevent.spawn(self._read)

    def _read(self) -> None:
        answer = self.line.getresponse()
        self.status = answer.status
        rest = b""
        with contextlib.suppress(http.client.HTTPException, OSError):
            while data := answer.read1(65536):
                found, rest = frames(rest + data, FROM_CONSOLE)
                self.came += found
                self.bell.set()
        self.ended = True
        self.bell.set()

    def until(self, holds: Callable[["Listening"], Any], within_s: float = 5.0) -> Any:
        """Wait until this holds of what came; what it gave."""
        with gevent.Timeout(within_s, AssertionError(f"it did not come; came: {[type(m).__name__ for m in self.came]}")):
            while not (found := holds(self)):
                self.bell.clear()
                self.bell.wait()
        return found

    def first(self, kind: type[Message], **has: Any) -> Any:
        """The first message of this kind with these values, waited for."""

        def holds(self: "Listening") -> Message | None:
            fits = (m for m in self.came if isinstance(m, kind) and all(getattr(m, k) == v for k, v in has.items()))
            return next(fits, None)

        return self.until(holds)

    def close(self) -> None:
        self.reader.kill()
        self.line.close()


def admit(office: Console, doors: dict[UUID, int], name: str = "Ada Example", **span: int) -> UUID:
    """Somebody with a code, in a group of their own that these doors admit at these hours; all of it marked."""
    person, now = uuid4(), int(office.clock.now().timestamp())
    office.store.run("INSERT INTO groups (name) VALUES (?)", (person.hex,))
    group = office.store.row("SELECT last_insert_rowid()")[0]
    for door, hours in doors.items():
        office.store.run("INSERT INTO group_doors VALUES (?, ?, ?)", (group, door.bytes, hours))
    office.store.run(
        """INSERT INTO people (id, name, email, language, begins_on, ends_on, added_at)
        VALUES (?, ?, 'a@example.org', 'en', ?, ?, ?)""",
        (person.bytes, name, span.get("begins_on"), span.get("ends_on"), now),
    )
    office.store.run("INSERT INTO memberships VALUES (?, ?)", (person.bytes, group))
    codes.make(office, person)
    marks.mark_person(office, person)
    return person


def leave_groups(office: Console, person: UUID) -> None:
    """This person is in no group any more."""
    marks.mark_person(office, person)
    office.store.run("DELETE FROM memberships WHERE person = ?", (person.bytes,))


def minute(office: Console, cell: bytes = bytes(256), policy: int = 0) -> Minute:
    return Minute(at=office.clock.now(), policy=policy, eyes=True, front=True, lock=True, testing=False, cell=CellBytes(cell))


def post(port: int, fingerprint: str, path: str, **told: Any) -> tuple[int, dict[str, Any]]:
    """Post JSON; bytes as base64."""
    line = Pinned(port, fingerprint)
    body = json.dumps({k: b64encode(v).decode() if isinstance(v, bytes) else v for k, v in told.items()})
    line.request("POST", path, body=body)
    answer = line.getresponse()
    said = answer.read()
    line.close()
    return answer.status, json.loads(said) if said else {}


def unbased(told: dict[str, Any]) -> dict[str, bytes]:
    return {name: b64decode(value) for name, value in told.items() if name != "door"}
