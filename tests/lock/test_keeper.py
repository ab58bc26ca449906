"""The keeper, as a real process behind a real socket; and both bolts through one port suite."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from device.contract import bolt as words
from device.contract.office import LockState
from device.contract.wire import connect
from device.door.lock import KeeperLock
from device.errors import LockFault, SettingsError, WireError
from device.lock.bolt import Bolt
from device.lock.relay import RelayBolt, factory
from device.lock.simulated import TRAVEL_S, SimulatedBolt

PIN = 17
PATIENCE_S = 20.0
"""A slow machine is no failure."""


class BoltSuite:
    """What every bolt must do."""

    def make(self) -> Bolt:
        raise NotImplementedError

    def _settled(self, bolt: Bolt) -> LockState:
        for _ in range(200):
            if bolt.state() is not LockState.MOVING:
                break
            time.sleep(0.01)
        return bolt.state()

    def test_it_is_closed_from_the_first_instant(self) -> None:
        """SAF-02: never moves at start-up."""
        assert self.make().state() is LockState.CLOSED

    def test_it_opens_and_closes(self) -> None:
        bolt = self.make()
        bolt.release()
        assert self._settled(bolt) is LockState.OPEN
        bolt.secure()
        assert self._settled(bolt) is LockState.CLOSED

    def test_doing_it_twice_changes_nothing(self) -> None:
        bolt = self.make()
        bolt.secure()
        assert bolt.state() is LockState.CLOSED
        bolt.release()
        bolt.release()
        assert self._settled(bolt) is LockState.OPEN

    def test_giving_it_back_closes_it(self) -> None:
        bolt = self.make()
        bolt.release()
        bolt.close()
        assert isinstance(bolt, RelayBolt) or self._settled(bolt) is LockState.CLOSED


class TestSimulatedBolt(BoltSuite):
    def make(self) -> Bolt:
        return SimulatedBolt(simulated=True)

    def test_it_takes_time_to_travel(self) -> None:
        bolt = self.make()
        bolt.release()
        assert bolt.state() is LockState.MOVING

    def test_it_refuses_to_exist_where_the_settings_do_not_say_simulated(self) -> None:
        with pytest.raises(SettingsError, match="simulated = true"):
            SimulatedBolt(simulated=False)


class TestRelayBolt(BoltSuite):
    @pytest.fixture(autouse=True)
    def _pins(self) -> Iterator[None]:
        self.pins = MockFactory()
        yield
        self.pins.reset()

    def make(self) -> Bolt:
        return RelayBolt(PIN, self.pins, active_high=True)

    def test_the_pin_is_low_until_asked_and_after(self) -> None:
        bolt = self.make()
        pin = self.pins.pin(PIN)
        bolt.release()
        bolt.secure()
        pin.assert_states([False, True, False])

    def test_an_active_low_relay_rests_high(self) -> None:
        bolt = RelayBolt(PIN, self.pins, active_high=False)
        assert self.pins.pin(PIN).state == 1
        assert bolt.state() is LockState.CLOSED

    def test_a_pin_in_use_is_one_sentence(self) -> None:
        first = self.make()
        with pytest.raises(LockFault, match=f"GPIO {PIN}"):
            self.make()
        first.close()

    def test_a_factory_is_named_or_refused_and_never_replaced_by_another(self) -> None:
        with pytest.raises(SettingsError, match=r"lock\.pins"):
            factory("whatever")
        with pytest.raises(LockFault, match="lgpio"):
            factory("lgpio")


SETTINGS = """
simulated = true
[site]
name = "a"
door = "b"
controller = "c"
contact = "d"
zone = "UTC"
[folders]
data = "data"
keys = "keys"
run = "."
models = "models"
link = "link"
[camera]
kind = "portraits"
source = "stage"
[recognition]
engine = "onnx"
face = "alone"
[entry]
factors = 1
[lock]
kind = "{kind}"
open_s = 3
active_high = true
{relay}
[kiosk]
port = 0
[keeping]
template_days = 365
unused_days = 90
openings_days = 90
code_days = 7
notice_days = 30
"""


@pytest.fixture(params=["simulated", "relay"])
def keeper(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[bytes]]:
    relay = 'pin = 17\npins = "mock"' if request.param == "relay" else ""
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS.format(kind=request.param, relay=relay))
    process = subprocess.Popen(
        [sys.executable, "-m", "device.lock", str(settings)], stderr=subprocess.PIPE, start_new_session=True
    )
    while not (tmp_path / "lock.sock").exists():
        assert process.poll() is None
        time.sleep(0.01)
    yield process
    process.kill()
    process.communicate()


def _states(folder: Path) -> list[LockState]:
    wire = connect(folder / "lock.sock", words.FROM_KEEPER)
    wire.send(words.AskLock())
    answer = wire.receive(PATIENCE_S)
    wire.close()
    assert isinstance(answer, words.LockIs)
    return [move.state for move in answer.moves]


def _until(folder: Path, states: list[LockState], within_s: float = 15) -> None:
    give_up = time.monotonic() + within_s
    while [s for s in _states(folder) if s is not LockState.MOVING] != states:
        assert time.monotonic() < give_up, _states(folder)
        time.sleep(0.02)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[KeeperLock]:
    each = KeeperLock(tmp_path / "lock.sock", PATIENCE_S)
    yield each
    each.close()


@pytest.mark.usefixtures("keeper")
def test_it_never_moves_at_start_up(tmp_path: Path) -> None:
    assert _states(tmp_path) == []


@pytest.mark.usefixtures("keeper")
def test_it_opens_for_a_time_and_closes_by_itself_though_nobody_is_left(tmp_path: Path) -> None:
    """The one who asked is killed while the bolt is open (SAF-02, promise 12)."""
    asker = (
        "import sys, os, signal, pathlib; from device.door.lock import KeeperLock;"
        "KeeperLock(pathlib.Path(sys.argv[1]), 20.0).open_for(3); os.kill(os.getpid(), signal.SIGKILL)"
    )
    killed = subprocess.run([sys.executable, "-c", asker, str(tmp_path / "lock.sock")], check=False)
    assert killed.returncode == -signal.SIGKILL
    _until(tmp_path, [LockState.OPEN, LockState.CLOSED])


@pytest.mark.usefixtures("keeper")
def test_it_is_open_for_about_as_long_as_asked(tmp_path: Path, lock: KeeperLock) -> None:
    """SAF-06: a release lasts 3 s at least."""
    lock.open_for(3)
    _until(tmp_path, [LockState.OPEN, LockState.CLOSED])
    wire = connect(tmp_path / "lock.sock", words.FROM_KEEPER)
    wire.send(words.AskLock())
    answer = wire.receive(PATIENCE_S)
    assert isinstance(answer, words.LockIs)
    at_ms = {move.state: move.at_ms for move in answer.moves}
    assert at_ms[LockState.CLOSED] - at_ms[LockState.OPEN] >= 3000 - TRAVEL_S * 1000
    wire.close()


@pytest.mark.usefixtures("keeper")
@pytest.mark.parametrize("ms", [0, -1, 2999, 30_001, 10**9])
def test_a_time_out_of_bounds_moves_nothing(tmp_path: Path, ms: int) -> None:
    wire = connect(tmp_path / "lock.sock", words.FROM_KEEPER)
    wire.send(words.OpenFor(ms=ms, not_after_ms=2**50))
    answer = wire.receive(PATIENCE_S)
    assert isinstance(answer, words.LockIs)
    assert answer.state is LockState.CLOSED
    assert answer.moves == ()
    wire.close()


@pytest.mark.usefixtures("keeper")
def test_rubbish_on_its_socket_moves_nothing_and_it_lives_on(tmp_path: Path) -> None:
    import socket  # noqa: PLC0415  (raw on purpose: our own wire cannot send this)

    for data in (b"open", b'["OpenFor",{"ms":"5000"}]', b"\x00" * 4000):
        raw = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        raw.connect(str(tmp_path / "lock.sock"))
        raw.send(data)
        raw.close()
    assert _states(tmp_path) == []


def test_told_to_end_while_open_it_closes_first(tmp_path: Path, keeper: subprocess.Popen[bytes], lock: KeeperLock) -> None:
    lock.open_for(30)
    _until(tmp_path, [LockState.OPEN])
    keeper.send_signal(signal.SIGTERM)
    assert keeper.wait(10) == 0
    assert not (tmp_path / "lock.sock").exists()


def test_a_dead_or_frozen_keeper_is_a_fault_and_says_nothing_is_open(keeper: subprocess.Popen[bytes], lock: KeeperLock) -> None:
    assert lock.state() is LockState.CLOSED
    os.kill(keeper.pid, signal.SIGSTOP)
    with pytest.raises(LockFault):
        lock.open_for(3)
    assert lock.state() is LockState.UNKNOWN
    keeper.kill()
    keeper.wait()
    with pytest.raises(LockFault):
        lock.open_for(3)


def test_an_opening_that_was_held_up_on_its_way_opens_nothing_any_more(
    tmp_path: Path, keeper: subprocess.Popen[bytes], lock: KeeperLock
) -> None:
    """Promise 12: a keeper that was frozen while it was asked, and thaws after the fault was shown, does not move."""
    assert lock.state() is LockState.CLOSED
    os.kill(keeper.pid, signal.SIGSTOP)
    with pytest.raises(LockFault):
        lock.open_for(3)
    os.kill(keeper.pid, signal.SIGCONT)
    assert lock.state() is LockState.CLOSED
    assert _states(tmp_path) == []


def test_a_keeper_that_cannot_start_says_why_in_one_sentence(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text(SETTINGS.format(kind="relay", relay='pin = 17\npins = "lgpio"'))
    ended = subprocess.run([sys.executable, "-m", "device.lock", str(settings)], capture_output=True, check=False)
    assert ended.returncode == 1
    assert b"lgpio" in ended.stderr
    assert b"Traceback" not in ended.stderr
    with pytest.raises(WireError):
        connect(tmp_path / "lock.sock", words.FROM_KEEPER)
