"""The same office lived through twice: in one world a person chooses their face, in the other the badge; then what the console
could have seen of the two is laid side by side."""

import os
import re
import sqlite3
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

from device.cli.visitor import Visitor
from tests.office.town import Door, Town, town, wait_for

EVENTS: Final = 200
PEOPLE: Final = 8
QUIET_S: Final = 0.12
"""With nothing on the line for this long, what belongs to a minute has been said."""
PAGES: Final = ("/", "/people/", "/doors/", "/hours/", "/notices/", "/incidents/", "/audit/", "/settings/", "/visitors/")
CHANCE: Final = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,}|[\w-]{60,}|\b\d{10}\b|:\d{5}\b")
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
    notes: list[str] = field(default_factory=list)


def live(folder: Path, *, face: bool, events: int = EVENTS, certificate: tuple[bytes, bytes] | None = None, leak: str = "") -> World:
    """
    One world. `leak` is Python that every process of the front door runs first: a build that is not honest.
    """
    # The same chance in both worlds decides who comes when.
    chance = Random(11)  # noqa: S311  (no secret is drawn from it)
    with town(folder, certificate) as office:
        environment = _dishonest(folder, leak) if leak else None
        front = office.add_door("front door", environment=environment)
        office.pair(front)
        office.officer.add_group("Studio", {front.id: "0"})
        people = [office.officer.add_person(f"Person {number}", "1") for number in range(PEOPLE)]
        office.pass_time(60)
        pins = [_redeem(office, front, str(office.code_of(person)), face=face and number == 0) for number, person in enumerate(people)]
        quiet(office)
        opened = 0
        withdrawn = events * 3 // 4
        for event in range(events):
            office.pass_time(chance.randrange(60, 1200))
            who = chance.randrange(PEOPLE)
            if event == withdrawn:
                _withdraw(front.kiosk, *pins[0])
            elif who == 0 and face and event < withdrawn:
                _by_face(front)
                opened += 1
            elif who == 0 and event < withdrawn:
                _by_badge(front, pins[0][0])
                opened += 1
            else:
                _by_pin(front.kiosk, pins[who][1])
                opened += 1
            quiet(office)
        # Into the next day, so that the bundles of the last one are there.
        office.pass_time(86_400)
        quiet(office)
        office.pass_time(60)
        quiet(office)
        pages = {path: CHANCE.sub("*", office.officer.clerk.open(path).text) for path in PAGES}
        tables = _tables(office.console_folder / "console.db")
        return World(office.line.heard.copy(), office.line.calls.copy(), tables, pages, (folder / "console.log").read_text(), opened)


def differences(one: World, other: World) -> list[str]:
    """Everything by which the two worlds can be told apart."""
    found = []
    if one.openings != other.openings:
        found.append(f"openings: {one.openings}, {other.openings}")
    begin = min(minute for _, minute in one.traffic) + 1
    for key in sorted(set(one.traffic) | set(other.traffic)):
        # The minute in which everything was set up holds the browser's pages, with their random tokens.
        if key[1] >= begin and one.traffic[key] != other.traffic[key]:
            found.append(f"{key}: {one.traffic[key]} bytes, {other.traffic[key]} bytes")
    found += [f"calls at {minute}" for minute in set(one.calls) | set(other.calls) if minute >= begin and one.calls[minute] != other.calls[minute]]
    for name in sorted(set(one.tables) | set(other.tables)):
        if one.tables.get(name) != other.tables.get(name):
            found.append(f"table {name}")
    found += [f"page {path}" for path in one.pages if one.pages[path] != other.pages[path]]
    if CHANCE.sub("*", one.log) != CHANCE.sub("*", other.log):
        found.append("log")
    return found


def quiet(office: Town) -> None:
    """Wait until nothing is on the line any more."""
    last, since_s = -1, time.monotonic()
    while time.monotonic() - since_s < QUIET_S:
        total = sum(office.line.heard.values())
        if total != last:
            last, since_s = total, time.monotonic()
        time.sleep(0.01)


def _redeem(office: Town, door: Door, code: str, *, face: bool) -> tuple[bytes, str]:
    """Invitation, badge and PIN, and the choice."""
    kiosk = door.kiosk
    kiosk.until("Idle")
    kiosk.press("invitation")
    kiosk.until("CodePad")
    kiosk.type(code)
    kiosk.until("Issued")
    badge, pin = kiosk.read_issued()
    kiosk.press("next")
    kiosk.until("Choice")
    if not face:
        kiosk.press("badge_and_pin")
        kiosk.until("Idle")
        return badge, pin
    door.stage.put("grace")
    kiosk.press("my_face_too")
    kiosk.until("Notice")
    kiosk.agree()
    kiosk.until("Kept", within_s=60)
    kiosk.press("next")
    kiosk.until("Idle")
    door.stage.clear()
    return badge, pin


def _by_pin(kiosk: Visitor, pin: str) -> None:
    kiosk.press("pin")
    kiosk.until("Keypad")
    kiosk.type(pin)
    _opened(kiosk)


def _by_face(door: Door) -> None:
    door.stage.put("grace")
    door.kiosk.press("use_face")
    _opened(door.kiosk)
    door.stage.clear()


def _by_badge(door: Door, badge: bytes) -> None:
    door.stage.hold(badge)
    door.kiosk.press("show_badge")
    _opened(door.kiosk)
    door.stage.clear()


def _withdraw(kiosk: Visitor, badge: bytes, pin: str) -> None:
    raise NotImplementedError


def _opened(kiosk: Visitor) -> None:
    kiosk.until("Opened", within_s=30)
    kiosk.press("next")
    kiosk.until("Idle")
