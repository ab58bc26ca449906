"""Owns the demo's invented office: a console beside the door, paired with it, with people, hours and a visitor.

It is set up by somebody of the office who uses the console's own pages and then signs out for good.
What never happens here: a real person, a shortcut past a page.
"""

import contextlib
import json
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from device.cli.clerk import Clerk
from device.cli.officer import Officer
from device.cli.visitor import Visitor
from device.config import Settings
from device.errors import SetupError

START_S: Final = 30.0
OFFICE_HOURS: Final = ("07:00-19:00",) * 5
PEOPLE: Final = (
    ("Mira Sol", ("1",)),
    ("Jonas Weber", ("1",)),
    ("Amara Osei", ("1", "2")),
    ("Lucía Prieto", ("1",)),
    ("Chen Wei", ("2",)),
    ("Tomasz Nowak", ("1",)),
    ("Ingrid Dahl", ("1", "2")),
)
SETTER_UP: Final = "Set up (demo)"


@dataclass(frozen=True, slots=True)
class Console:
    """A console that runs beside the demo's door."""

    folder: Path
    new: bool
    """Whether it was made just now, and its office is still to be written down."""
    link: str
    """Good once, for whoever comes first."""
    words: tuple[str, ...]
    fingerprint: str


def byleave(*arguments: str) -> str:
    """
    Run one command, and give what it printed.

    Raises: SetupError, with its sentence, when it fails.
    """
    command = [sys.executable, "-m", "device.cli.main", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SetupError(ran.stderr.strip().removeprefix("Error: ") or "A command of the demo failed.")
    return ran.stdout


@contextlib.contextmanager
def running(folder: Path, office: str) -> Iterator[Console]:
    """
    A console in this folder, made where there is none, running as a process of its own; `console.log` beside it says how.

    Raises: SetupError when it does not start.
    """
    port, new = _port(folder), not folder.exists()
    if new:
        made = byleave("admin", "init", str(folder), "--office", office, "--port", str(port), "--simulated", "--json")
    else:
        made = byleave("admin", "account", "link", str(folder), "--json")
    told = json.loads(made)
    command = [sys.executable, "-m", "device.cli.main", "admin", "run", str(folder)]
    with (folder.parent / "console.log").open("ab") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        yield Console(folder, new, told["link"], tuple(told.get("custodians", ())), _fingerprint(port, process))
    finally:
        process.terminate()
        process.wait()


def fill(console: Console, settings: Settings, kiosk: Visitor) -> Officer:
    """
    Write the office down, and pair the door, comparing the digits on both screens; who did it, still signed in.

    Raises: WireError, SetupError when a page or the door does not do what it should.
    """
    origin = urlsplit(console.link)
    path = json.loads(byleave("admin", "account", "link", str(console.folder), "--json"))["link"]
    clerk = Clerk(f"{origin.scheme}://{origin.netloc}", console.fingerprint)
    officer = Officer.sign_up(clerk, urlsplit(path).path, SETTER_UP)
    pair(officer, settings, kiosk)
    return officer


def pair(officer: Officer, settings: Settings, kiosk: Visitor) -> str:
    """Add the door, pair it, and write the office down; the digits both screens showed."""
    door = officer.add_door("Front door")
    settings_file = settings.folders.data.parent / "settings.toml"
    pairing = subprocess.Popen(
        [sys.executable, "-m", "device.cli.main", "device", "pair", "--settings", str(settings_file), officer.ticket(door)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        digits = officer.compare(door, kiosk)
    finally:
        pairing.wait(START_S)
    officer.add_hours("Office hours", *OFFICE_HOURS)
    officer.add_group("Studio", {door: "0"})
    officer.add_group("Workshop", {door: "1"})
    for name, groups in PEOPLE:
        officer.add_person(name, *groups)
    officer.add_visitor("Courier", door)
    return digits


def _port(folder: Path) -> int:
    """The one it had, so that the door finds it again; else one that nobody uses now."""
    with contextlib.suppress(OSError, KeyError, ValueError):
        return int(tomllib.loads((folder / "console.toml").read_text(encoding="utf-8"))["port"])
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def letter(console: Console, name: str) -> str | None:
    """The code in this person's letter, as whoever prints it reads it; nothing once it was collected."""
    query = "SELECT code FROM codes JOIN people ON people.id = person WHERE name = ?"
    with contextlib.closing(sqlite3.connect(f"file:{console.folder}/console.db?mode=ro", uri=True)) as database:
        row = database.execute(query, (name,)).fetchone()
    return None if row is None else str(row[0])


def hand_over(officer: Officer) -> None:
    """Sign out; nobody was told the password. A console keeps its last operator, so the account stays until there is another."""
    officer.sign_out()
    officer.clerk.close()


def _fingerprint(port: int, process: subprocess.Popen[bytes]) -> str:
    give_up_s = time.monotonic() + START_S
    while True:
        with contextlib.suppress(OSError):
            return sha256(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", port)))).hexdigest()
        if process.poll() is not None or time.monotonic() > give_up_s:
            raise SetupError("The console did not start; `console.log` says why.")
        time.sleep(0.05)
