"""A link of its own process between a door that only listens and a console that can misbehave."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from uuid import UUID

import pytest

from device.front.link.identity import Identity
from device.front.link.place import Known, know
from tests.front.link.office import DOOR, Door, Office, free_port, playing
from tests.front.test_process import SETTINGS


class World:
    """The three of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run, self.state = folder / "run", folder / "link"
        self.run.mkdir()
        self.settings = folder / "settings.toml"
        # Of the simulated clock the link takes only that its slots are short.
        self.settings.write_text('clock = "clock"\n' + SETTINGS)
        self.errors = folder / "stderr"
        self.identity = Identity(self.state)
        self.office = Office(link=self.identity.public)
        self.door = Door(self.run)
        self.port = free_port()
        self.link: subprocess.Popen[bytes] | None = None
        self._console = ExitStack()
        self.heard, self.beat = os.pipe()

    def open_console(self) -> None:
        self._console.enter_context(playing(self.folder, self.office, self.port))

    def close_console(self) -> None:
        self._console.close()

    def pair(self, door: UUID = DOOR) -> None:
        """As if they had met before."""
        know(self.state, Known(self.office.place, door))

    def start(self) -> None:
        with self.errors.open("ab") as errors:
            command = [sys.executable, "-m", "device.front.link", str(self.settings), "--beat", str(self.beat)]
            self.link = subprocess.Popen(command, stderr=errors, pass_fds=[self.beat])

    def kill(self) -> None:
        assert self.link is not None
        self.link.kill()
        self.link.wait()

    def end(self) -> int:
        assert self.link is not None
        self.link.send_signal(signal.SIGTERM)
        return self.link.wait(30)

    def close(self) -> None:
        if self.link is not None and self.link.poll() is None:
            self.kill()
        self.door.close()
        self.close_console()
        os.close(self.heard)
        os.close(self.beat)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Nothing runs yet."""
    made = World(tmp_path)
    yield made
    made.close()


@pytest.fixture
def paired(world: World) -> World:
    """Paired, and everything runs."""
    world.open_console()
    world.pair()
    world.door.open()
    world.start()
    world.door.meet()
    return world
