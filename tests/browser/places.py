"""Where a guest may come: a running demo door with its two pages; and the browser they come with."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from waitress import wasyncore
from waitress.server import create_server

from device.cli import demo
from device.cli.stage import Stage, create_app
from device.cli.supervise import ask
from device.cli.visitor import Visitor
from device.config import Settings
from device.contract import office


@dataclass
class Door:
    """A demo door that runs, and the page that says who stands before its camera."""

    settings: Settings
    stage: Stage
    stage_page: str

    @property
    def kiosk(self) -> str:
        """The kiosk's address; coming there ends the session before."""
        return demo.kiosk_url(self.settings)

    def invite(self) -> str:
        """The digits of a new invitation."""
        invited = ask(self.settings.folders.run, office.Invite())
        assert isinstance(invited, office.Invited)
        return invited.code


@contextmanager
def running(folder: Path) -> Iterator[Door]:
    """A demo door in this folder, its camera ready."""
    settings, stage = demo.make(folder)
    with demo.running(folder / "settings.toml", settings):
        with Visitor(demo.kiosk_url(settings)) as visitor:
            visitor.until("Idle", within_s=60, holds=lambda scene: scene["camera"])
        with served(lambda port: create_app(stage, lambda: demo.kiosk_url(settings), f"127.0.0.1:{port}")) as port:
            yield Door(settings, stage, f"http://127.0.0.1:{port}/")


@contextmanager
def served(made: Callable[[int], Flask]) -> Iterator[int]:
    """What `made` makes for its port, served on loopback; the port."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        sockets: dict[int, Any] = {}
        server = create_server(made(port), map=sockets, sockets=[sock], threads=8)
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(sockets, ended))
        thread.start()
        try:
            yield port
        finally:
            ended.set()
            thread.join()
            server.task_dispatcher.shutdown(timeout=2)
            # Browsers keep their connections; a server that only stops listening would wait for them.
            wasyncore.close_all(sockets, ignore_all=True)


def _serve(sockets: dict[int, Any], ended: threading.Event) -> None:
    while not ended.is_set():
        wasyncore.loop(timeout=0.1, map=sockets, count=1)


@contextmanager
def browsing() -> Iterator[Browser]:
    """The chromium of this system."""
    path = shutil.which("chromium")
    assert path, "There is no chromium here; `make system` says how to get it."
    # Chromium refuses its sandbox to root, and only then goes without.
    args = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=args)
        try:
            yield browser
        finally:
            browser.close()
