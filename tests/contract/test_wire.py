"""The sockets: whole messages, of one vocabulary, and nobody is waited for."""

from pathlib import Path

import pytest

from device.contract import screen, sight
from device.contract.wire import Listener, Wire, connect
from device.errors import SetupError, WireError


def _pair(folder: Path) -> tuple[Wire, Wire, Listener]:
    listener = Listener(folder / "s.sock", screen.TO_DOOR)
    near = connect(folder / "s.sock", screen.TO_FRONT)
    far = listener.accept()
    assert far is not None
    return near, far, listener


def _flood(wire: Wire, most: int) -> None:
    for _ in range(most):
        wire.send(screen.Camera(on=True))


def test_a_message_crosses_whole(tmp_path: Path) -> None:
    near, far, listener = _pair(tmp_path)
    press = screen.Press(scene=4, button=screen.Button.PIN)
    near.send(press)
    assert far.receive(1) == press
    assert far.receive() is None
    for each in (near, far, listener):
        each.close()


def test_a_message_of_another_socket_is_refused(tmp_path: Path) -> None:
    """Eyes cannot press; the screen cannot see."""
    near, far, listener = _pair(tmp_path)
    near.send(sight.Close(window=1))
    with pytest.raises(WireError):
        far.receive(1)
    for each in (near, far, listener):
        each.close()


def test_a_peer_that_is_gone_is_noticed_by_both_ends(tmp_path: Path) -> None:
    near, far, listener = _pair(tmp_path)
    near.close()
    with pytest.raises(WireError):
        far.receive(1)
    with pytest.raises(WireError):
        far.send(screen.Camera(on=True))
    far.close()
    listener.close()


def test_a_peer_that_does_not_read_is_not_waited_for(tmp_path: Path) -> None:
    """Promise 11: a frozen process holds nobody up."""
    near, far, listener = _pair(tmp_path)
    with pytest.raises(WireError):
        _flood(far, 100_000)
    for each in (near, far, listener):
        each.close()


def test_the_socket_is_for_its_own_user_only(tmp_path: Path) -> None:
    near, far, listener = _pair(tmp_path)
    assert (tmp_path / "s.sock").stat().st_mode & 0o777 == 0o600
    for each in (near, far, listener):
        each.close()


def test_a_folder_that_cannot_hold_a_socket_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="run folder"):
        Listener(tmp_path / "no" / "s.sock", screen.TO_DOOR)
    with pytest.raises(SetupError, match="100 letters"):
        Listener(tmp_path / ("x" * 120), screen.TO_DOOR)


def test_nobody_listening_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(WireError):
        connect(tmp_path / "nobody.sock", screen.TO_FRONT)
