"""An audit hook in door and eyes while the whole story runs: no stray file, no inet socket, no process."""

import subprocess
import sys
from pathlib import Path

import pytest

from device.cli import demo
from device.cli.story import Story
from device.cli.visitor import Visitor

WATCH = Path(__file__).with_name("watch.py")


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "watch"
    folder.mkdir()
    (folder / "sitecustomize.py").write_bytes(WATCH.read_bytes())
    allowed = [tmp_path / "door" / name for name in ("data", "keys", "run")]
    (folder / "may").write_text("\n".join(f"{path}/" for path in allowed))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_the_story_writes_only_where_it_may_and_starts_nothing(tmp_path: Path, watched: Path) -> None:
    """MIN-03, MIN-04, MIN-11: looked at from inside the interpreter, at every open, socket and process."""
    settings, stage = demo.make(tmp_path / "door")
    with demo.running(tmp_path / "door" / "settings.toml", settings) as device, Visitor(demo.kiosk_url(settings)) as kiosk:
        steps = list(Story(settings=settings, stage=stage, device=device, kiosk=kiosk).tell())
    assert all(step.held for step in steps), steps[-1].step
    assert (watched / "seen").exists(), "the hook was not there"
    assert (watched / "seen").read_text() == ""


@pytest.mark.parametrize(
    ("act", "event"),
    [
        ("open('{0}/stray', 'w')", "open"),
        ("import os; os.open('{0}/stray', os.O_CREAT | os.O_RDWR)", "open"),
        ("import socket; socket.socket(socket.AF_INET)", "socket.__new__"),
        ("import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)", "socket.__new__"),
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import os; os.fork() or os._exit(0)", "os.fork"),
    ],
)
def test_the_watch_sees_what_it_is_there_for(tmp_path: Path, watched: Path, act: str, event: str) -> None:
    """The test of the test: each forbidden thing, done on purpose, is written down."""
    subprocess.run([sys.executable, "-c", act.format(tmp_path), "device.door"], check=True)
    assert event in (watched / "seen").read_text()
