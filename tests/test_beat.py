"""A room's line to its supervisor: a beat a second, one sentence when it cannot start, and an end when nobody is left."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from device import beat
from device.beat import STOPPED, Beat, room
from device.config import Settings
from device.errors import CameraFault, FaultCode, SettingsError

SETTINGS = """
simulated = true
site = { name = "Studio Nord", door = "front door", controller = "Studio Nord", contact = "us", zone = "UTC" }
folders = { data = "data", keys = "keys", run = "run", models = "models", link = "link" }
camera = { kind = "portraits", source = "stage" }
lock = { kind = "simulated", open_s = 5 }
recognition = { engine = "onnx", face = "alone" }
entry = { factors = 1 }
kiosk = { port = 0 }
keeping = { template_days = 180, unused_days = 90, openings_days = 30, code_days = 7, notice_days = 30 }
"""
SECRET = "a value that nobody may read"


class Line:
    """A real pipe, one end of which is a room's."""

    def __init__(self) -> None:
        self._ours: int | None
        self._ours, self.theirs = os.pipe()

    def read(self) -> bytes:
        assert self._ours is not None
        return os.read(self._ours, 65_536)

    def leave(self) -> None:
        """The supervisor is gone."""
        if self._ours is not None:
            os.close(self._ours)
            self._ours = None

    def fill(self) -> None:
        os.set_blocking(self.theirs, False)
        for size in (4_096, 1):
            try:
                while True:
                    os.write(self.theirs, b"x" * size)
            except BlockingIOError:
                continue


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.leave()
    os.close(made.theirs)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(SETTINGS)
    return path


def test_it_beats_at_once_and_not_again_within_a_second(line: Line) -> None:
    heart = Beat(line.theirs)
    assert all(heart.pulse() for _ in range(1_000))
    assert line.read() == b"."


def test_it_beats_again_when_it_is_time_to(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beat, "EVERY_S", 0.0)
    heart = Beat(line.theirs)
    assert all(heart.pulse() for _ in range(3))
    assert line.read() == b"..."


def test_a_full_pipe_is_not_gone(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """A supervisor that is slow does not cost the door its rooms."""
    monkeypatch.setattr(beat, "EVERY_S", 0.0)
    line.fill()
    heart = Beat(line.theirs)
    assert all(heart.pulse() for _ in range(3))
    line.read()
    assert heart.pulse()
    assert line.read().endswith(b".")


def test_a_broken_pipe_is_gone_for_good(line: Line) -> None:
    """A room that is asked again within the second still ends."""
    heart = Beat(line.theirs)
    line.leave()
    assert not any(heart.pulse() for _ in range(100))


def test_a_pipe_that_breaks_between_two_beats_is_seen_at_the_next(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    heart = Beat(line.theirs)
    assert heart.pulse()
    line.leave()
    monkeypatch.setattr(heart, "_next_s", 0.0)
    assert not heart.pulse()
    assert not heart.pulse()


def test_without_a_line_it_beats_for_nobody() -> None:
    assert Beat(None).pulse()


def test_a_refusal_is_one_line_with_a_code_and_a_sentence(line: Line) -> None:
    Beat(line.theirs).refuse(CameraFault("There is no camera.", FaultCode.CAMERA_MISSING))
    said = line.read()
    assert said.count(b"\n") == 1
    assert said.endswith(b"\n")
    assert json.loads(said) == {"code": "camera_missing", "sentence": "There is no camera."}


def test_a_refusal_that_nobody_hears_is_no_accident(line: Line) -> None:
    heart = Beat(line.theirs)
    line.leave()
    heart.refuse(CameraFault("There is no camera."))
    assert not heart.pulse()


def test_a_room_started_by_hand_says_it_aloud(capsys: pytest.CaptureFixture[str]) -> None:
    Beat(None).refuse(SettingsError("Setting `a` is missing."))
    assert json.loads(capsys.readouterr().err) == {"code": "settings", "sentence": "Setting `a` is missing."}


def test_a_room_gets_its_settings_and_its_line(line: Line, settings: Path) -> None:
    def run(told: Settings, heart: Beat) -> None:
        assert told.site.name == "Studio Nord"
        assert heart.pulse()

    assert _ran(settings, line, run) == 0
    assert line.read() == b"."


def test_a_fault_of_ours_ends_a_room_with_its_sentence(line: Line, settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_: Settings, __: Beat) -> None:
        raise CameraFault("There is no camera.", FaultCode.CAMERA_MISSING)

    assert _ran(settings, line, run) == STOPPED == 1
    assert json.loads(line.read()) == {"code": "camera_missing", "sentence": "There is no camera."}
    assert capsys.readouterr().err == ""


def test_settings_that_are_missing_end_a_room_with_a_sentence(line: Line, tmp_path: Path) -> None:
    assert _ran(tmp_path / "none.toml", line, _never) == 1
    assert json.loads(line.read())["code"] == "settings"


@pytest.mark.parametrize("kind", [ValueError, KeyError, MemoryError])
def test_any_other_fault_ends_a_room_with_a_place_and_nothing_else(
    line: Line, settings: Path, capsys: pytest.CaptureFixture[str], kind: type[Exception]
) -> None:
    """No value, no traceback, no path: a fault must not tell what it was about."""
    at = 0

    def run(_: Settings, __: Beat) -> None:
        nonlocal at
        at = sys._getframe().f_lineno + 1
        raise kind(SECRET)

    assert _ran(settings, line, run) == STOPPED + 1 == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert json.loads(told.err) == {"code": "unexpected", "at": f"test_beat.py:{at}"}
    line.fill()
    assert set(line.read()) == {ord("x")}, "The supervisor's line got something."


def _ran(settings: Path, line: Line, run: Callable[[Settings, Beat], None]) -> int:
    return room([str(settings), "--beat", str(line.theirs)], run)


def _never(_: Settings, __: Beat) -> None:
    raise AssertionError("It must not start.")
