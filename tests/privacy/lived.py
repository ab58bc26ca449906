"""
A small office lived through once: two doors, a known face, openings at known seconds, and every kind of record.

What is secret in it is read where it may be: at the doors, by whoever holds their keys.
"""

import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import psutil
from numpy.typing import NDArray

from admin.incident import keys
from device.cli.clerk import Clerk
from device.cli.officer import Officer
from device.contract.console import Role
from device.door import seal, vault
from device.door.keys import FileKeyStore
from tests.office import town as towns
from tests.office import walks
from tests.office.town import MORNING, Door, Town, byleave, wait_for
from tests.office.walks import Held
from tests.privacy.ear import Ear
from tests.privacy.needles import Secrets

BADGES: Final = 1_001
"""So many badges count in this office that a PIN has seven digits, and is nowhere by chance."""
MINUTE_S: Final = 60
HOUR_S: Final = 3_600
MORE_DAYS_S: Final = 3 * 86_400
"""From Friday to Monday, when the week is over, too."""
AGREES_AT: Final = 3 * MINUTE_S + 37
OPENS_AT: Final = (
    (7 * MINUTE_S + 11, "face"),
    (7 * MINUTE_S + 47, "badge"),
    (13 * MINUTE_S + 29, "pin"),
    (13 * MINUTE_S + 53, "face"),
    (17 * MINUTE_S + 19, "badge"),
    (17 * MINUTE_S + 41, "pin"),
)
"""Seconds after the office's first, in minutes in which nothing else happens, all in the console's first hour."""
WITHDRAWS_AT: Final = 23 * MINUTE_S + 37
ANOTHER_OPENS_AT: Final = 31 * MINUTE_S + 13
MOMENTS: Final = (AGREES_AT, WITHDRAWS_AT, ANOTHER_OPENS_AT, *(second for second, _ in OPENS_AT))
ZONE: Final = ZoneInfo("Europe/Berlin")


@dataclass
class Lived:
    """The office, still open, and what is known of it."""

    office: Town
    ear: Ear
    front: Door
    side: Door
    desks: dict[Role, Officer]
    secrets: Secrets
    backup: Path
    opened: str
    """What two custodians read in the end, which is for them alone."""
    vault: bytes
    """The front door's vault while the template was in it."""
    rows: dict[str, set[str]]
    """Every row of every table of the console, as it was at any time that was looked at."""


@contextmanager
def lived(folder: Path) -> Iterator[Lived]:
    """The office until it is shut."""
    with towns.town(folder) as office:
        ear = Ear(office.console_folder, office.port)
        try:
            office.line.lead_to(("127.0.0.1", ear.port))
            office.line.cut()
            office.line.mend()
            yield _Story(office, ear).live()
        finally:
            ear.close()


@dataclass
class _Story:
    office: Town
    ear: Ear
    rows: dict[str, set[str]] = field(default_factory=dict)
    held: list[Held] = field(default_factory=list)
    closed: list[bytes] = field(default_factory=list)
    vault: bytes = b""
    digests: set[bytes] = field(default_factory=set)

    def live(self) -> Lived:
        """The whole of it."""
        office = self.office
        front, side = office.add_door("front door"), office.add_door("side door")
        for door in (front, side):
            office.pair(door)
        walks.join(office, side, front)
        _many_badges(front)
        desks = self._desks(front, side)
        mira, ben, ida = (desks[Role.OPERATOR].add_person(name, "1") for name in ("Mira Sol", "Ben Lang", "Ida Roth"))
        office.rest()
        template = self._comes_and_goes(front, mira, ben)
        self._office_goes_on(front, side, ben, ida)
        # First the hour in which they came is over, for only the last 48 are told of.
        office.pass_time(HOUR_S)
        office.rest()
        office.pass_time(MORE_DAYS_S)
        office.rest()
        for officer in desks.values():
            officer.sign_in()
        # The first visitor's code and the letters' are past their time; and somebody waits for a letter, and a notice is drafted.
        desks[Role.OPERATOR].add_visitor("Courier", front.id)
        desks[Role.OPERATOR].new_code(ben)
        desks[Role.OPERATOR].add_person("Ola Berg", "1")
        privacy = desks[Role.PRIVACY_OFFICER].clerk
        privacy.open("/notices/")
        privacy.submit("/notices/draft")
        opened, lists = self._custodians(desks[Role.PRIVACY_OFFICER], front, mira)
        backup = office.folder / "backup"
        byleave("admin", "backup", str(office.console_folder), str(backup))
        self._look()
        known = Secrets(
            templates=(template,),
            closed=tuple(self.closed),
            badges=tuple(held.badge for held in self.held),
            pins=tuple(held.pin for held in self.held),
            digests=tuple(self.digests),
            people=(mira, ben),
            moments=tuple(MORNING + second for second in MOMENTS),
            zone=ZONE,
            lists=(*office.words, *lists),
            private=(*_private(office.words), *_private(lists)),
        )
        return Lived(office, self.ear, front, side, desks, known, backup, opened, self.vault, self.rows)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _desks(self, front: Door, side: Door) -> dict[Role, Officer]:
        """Somebody of every role, hours, a group, a visitor and a notice."""
        office, operator = self.office, self.office.officer
        assert operator is not None
        desks = {Role.OPERATOR: operator}
        for role in Role:
            if role is not Role.OPERATOR:
                operator.clerk.open("/accounts")
                page = operator.clerk.submit("/accounts/links", role=role.value)
                link = re.search(r"https://localhost:\d+/welcome/[\w-]+", page.text)
                assert link
                clerk = Clerk(operator.clerk.origin, office.fingerprint())
                desks[role] = Officer.sign_up(clerk, urlsplit(link[0]).path, role.value.title(), office.clock.now_s)
        operator.add_hours("Office hours", *("07:00-19:00",) * 5)
        operator.add_group("Studio", {front.id: "0", side.id: "0"})
        operator.add_visitor("Courier", front.id)
        privacy = desks[Role.PRIVACY_OFFICER].clerk
        for act in ("/notices/draft", "/notices/publish"):
            privacy.open("/notices/")
            assert privacy.submit(act).status == 200
        return desks

    def _comes_and_goes(self, front: Door, mira: UUID, ben: UUID) -> NDArray[np.float32]:
        """One agrees and opens in every way, at known seconds, and withdraws; another declines. The template that was there."""
        self._at(AGREES_AT)
        self.held.append(walks.collect(front, self.office.code_of(mira)))
        walks.agree(front, "grace")
        for second, way in OPENS_AT:
            self._at(second)
            self._opens(front, way)
        assert {at for (at,) in front.asks("SELECT at FROM openings")} == {MORNING + second for second, _ in OPENS_AT}
        template = self._template(front, mira)
        self._at(WITHDRAWS_AT)
        walks.withdraw(front, self.held[0], everywhere=True)
        self._at(WITHDRAWS_AT + 2 * MINUTE_S)
        self._collect(front, ben)
        return template

    def _collect(self, door: Door, person: UUID) -> None:
        """Badge and PIN, and no face."""
        self.held.append(walks.collect(door, self.office.code_of(person)))
        walks.decline(door)
        self._digests(door, person)

    def _digests(self, door: Door, person: UUID) -> None:
        self.digests.update(*door.asks("SELECT digest, pin FROM badges WHERE person = ?", person.bytes))

    def _template(self, door: Door, person: UUID) -> NDArray[np.float32]:
        """The template of this person, opened with the door's own keys; what closes it is noted."""
        self._digests(door, person)
        self.vault = b"".join(path.read_bytes() for path in sorted(door.settings.folders.data.glob("door.db*")))
        store = FileKeyStore.open(door.settings.folders.keys)
        query = "SELECT person, consent, model, generation, wrapped, sealed FROM templates WHERE person = ?"
        ((binding, closed),) = (vault._closed_of(row) for row in door.asks(query, person.bytes))
        wrapping = store.wrapping(closed.generation)
        template = np.zeros(seal.NUMBERS, np.float32)
        seal.unseal(closed, binding, wrapping, template)
        self.closed += [closed.sealed, closed.wrapped, wrapping, bytes(seal._unwrap(closed, binding, wrapping))]
        return template

    def _opens(self, front: Door, way: str) -> None:
        (held,) = self.held
        opens: dict[str, Callable[[], bool]] = {
            "face": lambda: walks.by_face(front, "grace"),
            "badge": lambda: walks.by_badge(front, held.badge),
            "pin": lambda: walks.by_pin(front, held),
        }
        assert opens[way]()

    def _office_goes_on(self, front: Door, side: Door, ben: UUID, ida: UUID) -> None:
        """A badge is replaced, a door opened from the desk, somebody leaves, and a lock's keeper is silent for a while."""
        office, operator = self.office, self.office.officer
        assert operator is not None
        office.pass_time(MINUTE_S)
        operator.sign_in()
        operator.new_code(ben)
        operator.open_once(side.id)
        operator.end_person(ida)
        office.rest()
        self._collect(front, ben)
        self._at(ANOTHER_OPENS_AT)
        assert walks.by_pin(front, self.held[-1])
        self._at(ANOTHER_OPENS_AT + MINUTE_S)
        office.line.cut()
        wait_for(lambda: all(_log(door) for door in (front, side)), "both doors write down that the console does not answer")
        office.line.mend()
        for door in (front, side):
            wait_for(door.reached, f"{door.name} reaches the console again")
        keeper = _keeper(side)
        keeper.suspend()
        try:
            office.pass_time(2 * MINUTE_S)
            wait_for(lambda: bool(office.asks("SELECT 1 FROM alarms")), "the console hears that the lock is silent")
        finally:
            keeper.resume()

    def _custodians(self, privacy: Officer, front: Door, mira: UUID) -> tuple[str, tuple[str, ...]]:
        """A day and somebody's evidence are released and exported, and custodians hand over; what was read, the new lists."""
        office, clerk = self.office, privacy.clerk
        clerk.open("/incidents/new")
        asked = {
            "door": str(UUID(front.id)),
            "reason": "theft",
            "day": f"{datetime.fromtimestamp(MORNING, ZONE):%Y-%m-%d}",
            "begins": "07:00",
            "ends": "19:00",
        }
        assert clerk.submit("/incidents/new", **asked, told="yes").status == 200
        clerk.open("/incidents/evidence?name=mira")
        assert clerk.submit("/incidents/evidence", person=mira.hex).status == 200
        wait_for(lambda: len(office.asks("SELECT 1 FROM released_days")) == 1, "the door releases its day")
        wait_for(lambda: len(office.asks("SELECT 1 FROM released_evidence")) == 2, "the doors release evidence")
        clerk.open("/incidents/")
        day = office.folder / "day.json"
        day.write_bytes(clerk.submit("/incidents/1/file").body)
        clerk.open("/incidents/")
        assert clerk.submit("/incidents/evidence/1/file").status == 200
        lists = []
        for number, words in enumerate(office.words[:2]):
            path = office.folder / f"words-{number}"
            path.write_text(words)
            lists += ["--words", str(path)]
        opened = byleave("incident", "open", str(day), "--json", *lists)
        said = byleave("incident", "rotate", str(office.folder / "change.json"), *lists)
        new = tuple(line for line in said.splitlines() if len(line.split()) == 33)
        assert len(new) == keys.LISTS
        clerk.open("/incidents/custodians")
        assert clerk.submit("/custodians", statement=(office.folder / "change.json").read_text()).status == 200
        query = "SELECT count(*) FROM doors WHERE custodians IS (SELECT incident FROM custodians ORDER BY number DESC LIMIT 1)"
        wait_for(lambda: office.asks(query) == [(2,)], "both doors seal to the new custodians")
        return opened, new

    # --- time --------------------------------------------------------------------------------------------------------

    def _at(self, second: int) -> None:
        """It is this much later than in the beginning; the minute itself has been told before."""
        minute = MORNING + second // MINUTE_S * MINUTE_S
        if self.office.clock.now_s() < minute:
            self.office.pass_time(minute - self.office.clock.now_s())
            self._look()
        self.office.clock.set(MORNING + second)

    def _look(self) -> None:
        """Read every table of the console, for what may be gone later."""
        for name, rows in tables(self.office.console_folder / "console.db").items():
            self.rows.setdefault(name, set()).update(rows)


def tables(path: Path) -> dict[str, set[str]]:
    """Every row of every table, as text."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: {_spelled(row) for row in database.execute(f"SELECT * FROM {name}")} for name in names}  # noqa: S608  # its own names


def _spelled(row: tuple[object, ...]) -> str:
    return json.dumps([value.hex() if isinstance(value, bytes) else value for value in row], ensure_ascii=False)


def _many_badges(door: Door) -> None:
    """Badges of people who never come to this door; it is as if other doors had made them."""
    rows = [(secrets.token_bytes(16), secrets.token_bytes(32), secrets.token_bytes(32), MORNING, MORNING) for _ in range(BADGES)]
    with closing(sqlite3.connect(door.settings.folders.data / "door.db", timeout=10)) as vault_, vault_:
        vault_.executemany("INSERT INTO book VALUES (?, ?, ?, ?, 0, ?)", rows)


def _log(door: Door) -> bytes:
    return (door.folder / "device.log").read_bytes()


def _keeper(door: Door) -> psutil.Process:
    """The lock's keeper of this door."""
    for process in psutil.process_iter(["cmdline"]):
        line = process.info["cmdline"] or []
        if "device.lock" in line and str(door.folder / "settings.toml") in line:
            return process
    raise AssertionError("There is no keeper.")


def _private(lists: Sequence[str]) -> list[bytes]:
    """What any two of these lists make."""
    secret = keys.join(lists[:2])
    made = keys.derive(secret)
    return [secret, *(key.private_bytes_raw() for key in (made.incident, made.evidence, made.statement))]
