"""
The same office lived through twice: in one world a person chooses their face, in the other the badge.

Then all that the console could have seen of the two is laid side by side.
"""

import contextlib
import os
import re
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.office.town import Door, Town, byleave, town, wait_for

EVENTS: Final = 200
PEOPLE: Final = 8
QUIET_S: Final = 0.25
"""With nothing on the line for this long, what belongs to a minute has been said."""
PAGES: Final = ("/", "/people/", "/doors/", "/hours/", "/notices/", "/incidents/", "/audit/", "/settings/", "/visitors/")
CHANCE: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,}|[\w.-]{60,}|\b\d{10}\b|:\d{5}\b")
"""Ids, tokens, codes and ports in pages: drawn at random in either world."""


@dataclass
class World:
    """What the console, or whoever listens to its line, could have seen."""

    traffic: Counter[tuple[str, int]]
    calls: Counter[int]
    tables: dict[str, list[tuple[Any, ...]]]
    pages: dict[str, str]
    log: str
    openings: int
    collected_at: int
    """The minute in which it was told who collected. Whether a door is then told news or first a sign of life is chance."""
    notes: list[str] = field(default_factory=list)


def live(
    folder: Path, *, face: bool, events: int = EVENTS, certificate: tuple[bytes, bytes] | None = None, leak: str = ""
) -> World:
    """
    One world. `leak` is Python that every process of the front door runs first: a build that is not honest.
    """
    # The same chance in both worlds decides who comes when.
    chance = np.random.default_rng(11)
    with town(folder, certificate) as office:
        officer = office.officer
        assert officer is not None
        environment = _dishonest(folder, leak) if leak else None
        front, back = office.add_door("front door", environment=environment), office.add_door("back door")
        office.pair(front)
        office.pair(back)
        digits = "".join(back.kiosk.until("Joining")["digits"].split())
        wait_for(lambda: bool(office.asks("SELECT 1 FROM joins")), "the back door asked to join")
        quiet(office)
        byleave("device", "expect", "--settings", str(front.folder / "settings.toml"))
        _enter(front, digits)
        front.kiosk.until("Joined")
        front.kiosk.press("stop")
        officer.add_group("Studio", {front.id: "0", back.id: "0"})
        people = []
        for number in range(PEOPLE):
            # Whether two acts reach a door in one piece or in two is chance.
            quiet(office)
            people.append(officer.add_person(f"Person {number}", "1"))
        quiet(office)
        office.pass_time(60)
        held = [_redeem(front, office.code_of(person), face=face and number == 0) for number, person in enumerate(people)]
        quiet(office)
        office.pass_time(86_400)
        collected_at = office.clock.now_s() // 60
        quiet(office)
        opened = 0
        withdrawn = events * 3 // 4
        for event in range(events):
            office.pass_time(int(chance.integers(60, 1200)))
            who = int(chance.integers(PEOPLE))
            if event == withdrawn:
                _withdraw(front, *held[0])
            else:
                way = "pin" if who or event > withdrawn else "face" if face else "badge"
                _open_by(front, way, *held[who])
                opened += 1
            quiet(office)
        # Into the next day, so that the bundles of the last one are there.
        office.pass_time(86_400)
        quiet(office)
        office.pass_time(60)
        quiet(office)
        traffic, calls = office.line.heard.copy(), office.line.calls.copy()
        pages = {path: CHANCE.sub("*", officer.clerk.open(path).text) for path in PAGES}
        tables = _tables(office.console_folder / "console.db")
        return World(traffic, calls, tables, pages, (folder / "console.log").read_text(), opened, collected_at)


def differences(one: World, other: World) -> list[str]:
    """Everything by which the two worlds can be told apart."""
    found = []
    if one.openings != other.openings:
        found.append(f"openings: {one.openings}, {other.openings}")
    begin = min(minute for _, minute in one.traffic) + 1
    # The minute in which everything was set up holds the browser's pages, with their random tokens.
    found += [
        f"{key}: {one.traffic[key]} bytes, {other.traffic[key]} bytes"
        for key in sorted(set(one.traffic) | set(other.traffic))
        if key[1] >= begin and key != ("in", one.collected_at) and one.traffic[key] != other.traffic[key]
    ]
    found += [
        f"calls at {minute}"
        for minute in set(one.calls) | set(other.calls)
        if minute >= begin and one.calls[minute] != other.calls[minute]
    ]
    for name in sorted(set(one.tables) | set(other.tables)):
        here, there = Counter(one.tables.get(name)), Counter(other.tables.get(name))
        found += [f"table {name}: {row}" for row in (here - there) + (there - here)]
    found += [f"page {path}" for path in one.pages if one.pages[path] != other.pages[path]]
    if CHANCE.sub("*", one.log) != CHANCE.sub("*", other.log):
        found.append("log")
    return found


def quiet(office: Town) -> None:
    """Wait until nothing is on the line any more: all is told, every cell is heard, and then nothing for a moment."""
    office.rest()
    wait_for(office.exchanged, "the doors have heard one another")
    last, since_s = -1, time.monotonic()
    while time.monotonic() - since_s < QUIET_S:
        total = sum(office.line.heard.values())
        if total != last:
            last, since_s = total, time.monotonic()
        time.sleep(0.01)


def _enter(door: Door, digits: str) -> None:
    door.kiosk.until("Idle")
    door.kiosk.press("invitation")
    door.kiosk.until("CodePad")
    door.kiosk.type(digits)


def _redeem(door: Door, code: str, *, face: bool) -> tuple[bytes, str]:
    """Invitation, badge and PIN, and the choice."""
    kiosk = door.kiosk
    _enter(door, code)
    kiosk.until("Issued")
    badge, pin = kiosk.read_issued()
    kiosk.press("next")
    kiosk.until("Choice")
    if face:
        door.stage.put("grace")
        kiosk.press("my_face_too")
        kiosk.until("Notice")
        kiosk.agree()
        kiosk.until("Kept", within_s=60)
        kiosk.press("stop")
    else:
        kiosk.press("badge_and_pin")
    kiosk.until("Idle")
    return badge, pin


def _open_by(door: Door, way: str, badge: bytes, pin: str) -> None:
    door.kiosk.until("Idle")
    if way == "face":
        door.stage.put("grace")
    elif way == "badge":
        door.stage.hold_up(badge)
    door.kiosk.press({"face": "use_face", "badge": "show_badge", "pin": "pin"}[way])
    if way == "pin":
        door.kiosk.until("Keypad")
        door.kiosk.type(pin)
    door.kiosk.until("Opened", within_s=30)
    door.kiosk.press("stop")
    door.kiosk.until("Idle")


def _withdraw(door: Door, badge: bytes, pin: str) -> None:
    """From one's own page, at every door; whoever has no face here may press the same."""
    door.kiosk.until("Idle")
    door.stage.hold_up(badge)
    door.kiosk.press("about_me")
    door.kiosk.until("Keypad")
    door.kiosk.type(pin)
    door.kiosk.until("Personal")
    door.kiosk.press("withdraw_everywhere")
    door.kiosk.until("Gone")
    door.kiosk.press("stop")
    door.kiosk.until("Idle")


def _tables(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every table, with what is drawn at random replaced by its length."""
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        rows = {name: database.execute(f"SELECT * FROM {name}").fetchall() for name in names}  # noqa: S608  (its own names)
    rows["_sqlite_migrations"] = [row[:-1] for row in rows["_sqlite_migrations"]]
    # Housekeeping runs by the machine's clock, not the office's; it looks at the console's own tables only.
    rows["audit"] = [(*row[1:7], "*") for row in rows["audit"] if row[4] != "retention.ran"]
    rows["settings"] = [row for row in rows["settings"] if not row[0].startswith("floor_")]
    return {name: sorted((tuple(map(_plain, row)) for row in told), key=repr) for name, told in rows.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if isinstance(value, str):
        return "argon2" if value.startswith("$argon2") else CHANCE.sub("*", value)
    return value


def _dishonest(folder: Path, leak: str) -> dict[str, str]:
    """An environment in which every Python process runs this first."""
    place = folder / "leak"
    place.mkdir(parents=True)
    (place / "sitecustomize.py").write_text(leak)
    return dict(os.environ) | {"PYTHONPATH": str(place)}
