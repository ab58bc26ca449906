"""The real process over a real socket: it looks when asked, tells no more than it should, ends by itself and lives on."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import psutil
import pytest

from device.contract import sight
from device.contract.sight import Hint, Mode, Why
from device.contract.wire import Listener, Wire
from device.contract.words import Message
from device.errors import FaultCode, WireError
from device.eyes import networks
from device.eyes.onnx_reader import OnnxReader
from device.eyes.portraits import PortraitCamera
from device.eyes.ports import Box, Embedding, FaceReader, Frame
from device.eyes.window import Sense, look

M = TypeVar("M", bound=Message)
T = TypeVar("T")
PATIENCE_S = 30.0
SETTINGS = """
simulated = true
site = {{ name = "Studio Nord", door = "front door", controller = "Studio Nord", contact = "us", zone = "UTC" }}
folders = {{ data = "data", keys = "keys", run = "run", models = "{models}", link = "link" }}
camera = {{ kind = "{kind}", source = "{source}" }}
lock = {{ kind = "simulated", open_s = 5 }}
recognition = {{ engine = "onnx", face = "{face}" }}
entry = {{ factors = 1 }}
kiosk = {{ port = 0 }}
keeping = {{ template_days = 180, unused_days = 90, openings_days = 30, code_days = 7, notice_days = 30 }}
"""


class Door:
    """A door without a lock: it listens, and hears what eyes say."""

    def __init__(self, folder: Path, models: Path, *, kind: str = "portraits", source: str | None = None) -> None:
        (folder / "run").mkdir()
        self.stage = folder / "stage"
        self.stage.mkdir()
        self.settings = folder / "settings.toml"
        face = "off" if kind == "attached" else "alone"
        self.settings.write_text(SETTINGS.format(models=models, kind=kind, source=source or self.stage, face=face))
        self.socket = folder / "run" / "sight.sock"
        self.listener = Listener(self.socket, sight.TO_DOOR)
        self.beat, theirs = os.pipe()
        self.eyes = subprocess.Popen(
            [sys.executable, "-m", "device.eyes", str(self.settings), "--beat", str(theirs)],
            pass_fds=(theirs,),
            cwd=Path(networks.__file__).parents[2],
            stderr=subprocess.PIPE,
            text=True,
        )
        os.close(theirs)
        self.wire: Wire | None = None

    def ready(self) -> sight.EyesReady:
        if self.wire is not None:
            self.wire.close()
        self.wire = _until(self.listener.accept)
        return self.hear(sight.EyesReady)

    def say(self, message: Message) -> None:
        assert self.wire is not None
        self.wire.send(message)

    def hear_any(self) -> Message:
        assert self.wire is not None
        message = self.wire.receive(PATIENCE_S)
        assert message is not None, "Eyes say nothing."
        return message

    def hear(self, kind: type[M]) -> M:
        while not isinstance(message := self.hear_any(), kind):
            pass
        return message

    def window(self, number: int, mode: Mode = Mode.FACE, within_ms: int = 1200) -> list[Message]:
        """Everything said in one window, up to its end."""
        self.say(sight.Look(window=number, mode=mode, within_ms=within_ms))
        said = [self.hear_any()]
        while not isinstance(said[-1], sight.WindowClosed):
            said.append(self.hear_any())
        return said

    def close(self) -> None:
        for end in (self.wire, self.listener):
            if end is not None:
                end.close()
        os.close(self.beat)
        self.eyes.kill()
        self.eyes.wait()
        assert self.eyes.stderr is not None
        self.eyes.stderr.close()


@pytest.fixture
def mortal(tmp_path: Path, models: Path) -> Iterator[Door]:
    """Eyes of a test's own, which it may end."""
    made = Door(tmp_path, models)
    yield made
    made.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Iterator[Door]:
    made = Door(tmp_path_factory.mktemp("door"), models)
    yield made
    made.close()


@pytest.fixture
def door(shared: Door) -> Door:
    """Eyes that go on from test to test, as they do from window to window; nobody stands there yet."""
    for told in shared.stage.iterdir():
        told.unlink()
    assert shared.eyes.poll() is None
    return shared


def test_a_face_window_tells_of_one_face_and_ends_by_itself(door: Door) -> None:
    (door.stage / "who").write_text("grace")
    ready = door.ready()
    assert ready.model == networks.MODEL
    assert ready.simulated
    said = door.window(7)
    opened, seen, closed = said[0], _seen(said), said[-1]
    assert isinstance(opened, sight.WindowOpened)
    assert opened.first_frame_ms >= 0
    assert closed == sight.WindowClosed(window=7, because=Why.TIME, fault=None)
    fit = [one for one in seen if one.embedding is not None]
    assert fit
    assert all(one.hint is Hint.FINE and one.window == 7 for one in fit)
    assert len({one.track for one in fit}) == 1
    assert all(400 < one.x < 600 and 300 < one.y < 700 and 250 < one.width < 500 for one in fit), [
        (o.x, o.y, o.width) for o in fit
    ]
    looks = np.array([np.frombuffer(one.embedding or b"", "<f4") for one in fit])
    assert looks.shape[1] == 128
    assert np.linalg.norm(looks - looks.mean(axis=0), axis=1).max() < 0.4


def test_two_near_faces_mean_no_embedding_ever(door: Door) -> None:
    """MIN-02."""
    (door.stage / "who").write_text("both")
    door.ready()
    seen = _seen(door.window(1))
    assert Hint.ONE_PERSON in {one.hint for one in seen}
    assert all(one.embedding is None for one in seen)


def test_another_face_in_the_same_window_has_another_number(door: Door) -> None:
    """Promise 4: two people never make one probe."""
    (door.stage / "who").write_text("grace")
    door.ready()
    door.say(sight.Look(window=1, mode=Mode.FACE, within_ms=10_000))
    first = _until(lambda: _fit(door.hear(sight.Seen)))
    (door.stage / "who").write_text("nobody")
    empty = 0
    while empty < 15:
        empty = empty + 1 if door.hear(sight.Seen).hint is Hint.NOBODY else 0
    (door.stage / "who").write_text("eileen")
    second = _until(lambda: _fit(door.hear(sight.Seen)))
    assert second.track != first.track


@pytest.mark.parametrize(("who", "hint"), [("nobody", Hint.NOBODY), ("darkness", Hint.MORE_LIGHT)])
def test_an_empty_doorway_is_told_as_one(door: Door, who: str, hint: Hint) -> None:
    (door.stage / "who").write_text(who)
    door.ready()
    seen = _seen(door.window(1, within_ms=500))
    assert seen
    assert all((one.hint, one.x, one.y, one.width, one.embedding) == (hint, 0, 0, 0, None) for one in seen)


def test_a_code_window_tells_each_code_once_and_no_face(door: Door) -> None:
    (door.stage / "who").write_text("badge")
    (door.stage / "badge").write_bytes(bytes(range(150)))
    door.ready()
    said = door.window(1, Mode.CODE)
    assert [one.payload for one in said if isinstance(one, sight.CodeSeen)] == [bytes(range(150))]
    assert all(one.embedding is None and one.track == 0 for one in _seen(said))
    (door.stage / "who").write_text("grace")
    said = door.window(2, Mode.CODE, 500)
    assert all(one.embedding is None and one.hint is Hint.NOBODY for one in _seen(said))


def test_close_ends_a_window_and_another_windows_close_does_not(door: Door) -> None:
    door.ready()
    door.say(sight.Look(window=3, mode=Mode.FACE, within_ms=10_000))
    door.hear(sight.WindowOpened)
    door.say(sight.Close(window=3))
    assert door.hear(sight.WindowClosed) == sight.WindowClosed(window=3, because=Why.ASKED, fault=None)


def test_a_look_while_looking_ends_the_first_window(door: Door) -> None:
    door.ready()
    door.say(sight.Look(window=1, mode=Mode.FACE, within_ms=10_000))
    door.hear(sight.WindowOpened)
    door.say(sight.Look(window=2, mode=Mode.CODE, within_ms=200))
    assert door.hear(sight.WindowClosed).window == 1
    assert door.hear(sight.WindowClosed) == sight.WindowClosed(window=2, because=Why.TIME, fault=None)


def test_a_missing_camera_is_a_fault_and_eyes_live_on(tmp_path: Path, models: Path) -> None:
    door = Door(tmp_path, models, kind="attached", source="/dev/no-such-camera")
    try:
        assert not door.ready().simulated
        for number in (1, 2):
            said = door.window(number)
            assert said == [sight.WindowClosed(window=number, because=Why.FAULT, fault=FaultCode.CAMERA_MISSING)]
        assert door.eyes.poll() is None
    finally:
        door.close()


def test_a_camera_lost_in_a_window_is_a_fault_and_eyes_live_on(door: Door) -> None:
    door.ready()
    door.say(sight.Look(window=1, mode=Mode.FACE, within_ms=10_000))
    door.hear(sight.WindowOpened)
    (door.stage / "who").write_text("unplugged")
    assert door.hear(sight.WindowClosed) == sight.WindowClosed(window=1, because=Why.FAULT, fault=FaultCode.CAMERA_LOST)
    (door.stage / "who").write_text("grace")
    assert any(one.embedding for one in _seen(door.window(2)))


def test_eyes_come_back_when_the_door_restarts(door: Door) -> None:
    door.ready()
    door.say(sight.Look(window=1, mode=Mode.FACE, within_ms=10_000))
    door.hear(sight.WindowOpened)
    assert door.wire is not None
    door.wire.close()
    door.ready()
    assert _seen(door.window(2, within_ms=400))


def test_a_message_that_is_none_costs_the_line_and_not_the_process(door: Door) -> None:
    door.ready()
    door.say(sight.EyesReady(model=networks.MODEL, simulated=True))  # type: ignore[arg-type]  # a word of the other direction
    with pytest.raises(WireError):
        door.hear_any()
    door.ready()
    assert door.eyes.poll() is None


def test_it_beats_while_it_waits_and_goes_with_its_supervisor(mortal: Door) -> None:
    mortal.ready()
    assert _until(lambda: os.read(mortal.beat, 1))
    assert _until(lambda: os.read(mortal.beat, 1))
    os.close(mortal.beat)
    mortal.beat = os.open(os.devnull, os.O_RDONLY)
    assert mortal.eyes.wait(PATIENCE_S) == 0


def test_it_waits_without_work_and_holds_little_memory(mortal: Door) -> None:
    """A closed camera costs under 1 % of a processor; all three processes share 260 MB."""
    mortal.ready()
    mortal.window(1, within_ms=300)
    process = psutil.Process(mortal.eyes.pid)
    before = process.cpu_times()
    time.sleep(2)
    after = process.cpu_times()
    assert after.user + after.system - before.user - before.system <= 0.03
    # Its own memory: how much of a library's file is counted as resident beside it is the page cache's doing.
    assert process.memory_full_info().uss < 150e6


def test_nobody_beside_can_look_into_its_memory(door: Door) -> None:
    """MIN-03: no core dump, and not dumpable."""
    door.ready()
    limits = Path(f"/proc/{door.eyes.pid}/limits").read_text()
    assert limits.splitlines()[5].split()[:6] == ["Max", "core", "file", "size", "0", "0"]


def test_a_damaged_cache_stops_eyes_with_one_sentence(tmp_path: Path) -> None:
    door = Door(tmp_path, tmp_path / "no models")
    try:
        assert door.eyes.wait(PATIENCE_S) != 0
        (line,) = os.read(door.beat, 10_000).decode().strip(".").splitlines()
        told = json.loads(line.strip("."))
        assert told["code"] == FaultCode.MODELS_DAMAGED
        assert told["sentence"].endswith(".")
    finally:
        door.close()


def test_it_ends_when_told_to(mortal: Door) -> None:
    mortal.ready()
    mortal.eyes.send_signal(signal.SIGTERM)
    assert mortal.eyes.wait(PATIENCE_S) == 0


class NoFaces:
    """An engine that must not be asked."""

    model = networks.MODEL

    def find(self, _: Frame) -> tuple[Box, ...]:
        raise AssertionError("Face code ran.")

    def embed(self, _: Frame, __: Box) -> Embedding:
        raise AssertionError("Face code ran.")

    def forget(self) -> None:
        raise AssertionError("Face code ran.")


def test_no_face_code_runs_in_a_code_window(tmp_path: Path) -> None:
    """Even with a face before the camera."""
    (tmp_path / "who").write_text("grace")
    told: list[Message] = []
    sense = _sense(tmp_path, NoFaces(), told)
    assert look(sense, sight.Look(window=1, mode=Mode.CODE, within_ms=300)) is None
    assert len(_seen(told)) > 1
    with pytest.raises(AssertionError, match="Face code ran"):
        look(sense, sight.Look(window=2, mode=Mode.FACE, within_ms=300))


class Scripted(NoFaces):
    """An engine that finds what it is told to, frame by frame, and then nobody."""

    def __init__(self, *found: tuple[Box, ...]) -> None:
        self._found = list(found)

    def find(self, _: Frame) -> tuple[Box, ...]:
        return self._found.pop(0) if self._found else ()

    def embed(self, _: Frame, __: Box) -> Embedding:
        return np.ones(128, np.float32)

    def forget(self) -> None:
        pass


def test_company_for_one_frame_makes_another_face_of_who_is_left(tmp_path: Path) -> None:
    """Promise 4: nobody can be swapped for another behind a second face."""
    (tmp_path / "who").write_text("grace")
    one, other = Box(220, 140, 200, 200, 1), Box(20, 140, 200, 200, 1)
    told: list[Message] = []
    look(_sense(tmp_path, Scripted((one,), (one, other), (one,)), told), sight.Look(window=1, mode=Mode.FACE, within_ms=400))
    before, between, after = _seen(told)[:3]
    assert (before.track, between.track, after.track) == (1, 0, 2)
    assert between.embedding is None


def test_frames_and_embeddings_are_overwritten(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MIN-03: nothing of a window is left in the arrays that held it."""
    (tmp_path / "who").write_text("grace")
    kept: list[Embedding] = []
    frames: list[Frame] = []
    told: list[Message] = []
    reader = OnnxReader(models)
    embed, find = reader.embed, reader.find

    def embed_and_keep(frame: Frame, box: Box) -> Embedding:
        kept.append(embed(frame, box))
        return kept[-1]

    def find_and_keep(frame: Frame) -> tuple[Box, ...]:
        frames.append(frame)
        return find(frame)

    monkeypatch.setattr(reader, "embed", embed_and_keep)
    monkeypatch.setattr(reader, "find", find_and_keep)
    look(_sense(tmp_path, reader, told), sight.Look(window=1, mode=Mode.FACE, within_ms=400))
    assert kept
    assert any(one.embedding and any(one.embedding) for one in _seen(told))
    assert not any(numbers.any() for numbers in kept)
    assert not any(frame.any() for frame in frames)


def test_a_window_is_never_longer_than_the_longest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """MIN-01: the cap is eyes' own, whatever was asked."""
    monkeypatch.setattr(sight, "WINDOW_MOST_S", 0.3)
    told: list[Message] = []
    began_s = time.monotonic()
    sense = replace(_sense(tmp_path, NoFaces(), told), alive=lambda: time.monotonic() - began_s < 10)
    look(sense, sight.Look(window=1, mode=Mode.CODE, within_ms=3_600_000))
    assert time.monotonic() - began_s < 9
    assert told[-1] == sight.WindowClosed(window=1, because=Why.TIME, fault=None)


def _sense(stage: Path, reader: FaceReader, told: list[Message]) -> Sense:
    camera = PortraitCamera(stage, simulated=True, seed=1)
    return Sense(camera=camera, reader=reader, tell=told.append, asked=lambda: None, alive=lambda: True)


def _seen(said: list[Message]) -> list[sight.Seen]:
    return [one for one in said if isinstance(one, sight.Seen)]


def _fit(seen: sight.Seen) -> sight.Seen | None:
    return seen if seen.embedding else None


def _until(what: Callable[[], T | None]) -> T:
    """The first thing that is there, within reason."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        found = what()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError("It did not happen.")
