"""Bad input, one clear sentence each: nothing lost, nothing opened, a non-zero exit or a screen with the next step."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from device.cli import demo
from device.cli.story import Story
from device.cli.visitor import Visitor
from device.config import load
from tests.whole.doors import Place, Running

BYLEAVE = [sys.executable, "-m", "device.cli.main"]


def _byleave(*words: str | Path) -> tuple[int, str]:
    told = subprocess.run([*BYLEAVE, *map(str, words)], capture_output=True, check=False, text=True, timeout=60)
    return told.returncode, told.stderr


def _one_sentence(said: str) -> str:
    lines = [line for line in said.splitlines() if line.strip()]
    assert len(lines) == 1, said
    assert "Traceback" not in said
    return lines[0]


def _edit(place: Place, *changes: tuple[str, str]) -> None:
    text = place.path.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    place.path.write_text(text)
    place.settings = load(place.path)


def _unknown_key(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace("[kiosk]", "[kiosk]\nprot = 3"))


def _missing_key(place: Place) -> None:
    place.path.write_text("\n".join(line for line in place.path.read_text().splitlines() if not line.startswith("open_s")))


def _never(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace("template_days = 365", "template_days = 0"))


def _over_cap(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace("template_days = 365", "template_days = 366"))


def _keys_in_data(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace('keys = "keys"', 'keys = "data/keys"'))


def _real_and_alone(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace('kind = "portraits"', 'kind = "attached"'))


def _not_simulated(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace("simulated = true", "simulated = false"))


def _damaged_database(place: Place) -> None:
    path = place.settings.folders.data / "door.db"
    content = bytearray(path.read_bytes())
    content[100:4000] = b"\xff" * 3900
    path.write_bytes(content)


def _lost_key(place: Place) -> None:
    (place.settings.folders.keys / "device.key").unlink()


def _file_for_a_folder(place: Place) -> None:
    place.path.write_text(place.path.read_text().replace('run = "run"', 'run = "settings.toml"'))


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_unknown_key, "`kiosk.prot` is not known"),
        (_missing_key, "`lock.open_s` is missing"),
        (_never, "must be from 1 to 365"),
        (_over_cap, "must be from 1 to 365"),
        (_keys_in_data, "must lie outside"),
        (_real_and_alone, "until liveness exists"),
        (_not_simulated, "needs `simulated = true`"),
        (_damaged_database, "damaged"),
        (_lost_key, "key"),
        (_file_for_a_folder, "cannot be written"),
    ],
)
def test_a_door_that_cannot_start_says_why_in_one_sentence(place: Place, spoil: Callable[[Place], None], sentence: str) -> None:
    """CUS-04, CON-09, DEL-04, PAD-01: and what is there is left as it was."""
    spoil(place)
    before = {path: path.read_bytes() for path in place.path.parent.rglob("*") if path.is_file()}
    code, said = _byleave("device", "run", "--settings", place.path)
    assert code != 0
    assert sentence in _one_sentence(said)
    after = {path: path.read_bytes() for path in before if path.exists()}
    assert after == before


def test_a_second_device_on_the_same_data_is_refused(running: Running) -> None:
    code, said = _byleave("device", "run", "--settings", running.place.path)
    assert code != 0
    assert "running already" in _one_sentence(said)
    assert running.kiosk.scene()["name"] == "Idle"


def test_a_second_settings_file_on_the_same_data_is_refused(running: Running) -> None:
    other = running.place.path.with_name("other.toml")
    other.write_text(running.place.path.read_text().replace('run = "run"', 'run = "other"'))
    code, said = _byleave("device", "run", "--settings", other)
    assert code != 0
    assert "Another device process" in _one_sentence(said)


def test_a_damaged_model_cache_is_rebuilt_and_the_door_starts(place: Place) -> None:
    _edit(place, ("~/.cache/byleave/models", str(place.path.parent / "models")))
    with demo.running(place.path, place.settings):
        pass
    network = place.settings.folders.models / "embed.onnx"
    whole = network.read_bytes()
    network.write_bytes(whole[: len(whole) // 2])
    with demo.running(place.path, place.settings):
        assert network.read_bytes() == whole


def test_a_missing_camera_is_a_fault_on_screen_and_the_pin_opens(place: Place) -> None:
    """ALT-06."""
    attached = ('kind = "portraits"', 'kind = "attached"'), (str(place.stage.folder), "/dev/video63")
    _edit(place, *attached, ('face = "alone"', 'face = "off"'))
    with demo.running(place.path, place.settings) as device, Visitor(demo.kiosk_url(place.settings)) as kiosk:
        story = Story(settings=place.settings, stage=place.stage, device=device, kiosk=kiosk)
        story._collect("first")
        kiosk.press("next")
        kiosk.until("Idle")
        kiosk.press("show_badge")
        fault = kiosk.until("Fault")
        assert fault["code"] == "camera"
        kiosk.press("stop")
        story._opens_by_pin("first")


def test_a_camera_unplugged_in_a_window_is_a_fault_on_screen(running: Running) -> None:
    running.kiosk.press("use_face")
    running.kiosk.until("Looking")
    (running.place.stage.folder / "who").write_bytes(b"unplugged")
    fault = running.kiosk.until("Fault")
    assert "pin" in fault["buttons"]


def test_a_picture_that_is_none_is_a_fault_on_screen(place: Place) -> None:
    _edit(place, ('kind = "portraits"', 'kind = "pictures"'))
    (place.stage.folder / "who").unlink()
    (place.stage.folder / "portrait.jpg").write_bytes(b"this is no picture")
    with demo.running(place.path, place.settings), Visitor(demo.kiosk_url(place.settings)) as kiosk:
        kiosk.until("Idle", holds=lambda scene: scene["camera"])
        kiosk.press("use_face")
        kiosk.until("Fault")


@pytest.mark.parametrize(
    "payload", [b"https://example.org", b"BYL1" + b"A" * 128, b"' OR 1=1 --", b"<script>", bytes(range(256))]
)
def test_a_qr_with_rubbish_opens_nothing(running: Running, payload: bytes) -> None:
    running.place.stage.hold_up(payload)
    running.kiosk.press("show_badge")
    scene = running.kiosk.until("NotOpened")
    assert scene["because"] == "not_valid"
    story = Story(settings=running.place.settings, stage=running.place.stage, device=running.device, kiosk=running.kiosk)
    assert story._moves() == []


def test_a_person_who_does_not_exist_cannot_be_ended(place: Place) -> None:
    code, said = _byleave("device", "forget", "--settings", place.path, "2f1c7f0a-5d3e-4b8e-9a54-0c4f1d2e3b4a")
    assert code != 0
    assert "No such person" in _one_sentence(said)


def test_a_door_is_not_made_over_another(place: Place) -> None:
    before = place.path.read_bytes()
    code, said = _byleave("device", "init", place.path.parent)
    assert code != 0
    assert "already" in _one_sentence(said)
    assert place.path.read_bytes() == before
