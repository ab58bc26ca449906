"""The front as it runs: a process of its own, real sockets, a door that only listens."""

import contextlib
import http.client
import json
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from device.contract import screen
from device.contract.sight import Hint
from device.contract.wire import Listener, Wire
from device.contract.words import Message
from device.errors import FaultCode, SetupError
from device.front import address
from tests.front import plays
from tests.front.plays import one

T = TypeVar("T")
PATIENCE_S = 20.0
SETTINGS = """
simulated = true
site = { name = "Nord", door = "front door", controller = "Nord GmbH", contact = "doors@nord.example", zone = "Europe/Berlin" }
folders = { data = "data", keys = "keys", run = "run", models = "models", link = "link" }
camera = { kind = "portraits", source = "portraits" }
lock = { kind = "simulated", open_s = 5 }
recognition = { engine = "onnx", face = "alone" }
entry = { factors = 1 }
kiosk = { port = 0 }
keeping = { template_days = 180, unused_days = 90, openings_days = 30, code_days = 7, notice_days = 30 }
"""


def until(what: Callable[[], T | None]) -> T:
    """The first thing that is there, within reason."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("It did not happen.")


class Played:
    """A fake door, a real front, and a plain HTTP client."""

    def __init__(self, folder: Path) -> None:
        self.run = folder / "run"
        self.run.mkdir()
        self.settings = folder / "settings.toml"
        self.settings.write_text(SETTINGS)
        self.listener: Listener | None = None
        self.wire: Wire | None = None
        self.cookie = ""
        self.errors = folder / "stderr"
        self.front: subprocess.Popen[bytes] | None = None
        self.heard, self.beat = os.pipe()

    def open_door(self) -> None:
        self.listener = Listener(self.run / "screen.sock", screen.TO_DOOR)

    def start(self) -> subprocess.Popen[bytes]:
        with self.errors.open("ab") as errors:
            command = [sys.executable, "-m", "device.front", str(self.settings), "--beat", str(self.beat)]
            self.front = subprocess.Popen(command, stderr=errors, pass_fds=[self.beat])
        return self.front

    def meet(self) -> Wire:
        listener = self.listener
        assert listener is not None
        if self.wire is not None:
            self.wire.close()
        self.wire = until(listener.accept)
        return self.wire

    def close_door(self) -> None:
        assert self.wire is not None
        assert self.listener is not None
        self.wire.close()
        self.listener.close()

    def url(self) -> str:
        file = self.run / "kiosk.url"
        return until(lambda: file.read_text() if file.exists() else None).strip()

    @contextlib.contextmanager
    def ask(self, method: str, path: str, body: str | None = None) -> Iterator[http.client.HTTPResponse]:
        host = self.url().split("/")[2]
        line = http.client.HTTPConnection(host, timeout=PATIENCE_S)
        kind = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        line.request(method, path, body, {"Cookie": self.cookie, **kind})
        with contextlib.closing(line), line.getresponse() as answer:
            yield answer

    def enter(self) -> None:
        with self.ask("GET", "/" + self.url().split("/", 3)[3]) as answer:
            self.cookie = (answer.headers["Set-Cookie"] or "").split(";")[0]

    def text(self, path: str) -> str:
        with self.ask("GET", path) as answer:
            return answer.read().decode()

    def told(self) -> dict[str, object]:
        told: dict[str, object] = json.loads(self.text("/scene.json"))
        return told

    def press(self, path: str, **more: str) -> int:
        now = self.told()
        with self.ask(
            "POST", path, "&".join(f"{k}={v}" for k, v in {**now, **more}.items() if k in {"token", "scene", *more})
        ) as a:
            return a.status

    def end(self) -> None:
        if self.front is not None and self.front.poll() is None:
            self.front.kill()
            self.front.wait()
        for thing in (self.wire, self.listener):
            if thing is not None:
                thing.close()
        os.close(self.heard)
        os.close(self.beat)


@pytest.fixture
def played(tmp_path: Path) -> Iterator[Played]:
    play = Played(tmp_path)
    play.open_door()
    play.start()
    play.meet()
    play.enter()
    yield play
    play.end()


def heard(wire: Wire) -> Message:
    message = wire.receive(PATIENCE_S)
    assert message is not None
    return message


def test_scenes_come_in_and_presses_go_out(played: Played) -> None:
    assert played.wire is not None
    played.wire.send(screen.Keypad(scene=3, purpose=screen.Purpose.OPEN, wrong=False, wait_s=0))
    until(lambda: played.told()["name"] == "Keypad")
    assert played.press("/enter", digits="482913") == 204
    entered = heard(played.wire)
    assert isinstance(entered, screen.Enter)
    assert (entered.scene, entered.digits) == (3, "482913")
    assert played.press("/press", button="stop") == 204
    assert heard(played.wire) == screen.Press(scene=3, button=screen.Button.STOP)


def test_events_stream_as_they_happen(played: Played) -> None:
    """No buffer holds them back: each is read before the next is sent."""
    assert played.wire is not None
    with played.ask("GET", "/events") as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")

        def event() -> tuple[str, dict[str, object]]:
            while not (name := stream.readline()).startswith(b"event: "):
                pass
            return name[7:].decode().strip(), json.loads(stream.readline()[6:])

        while event()[0] != "camera":
            pass
        for serial in range(10, 14):
            played.wire.send(one(screen.Looking, scene=serial))
            assert event() == ("scene", {"scene": serial, "name": "Looking"})
            for x in (100, 500, 900):
                played.wire.send(screen.Disc(scene=serial, x=x, y=500, width=300, hint=Hint.CLOSER, left_s=8))
                name, told = event()
                assert (name, told["x"], told["say"]) == ("disc", x, "A little closer.")
        played.wire.send(screen.Camera(on=True))
        assert event() == ("camera", {"on": True})


def test_when_the_door_goes_the_screen_says_so_and_finds_it_again(played: Played) -> None:
    assert played.wire is not None
    played.wire.send(one(screen.Issued, scene=5))
    until(lambda: played.told()["name"] == "Issued")
    played.close_door()
    until(lambda: played.told()["scene"] == -1)
    page = played.text("/")
    assert "This door&#39;s inside is restarting." in page
    assert plays.PIN not in page
    assert played.press("/press", button="pin") == 400
    played.open_door()
    played.meet().send(one(screen.Idle, scene=1))
    until(lambda: played.told()["name"] == "Idle")
    assert played.press("/press", button="pin") == 204
    assert heard(played.wire) == screen.Press(scene=1, button=screen.Button.PIN)


def test_a_door_that_says_nonsense_is_hung_up_on(played: Played) -> None:
    assert played.wire is not None
    played.wire._sock.send(b'["Picture",{}]')
    again = played.meet()
    again.send(one(screen.NotKnown, scene=2))
    until(lambda: played.told()["name"] == "NotKnown")


def test_a_front_killed_and_started_again_has_the_same_address_and_knows_its_screen(played: Played) -> None:
    url, front = played.url(), played.front
    assert front is not None
    front.kill()
    front.wait()
    played.start()
    played.meet().send(one(screen.NotKnown, scene=2))
    assert played.url() == url
    until(lambda: played.told()["name"] == "NotKnown")


def test_the_link_is_in_a_file_for_its_user_only_and_goes_with_an_orderly_end(played: Played) -> None:
    file, front = played.run / "kiosk.url", played.front
    assert front is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(played.url().rsplit("/", 1)[1]) == 43
    front.send_signal(signal.SIGTERM)
    assert front.wait(PATIENCE_S) == 0
    assert not file.exists()
    assert played.errors.read_text() == ""


def test_it_listens_on_loopback_only(played: Played) -> None:
    assert played.front is not None
    open_here = [c.laddr for c in psutil.Process(played.front.pid).net_connections("inet") if c.status == psutil.CONN_LISTEN]
    assert [where.ip for where in open_here] == ["127.0.0.1"]


def test_it_beats_and_ends_when_nobody_listens(played: Played) -> None:
    front = played.front
    assert front is not None
    for _ in range(2):
        assert select.select([played.heard], [], [], PATIENCE_S)[0]
        assert set(os.read(played.heard, 100)) == {ord(".")}
    os.close(played.heard)
    try:
        assert front.wait(PATIENCE_S) == 0
    finally:
        played.heard = os.open(os.devnull, os.O_RDONLY)


def test_an_idle_front_does_next_to_nothing(played: Played) -> None:
    """Waiting is waiting: with a stream open, it wakes about once a second."""
    assert played.wire is not None
    assert played.front is not None
    played.wire.send(one(screen.Idle, scene=2))
    with played.ask("GET", "/events") as stream:
        stream.readline()
        process = psutil.Process(played.front.pid)
        time.sleep(0.5)
        before, switches = process.cpu_times(), process.num_ctx_switches().voluntary
        time.sleep(3)
        after = process.cpu_times()
        assert after.user + after.system - before.user - before.system <= 0.1
        assert process.num_ctx_switches().voluntary - switches < 60


def test_the_log_holds_codes_and_counts_only(played: Played) -> None:
    assert played.wire is not None
    played.wire.send(one(screen.Issued, scene=5))
    played.wire.send(screen.Noted(code=FaultCode.CAMERA_LOST, count=3))
    until(lambda: played.told()["name"] == "Issued")
    assert played.press("/press", button="<script>") == 400
    assert played.press("/enter", digits="90210477") == 400
    played.text("/nowhere/90210477")
    with played.ask("GET", "/%zz?pin=90210477") as answer:
        answer.read()
    line = until(played.errors.read_text)
    (told,) = [json.loads(text) for text in line.splitlines()]
    assert set(told) == {"at", "code", "count"}
    assert (told["code"], told["count"]) == ("camera_lost", 3)
    assert abs(told["at"] - time.time()) < 60


def test_a_refused_start_says_one_sentence(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS)
    ended = subprocess.run([sys.executable, "-m", "device.front", str(settings)], check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert json.loads(ended.stderr) == {
        "code": "setup",
        "sentence": f"Cannot write kiosk.url in {tmp_path / 'run'}: is the run folder there and writable?",
    }


def test_a_port_in_use_is_named(tmp_path: Path) -> None:
    first = address.take(tmp_path, 0)
    first.sock.listen()
    (tmp_path / "other").mkdir()
    with pytest.raises(SetupError, match=f"Port {first.port} is in use"):
        address.take(tmp_path / "other", first.port)
    first.withdraw()


def test_a_link_file_that_others_could_have_written_is_not_believed(tmp_path: Path) -> None:
    first = address.take(tmp_path, 0)
    first.sock.close()
    first.file.chmod(0o644)
    second = address.take(tmp_path, 0)
    assert second.secret != first.secret
    assert stat.S_IMODE(second.file.stat().st_mode) == 0o600
    second.sock.close()
    third = address.take(tmp_path, 0)
    assert (third.secret, third.port) == (second.secret, second.port)
    third.withdraw()


def test_a_link_file_that_is_a_symbolic_link_is_replaced_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("as it was")
    (tmp_path / "kiosk.url").symlink_to(elsewhere)
    taken = address.take(tmp_path, 0)
    assert elsewhere.read_text() == "as it was"
    assert not taken.file.is_symlink()
    taken.withdraw()
