"""Known pictures go in, their embeddings are overheard between eyes and door, and then everything else is searched for them."""

import base64
import contextlib
import io
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import psutil
import pytest
from PIL import Image

from device.cli import demo
from device.cli.stage import Stage
from device.cli.story import NotHeld, Story, room_of
from device.cli.visitor import Visitor
from device.config import Settings, load
from device.eyes.portraits import PortraitCamera
from tests.privacy.tap import Tap

PICTURES = 30
SLICE = 16
"""Bytes of a needle: long enough never to be there by chance."""
INT8_SCALE = 0.6 / 127
PAGES = ("/", "/scene", "/scene.json", "/badge.png", "/receipt.png", "/receipt.json")


class RecordingVisitor(Visitor):
    """A browser that keeps every byte it was ever answered, asking for every page at every turn."""

    def __init__(self, url: str) -> None:
        self.answers: list[bytes] = []
        super().__init__(url)

    def _read(self, path: str) -> bytes:
        body = super()._read(path)
        self.answers.append(body)
        return body

    def press(self, button: str) -> None:
        for page in PAGES:
            answer = self._ask("GET", page)
            self.answers.append(answer.read() + str(answer.getheaders()).encode())
        super().press(button)


@dataclass
class Searched:
    """Everything that came out of one run of the story."""

    folder: Path
    settings: Settings
    sight: list[bytes]
    screen: list[bytes]
    answers: list[bytes]
    jpegs: list[bytes]

    def places(self) -> dict[str, bytes]:
        """Every place that is searched, by its name."""
        told = {"screen socket": b"\n".join(self.screen), "answers": b"\n".join(self.answers)}
        for part in ("data", "keys", "run", "tmp", "device.log"):
            path = self.folder / part
            for file in [path] if path.is_file() else sorted(path.rglob("*")):
                if file.is_file():
                    told[str(file.relative_to(self.folder))] = file.read_bytes()
        return told

    def embeddings(self) -> list[bytes]:
        """Every embedding that crossed from eyes to door."""
        messages = [json.loads(data) for data in self.sight]
        return [bytes.fromhex(body["embedding"]) for name, body in messages if name == "Seen" and body["embedding"]]


def _forms(embedding: bytes) -> list[bytes]:
    """An embedding as float32, int8, hex, base64 and JSON, a slice from the middle of each."""
    numbers = np.frombuffer(embedding, "<f4")
    int8 = np.clip(np.round(numbers / INT8_SCALE), -127, 127).astype(np.int8).tobytes()
    whole = [embedding, int8, numbers.astype("<f8").tobytes(), numbers.astype("<f2").tobytes()]
    spelled = [raw.hex().encode() for raw in whole[:2]] + [base64.b64encode(raw)[:-4] for raw in whole[:2]]
    text = [repr(float(number)).encode() for number in numbers[60:62]]
    return [form[len(form) // 2 : len(form) // 2 + SLICE] for form in [*whole, *spelled]] + text


def _pixels(jpeg: bytes) -> list[bytes]:
    """A picture as it is on the disk, and its pixels in the middle in three orders and half size."""
    rgb = np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB"))
    half = cv2.resize(rgb, (320, 240), interpolation=cv2.INTER_AREA)
    rows = [rgb[240, 300:340], rgb[240, 300:340, ::-1], rgb[240, 300:340].transpose(1, 0), half[120, 150:170]]
    return [jpeg[len(jpeg) // 2 : len(jpeg) // 2 + SLICE], *(np.ascontiguousarray(row).tobytes() for row in rows)]


def _film(folder: Path) -> list[bytes]:
    """A folder of pictures of one person, each different, as a camera."""
    stage = Stage(folder / "studio")
    stage.make()
    stage.put("grace")
    camera = PortraitCamera(stage.folder, simulated=True)
    film = folder / "film"
    film.mkdir()
    camera.open()
    for number in range(PICTURES):
        Image.fromarray(camera.frame()).save(film / f"{number:03}.jpg", quality=95)
    camera.close()
    shutil.rmtree(stage.folder)
    return [path.read_bytes() for path in sorted(film.iterdir())]


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory) -> Searched:
    """One enrolment, one opening, one withdrawal and one refusal, everything overheard."""
    folder = tmp_path_factory.mktemp("door")
    settings, stage = demo.make(folder)
    jpegs = _film(folder)
    path = folder / "settings.toml"
    text = path.read_text().replace('kind = "portraits"', 'kind = "pictures"').replace(str(stage.folder), str(folder / "film"))
    path.write_text(text)
    settings = load(path)
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder / "tmp"))
        with demo.running(path, settings) as device, RecordingVisitor(demo.kiosk_url(settings)) as kiosk:
            taps = [Tap(settings.folders.run / name) for name in ("sight.sock", "screen.sock")]
            for room in ("eyes", "front"):
                _replaced(device, room)
            _story(settings, stage, device, kiosk)
            for tap in taps:
                tap.close()
    return Searched(folder, settings, taps[0].heard, taps[1].heard, kiosk.answers, jpegs)


def _replaced(device: psutil.Process, room: str) -> None:
    """Kill a room, so that the one that comes after it dials the tap."""
    killed = room_of(device, room)
    killed.kill()
    for _ in range(500):
        with contextlib.suppress(NotHeld):
            if room_of(device, room).pid != killed.pid:
                return
        time.sleep(0.02)
    pytest.fail("The room did not come back.")


def _story(settings: Settings, stage: Stage, device: psutil.Process, kiosk: RecordingVisitor) -> None:
    kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])
    story = Story(settings=settings, stage=stage, device=device, kiosk=kiosk)
    story._collect("first")
    kiosk.press("next")
    kiosk.until("Choice")
    kiosk.press("my_face_too")
    kiosk.until("Notice")
    kiosk.agree()
    kiosk.until("Kept", within_s=60)
    kiosk.press("stop")
    story._opens(lambda: kiosk.press("use_face"))
    kiosk.until("Idle")
    kiosk.press("use_face")
    kiosk.until("Looking", "Opened")
    kiosk.hints(frames=1)
    kiosk.press("stop")


def test_embeddings_were_overheard_where_they_may_be(searched: Searched) -> None:
    """The test of the test: the tap hears, and the forms are found where an embedding really is."""
    embeddings = searched.embeddings()
    assert len(embeddings) > 20
    assert any(form in b"\n".join(searched.sight) for form in _forms(embeddings[0]))
    assert len(searched.screen) > 50
    assert len(searched.answers) > 50
    assert {"data/door.db", "device.log"} <= set(searched.places())


def test_no_probe_embedding_is_anywhere_else(searched: Searched) -> None:
    """MIN-03, MIN-10, WEB-12: not in the data, the keys, the run folder, temporary files, the log, the front or an answer."""
    for embedding in searched.embeddings():
        for form in _forms(embedding):
            assert [name for name, content in searched.places().items() if form in content] == []


def test_the_template_lies_nowhere_in_the_clear(searched: Searched) -> None:
    """CUS-05, CUS-08: the mean of five looks is kept sealed only; any mean of the frames' looks is not to be read."""
    numbers = np.stack([np.frombuffer(each, "<f4") for each in searched.embeddings()])
    for width in (3, 5):
        for start in range(len(numbers) - width + 1):
            mean = numbers[start : start + width].mean(axis=0, dtype=np.float32).astype("<f4").tobytes()
            assert [name for name, content in searched.places().items() if mean[200 : 200 + SLICE] in content] == []


def test_no_picture_is_anywhere(searched: Searched) -> None:
    """MIN-03, MIN-04: neither as the file it came from nor as pixels."""
    for jpeg in searched.jpegs:
        for needle in _pixels(jpeg):
            places = {**searched.places(), "sight socket": b"\n".join(searched.sight)}
            assert [name for name, content in places.items() if needle in content or needle.hex().encode() in content] == []


def test_the_log_holds_codes_and_counts_only(searched: Searched) -> None:
    for line in (searched.folder / "device.log").read_text().splitlines():
        told = json.loads(line)
        assert set(told) <= {"at", "code", "count", "room", "sentence"}, line
