"""A simulated clock: wall time from a file, standing still between two writes; never while doors are real."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from device.cli import demo
from device.door import clock
from device.door.clock import FileClock, SystemClock
from device.errors import SetupError


def test_wall_time_is_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    path.write_text("1772442000\n", encoding="ascii")
    told = FileClock(path)
    assert told.now() == told.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    path.write_text("1772442060", encoding="ascii")
    assert told.now() == datetime(2026, 3, 2, 9, 1, tzinfo=UTC)
    assert told.passed_s() <= told.passed_s()


@pytest.mark.parametrize("broken", [b"", b"soon", b"\xff", b"9" * 30])
def test_a_file_that_is_being_written_leaves_the_time_as_it_was(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "clock"
    path.write_text("1772442000", encoding="ascii")
    told = FileClock(path)
    path.write_bytes(broken)
    assert told.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)
    path.unlink()
    assert told.now() == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_clock_that_never_said_anything_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="simulated clock"):
        FileClock(tmp_path / "clock")


def test_the_settings_say_which_clock(tmp_path: Path) -> None:
    settings, _ = demo.make(tmp_path)
    assert type(clock.of(settings)) is SystemClock
    (tmp_path / "clock").write_text("0", encoding="ascii")
    assert type(clock.of(replace(settings, clock=tmp_path / "clock"))) is FileClock
