"""Owns a large office that is made up: a console's folder filled at once, and doors that dial it as real links do.

The console is the real one in a process of its own; only the doors are played, all in one process, and what they send and
get is what real ones would. What never happens here: a real person; a figure that is not measured.
"""

import contextlib
import html
import http.client
import re
import resource
import secrets
import ssl
import statistics
import struct
import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol, TypeVar
from uuid import UUID, uuid4

import gevent
import psutil
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from gevent.pool import Pool
from gevent.socket import IPPROTO_TCP, TCP_INFO, create_connection
from gevent.ssl import SSLContext

from admin import accounts, certificate, custodians, founding
from admin.console import Console
from admin.link import policy
from device.contract.console import FROM_CONSOLE, GROUP_MOST, CellOf, Minute, Policy, Role, frames, many, request
from device.contract.words import CELL_BYTES, CellBytes, Message, encode
from device.errors import WireError

EVERYWHERE: Final = 20
"""People admitted at every door; the others, at the doors of their own house."""
WAIT_S: Final = 120.0
MINUTE_S: Final = 60.0
SPREAD_S: Final = 1.0
"""Links gather what their door tells, each for a moment of its own."""
SIZES: Final = struct.Struct("=QQ")
SIZES_AT: Final = 120
"""Where the kernel's `tcp_info` tells bytes acknowledged and received. Source: linux/tcp.h."""
DIALLING: Final = 20
"""Handshakes at a time."""
ENDS: Final = 5
"""People who are ended at every door, one after the other."""
LOOKS: Final = 5
TOLD_H: Final = 7 * 24
"""Hours that every door has told of before."""
STREAM_MIN: Final = 10
"""Minutes of a stream."""
A = TypeVar("A")
T = TypeVar("T")
_ID: Final = re.compile(r"[0-9a-f-]{32,36}|(?<=[/=])\d+")
_LINK: Final = re.compile(r'<a [^>]*?href="(/[^"#]*)"')
_CHANCE: Final = secrets.SystemRandom()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Office:
    """What was made up."""

    folder: Path
    welcome: str
    """The path of a link for a first operator."""
    fingerprint: str
    doors: tuple[tuple[UUID, Ed25519PrivateKey], ...]
    policy: dict[UUID, int]
    """Where each door's policy stands."""
    people: int
    everywhere: tuple[UUID, ...]
    """Who is admitted at every door."""
    context: SSLContext


def make(folder: Path, port: int, doors: int, people: int) -> Office:
    """A console's folder with so many doors, paired, in houses of eight, and so many people."""
    console = founding.create(
        folder,
        office="Fleet",
        contact="the office",
        zone="Europe/Berlin",
        preset="EU",
        name="localhost",
        host="127.0.0.1",
        port=port,
        simulated=True,
    )
    custodians.create(console)
    with console.store.transaction():
        paired = [_door(console, number) for number in range(doors)]
        everywhere = _people(console, [door for door, _ in paired], people)
        _past(console, [door for door, _ in paired])
        for door, _ in paired:
            policy.mark_everything(console, door)
        welcome = accounts.invite(console, Role.OPERATOR)
    found = Office(
        folder=folder,
        welcome=f"/welcome/{welcome}",
        fingerprint=certificate.fingerprint(console.config),
        doors=tuple(paired),
        policy={door: policy.newest(console, door) for door, _ in paired},
        people=people,
        everywhere=tuple(everywhere),
        context=_context(),
    )
    console.store.close()
    return found


def _door(console: Console, number: int) -> tuple[UUID, Ed25519PrivateKey]:
    door, link = uuid4(), Ed25519PrivateKey.generate()
    keys = (Ed25519PrivateKey.generate().public_key().public_bytes_raw(), link.public_key().public_bytes_raw())
    house, slot = divmod(number, GROUP_MOST)
    console.store.run(
        """INSERT INTO doors (id, name, door_group, slot, device, link, paired_at, version, factors, faces, joined)
        VALUES (?, ?, ?, ?, ?, ?, ?, '0.1.0', 1, 1, 1)""",
        (door.bytes, f"House {house + 1}, door {slot + 1}", house + 1, slot, *keys, _now_s(console)),
    )
    return door, link


def _past(console: Console, doors: list[UUID]) -> None:
    """What the doors told before: their hours, and this week's answers."""
    now_s = _now_s(console)
    hours = [now_s // 3600 * 3600 - 3600 * ago for ago in range(1, TOLD_H + 1)]
    told = ((door.bytes, hour, 5 + _CHANCE.randrange(60)) for door in doors for hour in hours)
    console.store.connection.executemany("INSERT INTO hourly VALUES (?, ?, ?)", told)
    answers = ((door.bytes, now_s // 86_400 * 86_400) for door in doors)
    console.store.connection.executemany("INSERT INTO answers VALUES (?, ?, 1, 1)", answers)


def _people(console: Console, doors: list[UUID], people: int) -> list[UUID]:
    """Everybody, each in the group of a house or in the one of all doors; those in the latter."""
    store, houses = console.store, -(-len(doors) // GROUP_MOST)
    for house in range(houses + 1):
        store.run("INSERT INTO groups (id, name) VALUES (?, ?)", (house + 1, f"House {house + 1}" if house < houses else "All"))
        for door in doors[house * GROUP_MOST : (house + 1) * GROUP_MOST] if house < houses else doors:
            store.run("INSERT INTO group_doors VALUES (?, ?, 0)", (house + 1, door.bytes))
    everywhere = []
    for number in range(people):
        person, in_all = uuid4(), number < EVERYWHERE
        values = (person.bytes, f"Person {number}", "en", _now_s(console))
        store.run("INSERT INTO people (id, name, language, added_at) VALUES (?, ?, ?, ?)", values)
        group = houses + 1 if in_all else number % houses + 1
        store.run("INSERT INTO memberships VALUES (?, ?)", (person.bytes, group))
        everywhere += [person] if in_all else []
    return everywhere


def _now_s(console: Console) -> int:
    return int(console.clock.now().timestamp())


# --- doors -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True, repr=False)
class Door:
    """One played door and its link: a lane up, a lane down."""

    office: Office
    port: int
    id: UUID
    key: Ed25519PrivateKey
    policy: int = 0
    cells: int = 0
    ended: dict[UUID, float] = field(default_factory=dict)
    """When it was told that somebody has ended, by the monotonic clock."""
    delta_bytes: int = 0
    """How long the last message of policy was."""
    streams: int = 0
    _reading: list[gevent.Greenlet] = field(default_factory=list)
    _number: int = 0
    _up: http.client.HTTPConnection | None = None
    _down: http.client.HTTPConnection | None = None

    def connect(self) -> None:
        """Dial; the stream is read in the background from now on. The way up is dialled with the first minute."""
        self._down = self._dial()
        self._reading.append(gevent.spawn(self._listen))

    def minute(self) -> None:
        """Tell the console a minute."""
        at = datetime.now(UTC).replace(microsecond=0)
        cell = CellBytes(secrets.token_bytes(CELL_BYTES))
        body = many([Minute(at=at, policy=self.policy, eyes=True, front=True, lock=True, testing=False, cell=cell)])
        if self._up is None:
            self._up = self._dial()
        line = self._up
        line.request("POST", "/link/up", body=body, headers=self._signed("POST", "/link/up", body))
        with line.getresponse() as answer:
            answer.read()

    def carried(self) -> int:
        """What both connections carried so far, both ways, above TCP."""
        return sum(_carried(line) for line in (self._line(self._up), self._line(self._down)))

    def hang_up(self) -> None:
        """End both."""
        gevent.killall(self._reading)
        for line in (self._up, self._down):
            if line is not None:
                line.close()

    def dial_again(self) -> None:
        """What happens every ten minutes, when the console has ended a stream: the same connection asks once more."""
        line = self._line(self._up)
        self._reading.append(gevent.spawn(self._stream, line))

    def _listen(self) -> None:
        with contextlib.suppress(OSError, ValueError, http.client.HTTPException):
            self._stream(self._line(self._down))

    def _stream(self, line: http.client.HTTPConnection) -> None:
        path = f"/link/down?policy={self.policy}"
        line.request("GET", path, headers=self._signed("GET", path, b""))
        rest = b""
        with line.getresponse() as answer:
            self.streams += 1
            while data := answer.read1(65_536):
                messages, rest = frames(rest + data, FROM_CONSOLE)
                for message in messages:
                    self._hear(message)

    def _hear(self, message: Message) -> None:
        if isinstance(message, Policy):
            now_s = time.monotonic()
            self.policy, self.delta_bytes = message.number, len(encode(message))
            self.ended.update({person.person: now_s for person in message.people if person.ended})
        elif isinstance(message, CellOf):
            self.cells += 1

    def _signed(self, method: str, path: str, body: bytes) -> dict[str, str]:
        self._number += 1
        signature = self.key.sign(request(method, path, self.id, self._number, body))
        return {
            "User-Agent": "byleave",
            "Content-Type": "application/octet-stream",
            "Byleave-Door": self.id.hex,
            "Byleave-Number": f"{self._number:016d}",
            "Byleave-Signature": b64encode(signature).decode(),
        }

    def _dial(self) -> http.client.HTTPConnection:
        line = http.client.HTTPConnection("127.0.0.1", self.port)
        line.sock = self.office.context.wrap_socket(create_connection(("127.0.0.1", self.port), timeout=WAIT_S))
        shown = line.sock.getpeercert(binary_form=True)
        if shown is None or sha256(shown).hexdigest() != self.office.fingerprint:
            raise WireError("Another console answers at this port.")
        return line

    def _line(self, line: http.client.HTTPConnection | None) -> http.client.HTTPConnection:
        if line is None or line.sock is None:
            raise WireError("The console has hung up.")
        return line


# --- the measurement -------------------------------------------------------------------------------------------------


class Desk(Protocol):
    """Somebody signed in at the console's pages, in a thread that may wait."""

    def end(self, person: UUID) -> float:
        """End this person; when the button was pressed, by the monotonic clock."""

    def page(self, path: str) -> tuple[float, str]:
        """Open a page: how long that took in seconds, and what it says."""


def measure(office: Office, port: int, process: psutil.Process, desk: Desk, tick: Callable[[int], None]) -> dict[str, float]:
    """
    What a whole fleet costs: how fast an end is everywhere, an idle minute, memory, pages.

    Raises: WireError when the console hangs up or a door was never told.
    """
    _allow_connections()
    doors = [Door(office, port, door, key) for door, key in office.doors]
    lines = Pool(DIALLING)
    for door in doors:
        lines.spawn(door.connect)
        gevent.sleep(0)
    lines.join()
    newest = office.policy
    _until(lambda: all(door.policy >= newest[door.id] for door in doors))
    tick(1)
    _minute(doors)
    held = [process.memory_info().rss]
    told = [late for person in office.everywhere[:ENDS] for late in _ended(doors, desk, person)]
    delta = max(door.delta_bytes for door in doors)
    held.append(process.memory_info().rss)
    tick(1)
    idle = _idle(doors)
    held.append(process.memory_info().rss)
    tick(1)
    pages = _pages(desk)
    held.append(process.memory_info().rss)
    tick(1)
    for door in doors:
        door.hang_up()
    return {
        "doors": len(doors),
        "people": office.people,
        "end_p99_s": statistics.quantiles(told, n=100, method="inclusive")[-1],
        "idle_bytes_per_min": idle,
        "console_rss_mb": max(held) / 1e6,
        "page_ms": 1000 * max(pages.values()),
        "delta_bytes": delta,
    }


def _ended(doors: list[Door], desk: Desk, person: UUID) -> list[float]:
    """How long each door took to be told, from the press of the button."""
    pressed_s = _beside(desk.end, person)
    _until(lambda: all(person in door.ended for door in doors))
    return [door.ended[person] - pressed_s for door in doors]


def _idle(doors: list[Door]) -> float:
    """Bytes of a door in a minute in which nobody does anything, its share of dialling anew every ten minutes with it."""
    before, began_s = [door.carried() for door in doors], time.monotonic()
    _minute(doors)
    gevent.sleep(max(0.0, MINUTE_S - (time.monotonic() - began_s)))
    minute = statistics.mean(after - was for after, was in zip([door.carried() for door in doors], before, strict=True))
    again = doors[0]
    was = again.carried()
    again.dial_again()
    _until(lambda: again.streams == 2)
    return minute + (again.carried() - was) / STREAM_MIN


def _minute(doors: list[Door]) -> None:
    """Every door tells a minute, all within the second that links take to gather theirs; until every cell has arrived."""
    due = {}
    for number, door in enumerate(doors):
        house = number // GROUP_MOST * GROUP_MOST
        due[door.id] = door.cells + len(doors[house : house + GROUP_MOST]) - 1
    gevent.joinall([gevent.spawn_later(_CHANCE.uniform(0, SPREAD_S), door.minute) for door in doors], raise_error=True)
    _until(lambda: all(door.cells >= due[door.id] for door in doors))


def _pages(desk: Desk) -> dict[str, float]:
    """Every page that links lead to, one of each kind: its median time in seconds."""
    found, waiting = dict[str, float](), ["/"]
    while waiting:
        path = waiting.pop()
        kind = _ID.sub("*", path)
        if kind in found:
            continue
        took = [_beside(desk.page, path) for _ in range(LOOKS)]
        found[kind] = statistics.median(seconds for seconds, _ in took)
        waiting += map(html.unescape, _LINK.findall(took[-1][1]))
    return found


def _beside(act: Callable[[A], T], on: A) -> T:
    """Do this in another thread, while the doors go on."""
    done: T = gevent.get_hub().threadpool.apply(act, (on,))
    return done


def _until(holds: Callable[[], bool]) -> None:
    give_up_s = time.monotonic() + WAIT_S
    while not holds():
        if time.monotonic() > give_up_s:
            raise WireError("Not every door was told in time.")
        gevent.sleep(0.02)


def _carried(line: http.client.HTTPConnection) -> int:
    told = line.sock.getsockopt(IPPROTO_TCP, TCP_INFO, SIZES_AT + SIZES.size)
    return sum(SIZES.unpack_from(told, SIZES_AT))


def _allow_connections() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _context() -> SSLContext:
    context = SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
