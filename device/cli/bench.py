"""Owns `byleave bench`: both engines side by side, and a whole door at work, in one run on the named machine."""

import contextlib
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import click
import psutil
from click import progressbar

from device.cli.clerk import Clerk
from device.cli.demo import kiosk_url, make, running
from device.cli.device import prepare
from device.cli.officer import Officer
from device.cli.rehearsal import rehearsal
from device.cli.story import Story, room_of
from device.cli.visitor import Visitor
from device.contract import screen
from device.contract.screen import Button
from device.errors import SetupError, WireError
from device.evaluation import engines, machine, vaults
from device.evaluation import fleet as fleets
from device.eyes.portraits import PortraitCamera

ROUNDS: Final = 20
STARTS: Final = 3
IDLE_S: Final = 6.0

TARGETS: Final[dict[str, str]] = {
    "decision_ms": "frame to decision, 100 enrolled (≤ 12)",
    "stock_ms": "the same, face_recognition as documented",
    "speedup": "times faster (≥ 15)",
    "embed_ms": "one embedding",
    "floor_ms": "the machine's own matrix product of that size",
    "embed_floor_ratio": "embedding to floor (≤ 1.15)",
    "match_500_ms": "nearest of 500 (≤ 0.2)",
    "touch_to_open_p95_ms": "face with badge, first frame to lock, p95 (≤ 300)",
    "camera_start_ms": "camera asked to first frame (simulated camera)",
    "pin_ms": "PIN to lock, p95 (≤ 50)",
    "qr_ms": "QR from its first frame to lock, p95 (≤ 150)",
    "erase_ms": "withdrawal to receipt, 500 templates (≤ 1000)",
    "ready_s": "start to ready (≤ 1.5)",
    "idle_cpu_pct": "idle processor, all three (< 1)",
    "rss_mb": "memory of eyes, door and front (≤ 260)",
}


FLEET_TARGETS: Final[dict[str, str]] = {
    "doors": "doors, in groups of eight, all connected (1,000)",
    "people": "people (20,000)",
    "end_p99_s": "an ended person is told to 99 of 100 doors, from the press (≤ 2)",
    "idle_bytes_per_min": "an idle door a minute, both ways, above TCP (≤ 4,000)",
    "console_rss_mb": "memory of the console (≤ 300)",
    "page_ms": "the slowest page, median (≤ 150)",
    "delta_bytes": "the policy message of one change",
}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--fleet", is_flag=True, help="Measure one console with many doors instead.")
@click.option("--doors", default=1_000, show_default=True, type=click.IntRange(2, 2_000), help="How many, with --fleet.")
@click.option("--people", default=20_000, show_default=True, type=click.IntRange(20, 50_000), help="How many, with --fleet.")
def bench(as_json: bool, fleet: bool, doors: int, people: int) -> None:
    """Measure this machine: both engines side by side, then a whole simulated door; or a console with a fleet of doors.

    Example: byleave bench --json
    """
    if fleet:
        with (
            tempfile.TemporaryDirectory(prefix="byleave-bench-") as name,
            progressbar(length=6, label="Measuring", file=sys.stderr) as bar,
        ):
            _tell(_fleet(Path(name) / "console", doors, people, bar.update), FLEET_TARGETS, as_json)
        return
    steps = engines.TURNS + vaults.ERASURES + STARTS + 1 + 2 * ROUNDS
    with (
        tempfile.TemporaryDirectory(prefix="byleave-bench-") as name,
        progressbar(length=steps, label="Measuring", file=sys.stderr) as bar,
    ):
        folder = Path(name)
        figures = _whole(folder / "whole", bar.update)
        figures |= _one_factor(folder / "one", bar.update)
        figures |= _two_factors(folder / "two", bar.update)
        settings, stage = make(folder / "engines")
        prepare(settings)
        stage.put("grace")
        figures |= engines.measure(settings.folders.models, PortraitCamera(stage.folder, simulated=True), bar.update)
        figures |= vaults.measure(bar.update)
    _tell(figures, TARGETS, as_json)


def _tell(figures: dict[str, float], targets: dict[str, str], as_json: bool) -> None:
    told: dict[str, Any] = {name: round(figures[name], 3) for name in targets}
    told["machine"] = machine.describe()
    if as_json:
        click.echo(json.dumps(told))
        return
    for key, meaning in targets.items():
        click.echo(f"{told[key]:>10}  {key:<22} {meaning}")
    click.echo(f"Measured on {told['machine']['processor']}, {told['machine']['cores']} cores.")


class _Desk:
    """An operator at the console's own pages."""

    def __init__(self, officer: Officer) -> None:
        self._officer = officer

    def end(self, person: UUID) -> float:
        """End this person; when the button was pressed."""
        self._officer.open_person(person, "leaving")
        pressed_s = time.monotonic()
        page = self._officer.clerk.submit(f"/people/{person}/end")
        if page.status >= 400:
            raise WireError("The console did not end the person.")
        return pressed_s

    def page(self, path: str) -> tuple[float, str]:
        """Open a page: how long that took, and what it says."""
        began_s = time.monotonic()
        page = self._officer.clerk.open(path)
        return time.monotonic() - began_s, page.text


def _fleet(folder: Path, doors: int, people: int, tick: engines.Tick) -> dict[str, float]:
    """One console in a process of its own, as `byleave admin run` starts it, and every door of a large office."""
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    office = fleets.make(folder, port, doors, people)
    tick(1)
    command = [sys.executable, "-m", "device.cli.main", "admin", "run", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            if running.stdout is None or not running.stdout.readline():
                raise SetupError("The console did not start.")
            with Clerk(f"https://localhost:{port}", office.fingerprint) as clerk:
                desk = _Desk(Officer.sign_up(clerk, office.welcome, "Desk"))
                tick(1)
                return fleets.measure(office, port, psutil.Process(running.pid), desk, tick)
        finally:
            running.terminate()


def _whole(folder: Path, tick: engines.Tick) -> dict[str, float]:
    """A whole door: how fast it is ready; after some work, what it holds and what it costs while nobody is there."""
    settings, stage = make(folder)
    prepare(settings)
    ready = []
    for _ in range(STARTS):
        began_s = time.monotonic()
        with running(folder / "settings.toml", settings):
            ready.append(time.monotonic() - began_s)
        tick(1)
    with running(folder / "settings.toml", settings) as device, Visitor(kiosk_url(settings)) as kiosk:
        story = Story(settings=settings, stage=stage, device=device, kiosk=kiosk)
        story.first_is_invited()
        story.first_agrees()
        story.first_opens_by_face()
        rooms = [room_of(device, name) for name in ("eyes", "door", "front")]
        held = sum(room.memory_info().rss for room in rooms)
        before_s, began_s = _spent_s(rooms), time.monotonic()
        time.sleep(IDLE_S)
        idle = (_spent_s(rooms) - before_s) / (time.monotonic() - began_s)
    tick(1)
    return {"ready_s": statistics.median(ready), "idle_cpu_pct": 100 * idle, "rss_mb": held / 1e6}


def _spent_s(rooms: list[psutil.Process]) -> float:
    return sum(sum(room.cpu_times()[:2]) for room in rooms)


def _one_factor(folder: Path, tick: engines.Tick) -> dict[str, float]:
    """PIN and QR at a door where either opens by itself; 95th percentiles in milliseconds."""
    settings, stage = make(folder)
    pins, codes = [], []
    with rehearsal(folder / "settings.toml", settings, stage) as person:
        issued = person.collect()
        person.leave()
        for _ in range(ROUNDS):
            person.press(Button.PIN)
            person.expect(screen.Keypad)
            typed_s = person.type(issued.pin)
            _, opened_s = person.expect(screen.Opened)
            pins.append(opened_s - typed_s)
            person.home()
            stage.hold_up(issued.badge)
            person.press(Button.SHOW_BADGE)
            _, opened_s = person.expect(screen.Opened)
            codes.append(opened_s - person.camera_s)
            person.home()
            tick(1)
    return {"pin_ms": _p95_ms(pins), "qr_ms": _p95_ms(codes)}


def _two_factors(folder: Path, tick: engines.Tick) -> dict[str, float]:
    """Face after badge, one to one: first frame to the lock's confirmation, and the camera's start beside it."""
    settings, stage = make(folder, factors=2)
    took, starts = [], []
    with rehearsal(folder / "settings.toml", settings, stage) as person:
        issued = person.enrol("grace")
        for _ in range(ROUNDS):
            stage.hold_up(issued.badge)
            person.press(Button.SHOW_BADGE)
            person.expect(screen.Second)
            stage.put("grace")
            asked_s = person.press(Button.USE_FACE)
            _, opened_s = person.expect(screen.Opened)
            took.append(opened_s - person.camera_s)
            starts.append(person.camera_s - asked_s)
            person.home()
            tick(1)
    return {"touch_to_open_p95_ms": _p95_ms(took), "camera_start_ms": 1000 * statistics.median(starts)}


def _p95_ms(values: list[float]) -> float:
    return 1000 * statistics.quantiles(values, n=20, method="inclusive")[-1]
