"""The supervisor: what a room says on its line is never believed further than its form, and a frozen keeper is replaced."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

from device.cli.keeping import refusal
from device.cli.story import Story, room_of
from device.contract.office import LockState
from device.errors import WireError
from tests.whole.doors import Running


def _keeper(running: Running) -> psutil.Process:
    return next(child for child in running.device.children() if "device.lock" in child.cmdline())


@pytest.mark.parametrize(
    "said",
    [b"{garbage\n", b'{"code": 7}\n', b'{"code": "no such", "sentence": "x"}', b'{"sentence": "x"}', b"[]", b"{}", b"\xff{"],
)
def test_rubbish_from_a_room_is_no_sentence(said: bytes) -> None:
    """Whatever hostile eyes write, neither ends the device nor gets into the log."""
    assert refusal(said) == {"code": "unexpected", "sentence": "A process of this door could not start, and did not say why."}


def test_a_refusal_keeps_its_code_and_a_sentence_of_bounded_length() -> None:
    told = refusal(b'{"code": "camera", "sentence": "' + b"x" * 5000 + b'"}')
    assert told["code"] == "camera"
    assert len(told["sentence"]) == 300


def test_a_keeper_frozen_while_open_is_replaced_by_one_that_is_closed(running: Running) -> None:
    """SAF-11: a stopped keeper's timer does not run, so it is killed; the lock is closed after, and opens again when asked."""
    place = running.place
    story = Story(settings=place.settings, stage=place.stage, device=running.device, kiosk=running.kiosk)
    story._collect("first")
    running.kiosk.press("next")
    running.kiosk.until("Choice")
    running.kiosk.press("stop")
    running.kiosk.until("Idle")
    running.kiosk.press("pin")
    running.kiosk.until("Keypad")
    running.kiosk.type(story.pins["first"])
    running.kiosk.until("Opened")
    frozen = _keeper(running)
    os.kill(frozen.pid, signal.SIGSTOP)
    give_up_s = time.monotonic() + 30
    while frozen.is_running() and frozen.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < give_up_s
        time.sleep(0.05)
    running.kiosk.until("Idle", within_s=30)

    def answers() -> bool:
        try:
            return story._moves() == []
        except WireError:
            return False

    story._wait(answers, "The new keeper does not answer, or moved at its start.", within_s=30)
    story._opens_by_pin("first")
    assert story._moves() == [LockState.OPEN, LockState.CLOSED]


def test_every_room_leaves_no_core_and_nothing_others_could_read(running: Running) -> None:
    """MIN-03: no core dump, no file for others."""
    for room in ("eyes", "door", "front", "lock"):
        process = _keeper(running) if room == "lock" else room_of(running.device, room)
        assert process.rlimit(psutil.RLIMIT_CORE) == (0, 0)
        assert "Umask:\t0077" in Path(f"/proc/{process.pid}/status").read_text()
    for path in running.place.settings.folders.run.iterdir():
        assert path.stat().st_mode & 0o077 == 0
