"""A whole small office: one console process and doors of several processes each, over real sockets, on a clock a test moves."""

import contextlib
import json
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import psutil

from device.cli import demo
from device.cli.clerk import Clerk
from device.cli.device import prepare
from device.cli.officer import Officer
from device.cli.stage import Stage
from device.cli.supervise import ask
from device.cli.visitor import Visitor
from device.config import Settings, load
from device.contract import office
from device.errors import WireError
from tests.office.line import Line

START_S = 60.0
MORNING = 1_804_233_600
"""Friday, 5 March 2027, 08:00 UTC."""


_OWN_CELL = "SELECT device, counter FROM door, cells"
_HEARD_CELLS = "SELECT public, newest FROM heard_cells"


@dataclass
class Clock:
    """A file that holds the time; doors and console read it."""

    path: Path

    def set(self, now_s: int) -> None:
        """It is this late now."""
        unfinished = self.path.with_suffix(".new")
        unfinished.write_text(str(now_s))
        unfinished.rename(self.path)

    def now_s(self) -> int:
        """Seconds since 1970."""
        return int(self.path.read_text())


@dataclass
class Door:
    """One door of the town."""

    name: str
    folder: Path
    settings: Settings
    stage: Stage
    process: subprocess.Popen[bytes] | None = None
    kiosk_: Visitor | None = None
    id: str = ""
    line: Line | None = None
    """A line of its own to the console; nothing where it shares the town's."""

    @property
    def kiosk(self) -> Visitor:
        """Somebody at its screen."""
        if self.kiosk_ is None:
            self.kiosk_ = Visitor(demo.kiosk_url(self.settings))
        return self.kiosk_

    def asks(self, query: str, *values: Any) -> list[Any]:
        """What this door's vault says."""
        path = self.settings.folders.data / "door.db"
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as vault:
            return vault.execute(query, values).fetchall()

    def start(self, environment: dict[str, str] | None = None) -> None:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "device.cli.main", "device", "run", "--settings", str(self.folder / "settings.toml")]
        with (self.folder / "device.log").open("ab") as said:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env=environment)
        wait_for(lambda: demo._ready(self.settings), "the door is ready")

    def kill(self, room: str | None = None) -> None:
        """Kill one room, or the whole door, at once."""
        assert self.process is not None
        parent = psutil.Process(self.process.pid)
        for child in parent.children():
            if room is None or f"device.{room}" in " ".join(child.cmdline()):
                child.kill()
        if room is None:
            parent.kill()
            self.process.wait()
            self.process = None
            self.kiosk_ = None

    def dial_anew(self) -> None:
        """Start the link anew, for one that was refused many times waits long; and wait until the console answers it."""
        assert self.process is not None
        supervisor = psutil.Process(self.process.pid)
        before = {child.pid for child in supervisor.children()}
        self.kill("front.link")
        wait_for(lambda: any(child.pid not in before for child in supervisor.children()), f"{self.name} has a link again")
        wait_for(self.reached, f"{self.name} reaches the console")

    def reached(self) -> bool:
        """Whether the console answers this door, as it says itself."""
        with contextlib.suppress(WireError):
            status = ask(self.settings.folders.run, office.AskStatus())
            return isinstance(status, office.Status) and status.console
        return False

    def stop(self) -> None:
        """End it in order."""
        if self.kiosk_ is not None:
            self.kiosk_.close()
            self.kiosk_ = None
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            self.process = None


@dataclass
class Town:
    """One office."""

    folder: Path
    clock: Clock
    line: Line
    console_folder: Path
    words: tuple[str, ...] = ()
    console: subprocess.Popen[bytes] | None = None
    officer: Officer | None = None
    doors: list[Door] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    port: int = 0

    @classmethod
    def found(cls, folder: Path, certificate: tuple[bytes, bytes] | None = None) -> "Town":
        """A new office with a console, whose line can be cut, and somebody who works there."""
        folder.mkdir(parents=True, exist_ok=True)
        clock = Clock(folder / "clock")
        clock.set(MORNING)
        console = folder / "console"
        port = free_port()
        line = Line(("127.0.0.1", port), lambda: clock.now_s() // 60)
        said = byleave(
            "admin", "init", str(console), "--office", "Studio Nord", "--name", "localhost", "--port", str(line.port),
            "--simulated", "--clock", str(clock.path), "--json",
        )  # fmt: skip
        told = json.loads(said)
        if certificate is not None:
            for name, content in zip(sorted((console / "keys").glob("*.pem")), certificate, strict=True):
                name.write_bytes(content)
        town = cls(folder, clock, line, console, tuple(told["custodians"]), port=port)
        town.start_console()
        clerk = Clerk(f"https://localhost:{line.port}", town.fingerprint())
        town.officer = Officer.sign_up(clerk, urlsplit(told["link"]).path, "Nora Lind", clock.now_s)
        return town

    def fingerprint(self) -> str:
        """Of the console's certificate."""
        return sha256(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", self.port)))).hexdigest()

    def start_console(self) -> None:
        """Start it; it listens beside the line that everybody dials."""
        settings = self.console_folder / "console.toml"
        text = settings.read_text().replace(f"port = {self.line.port}\n", f"port = {self.port}\n")
        settings.write_text(text)
        command = [sys.executable, "-m", "device.cli.main", "admin", "run", str(self.console_folder)]
        with (self.folder / "console.log").open("ab") as said:
            self.console = subprocess.Popen(command, stdout=said, stderr=said)
        wait_for(lambda: _listens(self.port), "the console answers")

    def kill_console(self) -> None:
        """Kill it at once."""
        assert self.console is not None
        self.console.kill()
        self.console.wait()
        self.console = None

    def lay(self) -> Line:
        """One more line to the console, for a door of its own."""
        self.lines.append(Line(("127.0.0.1", self.port), lambda: self.clock.now_s() // 60))
        return self.lines[-1]

    def add_door(
        self,
        name: str,
        change: Callable[[str], str] = lambda text: text,
        environment: dict[str, str] | None = None,
        line: Line | None = None,
    ) -> Door:
        """A door of this office, running, not paired; it shares the town's line unless it is given one of its own."""
        folder = self.folder / name.replace(" ", "-")
        settings, stage = demo.make(folder)
        path = folder / "settings.toml"
        path.write_text(change(f"clock = {json.dumps(str(self.clock.path))}\n" + path.read_text()))
        settings = load(path)
        prepare(settings)
        door = Door(name, folder, settings, stage, line=line)
        self.doors.append(door)
        door.start(environment)
        return door

    def pair(self, door: Door, again: str | None = None) -> None:
        """Pair it through the line, comparing the digits on both screens; `again` is the door whose place it takes."""
        assert self.officer is not None
        door.id = again or self.officer.add_door(door.name)
        ticket = self.officer.ticket(door.id).replace(f":{self.port}:", f":{(door.line or self.line).port}:")
        command = "replace" if again else "pair"
        pairing = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "device.cli.main",
                "device",
                command,
                "--settings",
                str(door.folder / "settings.toml"),
                ticket,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            self.officer.compare(door.id, door.kiosk)
        finally:
            said, _ = pairing.communicate(timeout=60)
        assert pairing.returncode == 0, said.decode()
        # The office's first door is one that holds its key: it has to know that it was alone before there is another.
        self.rest(door)

    def asks(self, query: str, *values: Any) -> list[Any]:
        """What the console's database says."""
        with contextlib.closing(sqlite3.connect(f"file:{self.console_folder}/console.db?mode=ro", uri=True)) as database:
            return database.execute(query, values).fetchall()

    def code_of(self, person: UUID) -> str:
        """The code in this person's letter."""
        return str(self.asks("SELECT code FROM codes WHERE person = ?", person.bytes)[0][0])

    def throw_away(self, door: Door) -> None:
        """This door broke, and all that was in it is gone."""
        door.stop()
        shutil.rmtree(door.folder)
        self.doors.remove(door)

    def level(self, door: Door) -> bool:
        """Whether this door has applied all that it was told, and has nothing left to tell."""
        ((applied, waiting),) = door.asks("SELECT number, (SELECT count(*) FROM outbox) FROM console")
        return bool(self.asks("SELECT policy FROM doors WHERE id = ?", UUID(door.id).bytes)[0][0] == applied and not waiting)

    def exchanged(self) -> bool:
        """Whether every door has heard the newest cell of every other one that it shares people with."""
        made = {bytes(own): counter for door in self.doors for own, counter in door.asks(_OWN_CELL)}
        return all(made.get(bytes(other), newest) == newest for door in self.doors for other, newest in door.asks(_HEARD_CELLS))

    def rest(self, *doors: Door) -> None:
        """Wait until these doors, or all of them, and the console know the same of one another."""
        for door in doors or self.doors:
            wait_for(lambda door=door: self.level(door), f"{door.name} and the console know the same")  # type: ignore[misc]  # bound now

    def pass_time(self, seconds: int, within_s: float = START_S) -> None:
        """Let it be later, and wait until every door that is connected has told its minute."""
        self.clock.set(self.clock.now_s() + seconds)
        minute = self.clock.now_s() // 60 * 60
        for door in self.doors:
            if door.process is not None and door.id and (door.line or self.line).up:
                wait_for(lambda door=door: self.told(door) >= minute, f"{door.name} tells its minute", within_s)  # type: ignore[misc]  # bound now

    def told(self, door: Door) -> int:
        """The last minute this door told."""
        rows = self.asks("SELECT minute_at FROM doors WHERE id = ?", UUID(door.id).bytes)
        return int(rows[0][0] or 0)

    def close(self) -> None:
        """Shut everything."""
        for door in self.doors:
            door.stop()
        if self.officer is not None:
            self.officer.clerk.close()
        if self.console is not None:
            self.console.send_signal(signal.SIGTERM)
            self.console.wait()
        for line in (self.line, *self.lines):
            line.close()


@contextlib.contextmanager
def town(folder: Path, certificate: tuple[bytes, bytes] | None = None) -> Iterator[Town]:
    """An office until it is shut."""
    founded = Town.found(folder, certificate)
    try:
        yield founded
    finally:
        founded.close()


def wait_for(holds: Callable[[], bool], what: str, within_s: float = START_S) -> None:
    """Wait until it holds; fail when it does not in time."""
    give_up_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up_s, f"{what}: not in {within_s} s"
        time.sleep(0.02)


def byleave(*arguments: str) -> str:
    """Run one command, and give what it printed."""
    command = [sys.executable, "-m", "device.cli.main", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def free_port() -> int:
    """A port nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
