"""Owns `byleave demo`: a door made for trying out, with portraits for a camera and a simulated lock.

What never happens here: a real camera, a real lock, or data left behind unless a folder is named.
"""

import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click
import psutil
from waitress.server import create_server

from device.cli import init as new_door
from device.cli import sample
from device.cli.stage import Stage, create_app
from device.cli.story import Step, Story
from device.cli.supervise import ask
from device.cli.visitor import Visitor
from device.config import Settings, load
from device.contract import office
from device.errors import SetupError, WireError

START_S: Final = 60.0
"""A first start writes the networks; slow boards take a while."""


@click.command()
@click.option("--once", is_flag=True, help="Tell the whole story without a person; exit 0 only if every step held.")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Keep the door's data in this folder.")
@click.option("--json", "as_json", is_flag=True, help="With --once: print JSON.")
@click.option("--browser/--no-browser", default=True, help="Open the two pages.")
def demo(once: bool, data: Path | None, as_json: bool, browser: bool) -> None:
    """Try a small office out: a console, and a door with two portraits for a camera and a simulated lock.

    Example: byleave demo --once
    """
    with ExitStack() as stack:
        folder = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="byleave-")))
        settings, stage = make(folder)
        device = stack.enter_context(running(folder / "settings.toml", settings))
        console = stack.enter_context(sample.running(folder / "console", settings.site.name))
        if once and not console.new:
            raise SetupError("This folder holds a demo's office already. Name another folder, or none.")
        if once:
            steps = tell(settings, stage, device, console, as_json=as_json)
            if not all(step.held for step in steps):
                raise click.exceptions.Exit(1)
            return
        if console.new:
            with Visitor(kiosk_url(settings)) as kiosk:
                sample.hand_over(sample.fill(console, settings, kiosk))
        serve(settings, stage, device, console, browser=browser)


def make(folder: Path, *, factors: int = 1) -> tuple[Settings, Stage]:
    """A demo door in this folder, and its stage; one that is there already is taken as it is."""
    stage = Stage(folder / "stage")
    path = folder / "settings.toml"
    if path.exists():
        settings = load(path)
    else:
        settings = new_door.make(
            folder,
            simulated=True,
            name="Studio Nord",
            door="front door",
            controller="Studio Nord, 12 Harbour Street",
            contact="privacy@studio-nord.example",
            zone="Europe/Berlin",
            run="run",
            models=Path("~/.cache/byleave/models"),
            camera="portraits",
            source=stage.folder.resolve(),
            face="alone" if factors == 1 else "with_badge",
            factors=factors,
            lock="simulated",
            pin=17,
            pins="lgpio",
            port=0,
        )
    stage.make()
    return settings, stage


@contextmanager
def running(path: Path, settings: Settings) -> Iterator[psutil.Process]:
    """
    The device, running as a process of its own, ready; what it says goes to `device.log` beside its settings.

    Raises: SetupError, with what it said, when it does not become ready.
    """
    command = [sys.executable, "-m", "device.cli.main", "device", "run", "--settings", str(path)]
    with (path.parent / "device.log").open("a+b") as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        try:
            give_up_s = time.monotonic() + START_S
            while not _ready(settings):
                if process.poll() is not None or time.monotonic() > give_up_s:
                    said.seek(0)
                    raise SetupError(f"The door did not start. It said: {said.read().decode(errors='replace').strip()}")
                time.sleep(0.01)
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def _ready(settings: Settings) -> bool:
    try:
        status = ask(settings.folders.run, office.AskStatus(), within_s=1.0)
    except WireError:
        return False
    return isinstance(status, office.Status) and status.eyes and status.front and status.lock is not office.LockState.UNKNOWN


def tell(settings: Settings, stage: Stage, device: psutil.Process, console: sample.Console, *, as_json: bool) -> list[Step]:
    """Play the story, printing each step as it is done."""
    steps: list[Step] = []
    with Visitor(kiosk_url(settings)) as kiosk:
        for step in Story(settings=settings, stage=stage, device=device, kiosk=kiosk, beside=console).tell():
            steps.append(step)
            if not as_json:
                click.echo(f"  {'held  ' if step.held else 'BROKEN'} {step.ms:6d} ms  {step.step}")
    if as_json:
        click.echo(json.dumps({"steps": [asdict(step) for step in steps]}))
    elif all(step.held for step in steps):
        click.echo(f"All {len(steps)} steps held.")
    return steps


def kiosk_url(settings: Settings) -> str:
    """The kiosk's address with its secret."""
    return (settings.folders.run / "kiosk.url").read_text(encoding="utf-8").strip()


def serve(settings: Settings, stage: Stage, device: psutil.Process, console: sample.Console, *, browser: bool) -> None:
    """Serve the stage's page beside kiosk and console until Ctrl-C."""
    sock = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{sock.getsockname()[1]}"
    server = create_server(create_app(stage, lambda: kiosk_url(settings), host), sockets=[sock], threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    kiosk, camera, name = kiosk_url(settings), f"http://{host}/", sample.PEOPLE[0][0]
    code = sample.letter(console, name)
    click.echo(f"\n  Console, for whoever comes first {console.link}")
    click.echo(f"  Kiosk                            {kiosk}")
    click.echo(f"  Who stands before the camera     {camera}")
    click.echo(f"  The code in {name}'s letter      {code[:5]} {code[5:]}\n" if code else "")
    click.echo("The console's certificate is its own, so the browser asks; door and console compared it by six digits.")
    click.echo(
        "At the kiosk press “I have an invitation” and enter a code; the console prints more letters. Ctrl-C ends the demo."
    )
    if browser:
        for page in (camera, kiosk, console.link):
            webbrowser.open(page)
    try:
        device.wait()
    except KeyboardInterrupt:
        click.echo("\nThe door is closed.")
    finally:
        server.close()
