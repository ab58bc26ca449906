"""Processes frozen and killed: each costs what it does and nothing else; the lock always closes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
import pytest

from device.cli.story import NotHeld, Story, room_of
from device.cli.supervise import ROOMS, SILENT_S, ask
from device.contract import bolt, office
from device.contract.office import LockState
from device.contract.wire import connect
from device.errors import WireError
from tests.whole.doors import Place, Running


def _story(running: Running) -> Story:
    place = running.place
    return Story(settings=place.settings, stage=place.stage, device=running.device, kiosk=running.kiosk)


def _invited(running: Running) -> Story:
    story = _story(running)
    story._collect("first")
    running.kiosk.press("next")
    running.kiosk.until("Choice")
    running.kiosk.press("stop")
    return story


def _until(holds: Callable[[], bool], within_s: float = 30) -> None:
    give_up_s = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < give_up_s
        time.sleep(0.02)


def test_frozen_eyes_cost_the_camera_and_nothing_else(running: Running) -> None:
    """ALT-06, SAF-11: a stopped camera process; the PIN opens, and the supervisor replaces it."""
    story = _invited(running)
    eyes = room_of(running.device, "eyes")
    os.kill(eyes.pid, signal.SIGSTOP)
    story._opens_by_pin("first")
    _until(lambda: not eyes.is_running() or eyes.status() == psutil.STATUS_ZOMBIE, SILENT_S + 20)
    running.kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])
    assert room_of(running.device, "eyes").pid != eyes.pid


def test_eyes_killed_in_a_window_end_it_with_a_fault_and_come_back(running: Running) -> None:
    running.kiosk.press("use_face")
    running.kiosk.until("Looking")
    others = {name: room_of(running.device, name).pid for name in ("door", "front")}
    room_of(running.device, "eyes").kill()
    fault = running.kiosk.until("Fault")
    assert fault["code"] == "camera"
    assert "pin" in fault["buttons"]
    running.kiosk.press("stop")
    running.kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])
    assert {name: room_of(running.device, name).pid for name in ("door", "front")} == others


def test_a_front_that_was_killed_comes_back_to_the_same_scene(running: Running) -> None:
    running.kiosk.press("pin")
    running.kiosk.until("Keypad")
    front = room_of(running.device, "front")
    front.kill()
    front.wait()

    def back() -> bool:
        try:
            return bool(running.kiosk.scene()["name"] == "Keypad")
        except (WireError, OSError):
            return False

    _until(back)


def test_a_door_that_was_killed_while_open_is_closed_again_and_knows_its_people(running: Running) -> None:
    """Promise 12: the keeper's timer ends the opening under way; the vault is whole."""
    story = _invited(running)
    running.kiosk.until("Idle")
    running.kiosk.press("pin")
    running.kiosk.until("Keypad")
    running.kiosk.type(story.pins["first"])
    running.kiosk.until("Opened")
    room_of(running.device, "door").kill()
    _until(lambda: story._moves()[-1:] == [LockState.CLOSED])
    running.kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])
    story._opens_by_pin("first")


def test_with_everything_killed_the_lock_closes_by_itself(place: Place) -> None:
    """SAF-02: SIGKILL of supervisor, door, eyes, front and link while the door is open; the keeper is asked afterwards."""
    device = subprocess.Popen(
        [sys.executable, "-m", "device.cli.main", "device", "run", "--settings", str(place.path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    run = place.settings.folders.run

    def ready() -> bool:
        try:
            status = ask(run, office.AskStatus())
        except WireError:
            return False
        return isinstance(status, office.Status) and status.eyes and status.front

    _until(ready)
    rooms = [child for child in psutil.Process(device.pid).children() if "device.lock" not in child.cmdline()]
    assert len(rooms) == len(ROOMS)
    wire = connect(run / "lock.sock", bolt.FROM_KEEPER)
    wire.send(bolt.OpenFor(ms=3000, not_after_ms=2**50))
    device.kill()
    for room in rooms:
        room.kill()
    device.wait()

    def moves() -> list[LockState]:
        wire.send(bolt.AskLock())
        answer = wire.receive(20)
        return [move.state for move in answer.moves] if isinstance(answer, bolt.LockIs) else []

    _until(lambda: moves() == [LockState.MOVING, LockState.OPEN, LockState.MOVING, LockState.CLOSED])
    wire.close()
    assert not any(room.is_running() and room.status() != psutil.STATUS_ZOMBIE for room in rooms)


def test_rooms_end_by_themselves_when_their_supervisor_was_killed(running: Running) -> None:
    rooms = [room_of(running.device, name) for name in ("eyes", "door", "front")]
    running.device.kill()
    _until(lambda: not any(room.is_running() and room.status() != psutil.STATUS_ZOMBIE for room in rooms))


@pytest.mark.parametrize("room", ["eyes", "door", "front"])
def test_each_room_restarts_alone(running: Running, room: str) -> None:
    before = {name: room_of(running.device, name).pid for name in ("eyes", "door", "front")}
    room_of(running.device, room).kill()

    def replaced() -> bool:
        try:
            return room_of(running.device, room).pid != before[room]
        except NotHeld:
            return False

    _until(replaced)
    after = {name: room_of(running.device, name).pid for name in before}
    assert {name for name in before if before[name] != after[name]} == {room}
    running.kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])
