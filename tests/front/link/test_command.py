"""`byleave device pair` and `replace`: what they tell, and what they leave behind; the door is played, its socket is real."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from device.cli.main import main
from device.config import load
from device.contract import office
from device.contract.office import Stage
from device.contract.wire import Listener
from device.contract.words import Digits, Message
from device.errors import WireError
from device.front.link import place
from tests.front.test_process import SETTINGS

TICKET = f"byleave:console.example:8471:{'0' * 64}:{'A' * 22}"
DIGITS = Digits("048215")


class Door:
    """A door whose pairing goes as it is told."""

    def __init__(self, folder: Path) -> None:
        self.settings = folder / "settings.toml"
        self.settings.write_text(SETTINGS)
        self.folders = load(self.settings).folders
        self.folders.run.mkdir()
        self.goes: list[Stage] = []
        self.peopled = False
        self.asked: list[Message] = []
        self.ticket: place.Ticket | None = None

    def answer(self, message: Message) -> Message:
        self.asked.append(message)
        stage = Stage.NONE
        if office.Pair() in self.asked:
            self.ticket = self.ticket or place.take(self.folders.link)
            stage = self.goes.pop(0) if self.ticket is not None else Stage.ASKED
        return office.PairingIs(stage=stage, digits=DIGITS if stage is Stage.COMPARE else None, peopled=self.peopled)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Somebody asks on the office's socket, once a connection."""
        listener, ending = Listener(self.folders.run / "office.sock", office.TO_DOOR), threading.Event()
        thread = threading.Thread(target=self._serve, args=(listener, ending))
        thread.start()
        try:
            yield
        finally:
            ending.set()
            thread.join()
            listener.close()

    def _serve(self, listener: Listener, ending: threading.Event) -> None:
        while not ending.wait(0.01):
            wire = listener.accept()
            if wire is None:
                continue
            try:
                message = wire.receive(5.0)
                if message is not None:
                    wire.send(self.answer(message))
            except WireError:
                continue
            finally:
                wire.close()

    def run(self, command: str, ticket: str = TICKET) -> tuple[int, str]:
        """What the command line ends with, and what it said."""
        ended = CliRunner().invoke(main, ["device", command, "--settings", str(self.settings), ticket])
        return ended.exit_code, ended.output


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_it_leaves_the_ticket_tells_the_digits_and_waits_for_both_people(door: Door) -> None:
    door.goes = [Stage.ASKED, Stage.COMPARE, Stage.COMPARE, Stage.WAITING, Stage.PAIRED]
    with door.running():
        code, said = door.run("pair")
    assert code == 0
    assert said.count("048 215") == 1
    assert said.splitlines()[-1] == "Paired. What the office set for this door comes by itself."
    assert door.ticket == place.read(TICKET)
    assert "A" * 22 not in said


@pytest.mark.parametrize("end", [Stage.REFUSED, Stage.NONE])
def test_a_pairing_that_came_to_nothing_is_one_sentence_and_no_success(door: Door, end: Stage) -> None:
    door.goes = [Stage.COMPARE, end]
    with door.running():
        code, said = door.run("pair")
    assert code == 1
    assert "The door is not paired." in said
    assert "Paired." not in said


def test_what_is_no_ticket_never_reaches_door_or_link(door: Door) -> None:
    with door.running():
        code, said = door.run("pair", "byleave:console.example")
    assert (code, door.asked) == (1, [])
    assert "This is no ticket." in said
    assert not door.folders.link.exists()


def test_a_door_that_does_not_run_gets_no_ticket(door: Door) -> None:
    code, said = door.run("pair")
    assert code == 1
    assert "This door is not running." in said
    assert not door.folders.link.exists()


def test_a_door_with_people_of_its_own_says_so_when_pairing_and_takes_nobodys_place(door: Door) -> None:
    door.peopled, door.goes = True, [Stage.PAIRED]
    with door.running():
        assert door.run("replace")[0] == 1
        assert office.Pair() not in door.asked
        assert not door.folders.link.exists()
        code, said = door.run("pair")
    assert code == 0
    assert "People were invited here before." in said


def test_a_new_door_in_an_old_ones_place_tells_where_badges_come_from(door: Door) -> None:
    door.goes = [Stage.COMPARE, Stage.PAIRED]
    with door.running():
        code, said = door.run("replace")
    assert code == 0
    assert "run `byleave device expect` beside another" in said
