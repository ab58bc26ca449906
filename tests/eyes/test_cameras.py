"""Every camera keeps the same promises; a fault is one clear sentence; nothing is opened that is no camera."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from device.config import load
from device.errors import ByleaveError, CameraFault, FaultCode, PictureError, SettingsError
from device.eyes import codes
from device.eyes.cameras import AttachedCamera, PicturesCamera, VideoCamera, read
from device.eyes.onnx_reader import OnnxReader
from device.eyes.portraits import PortraitCamera
from device.eyes.ports import HEIGHT, WIDTH, Camera, Frame
from tests.eyes.pictures import BOTH, photograph

SETTINGS = """
simulated = true
site = {{ name = "Studio Nord", door = "front door", controller = "Studio Nord", contact = "us", zone = "UTC" }}
folders = {{ data = "data", keys = "keys", run = "run", models = "models", link = "link" }}
camera = {{ kind = "{kind}", source = "{source}" }}
lock = {{ kind = "simulated", open_s = 5 }}
recognition = {{ engine = "onnx", face = "off" }}
entry = {{ factors = 1 }}
kiosk = {{ port = 0 }}
keeping = {{ template_days = 180, unused_days = 90, openings_days = 30, code_days = 7, notice_days = 30 }}
"""


class FakeCapture:
    """Has OpenCV's shape: gives frames until it is unplugged."""

    def __init__(self, path: str, _kind: int) -> None:
        self.path, self.open, self.left = path, True, 1_000

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's own name
        return self.open

    def read(self) -> tuple[bool, Any]:
        self.left -= 1
        if self.left < 0 or not self.open:
            return False, None
        return True, np.full((HEIGHT, WIDTH, 3), (10, 20, 200), np.uint8)

    def set(self, _which: int, _value: float) -> bool:
        return True

    def release(self) -> None:
        self.open = False


FAKE: Any = FakeCapture


@pytest.fixture
def attached() -> Camera:
    return AttachedCamera("0", FAKE)


@pytest.fixture
def video(tmp_path: Path) -> Camera:
    path = tmp_path / "two.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30, (WIDTH, HEIGHT))
    for portrait in BOTH:
        writer.write(cv2.cvtColor(photograph(portrait), cv2.COLOR_RGB2BGR))
    writer.release()
    return VideoCamera(path, simulated=True)


@pytest.fixture
def pictures(tmp_path: Path) -> Camera:
    for name, portrait in zip(("a.png", "b.jpg"), BOTH, strict=True):
        _put(tmp_path / name, photograph(portrait))
    return PicturesCamera(tmp_path, simulated=True)


@pytest.fixture
def portraits(tmp_path: Path) -> Camera:
    (tmp_path / "who").write_text("grace")
    return PortraitCamera(tmp_path, simulated=True, seed=1)


@pytest.fixture(scope="module")
def reader(models: Path) -> OnnxReader:
    return OnnxReader(models)


@pytest.fixture(params=["attached", "video", "pictures", "portraits"])
def camera(request: pytest.FixtureRequest) -> Camera:
    chosen: Camera = request.getfixturevalue(request.param)
    return chosen


class TestEveryCamera:
    """The shared suite."""

    def test_gives_frames_of_one_shape_that_are_the_callers_own(self, camera: Camera) -> None:
        camera.open()
        for _ in range(5):
            frame = camera.frame()
            assert frame.shape == (HEIGHT, WIDTH, 3)
            assert frame.dtype == np.uint8
            assert frame.flags.c_contiguous
            assert frame.any()
            frame.fill(0)
        camera.close()

    def test_gives_red_first(self, camera: Camera) -> None:
        camera.open()
        red, _, blue = camera.frame()[100:400, 200:440].reshape(-1, 3).mean(axis=0)
        assert red > blue
        camera.close()

    def test_gives_nothing_while_it_is_closed(self, camera: Camera) -> None:
        """MIN-01: no frame without a window."""
        with pytest.raises(CameraFault):
            camera.frame()
        camera.open()
        camera.close()
        with pytest.raises(CameraFault):
            camera.frame()

    def test_closes_twice_and_opens_again(self, camera: Camera) -> None:
        camera.close()
        camera.open()
        camera.close()
        camera.close()
        camera.open()
        assert camera.frame().any()
        camera.close()


@pytest.mark.parametrize("make", [VideoCamera, PicturesCamera, PortraitCamera])
def test_a_simulated_camera_refuses_a_real_door(make: Callable[..., Camera], tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="simulated = true"):
        make(tmp_path, simulated=False)


@pytest.mark.parametrize("make", [VideoCamera, PicturesCamera, PortraitCamera])
def test_a_source_that_is_not_there_is_a_missing_camera(make: Callable[..., Camera], tmp_path: Path) -> None:
    _faults(make(tmp_path / "nowhere", simulated=True).open, CameraFault, FaultCode.CAMERA_MISSING)


@pytest.mark.parametrize("source", ["0", "63", "/dev/video0", "/dev/nothing-like-a-camera"])
def test_a_camera_that_is_not_there_is_one_sentence(source: str) -> None:
    """This machine may have a camera or none; under this name it has none."""
    missing = AttachedCamera(source, _unplugged)
    _faults(missing.open, CameraFault, FaultCode.CAMERA_MISSING)
    with pytest.raises(CameraFault, match="There is no camera at /dev/"):
        missing.open()


def test_opencv_itself_finds_no_camera_where_none_is(capfd: pytest.CaptureFixture[str]) -> None:
    _faults(AttachedCamera("/dev/no-such-camera").open, CameraFault, FaultCode.CAMERA_MISSING)
    capfd.readouterr()


@pytest.mark.parametrize(
    "source",
    [
        "http://10.0.0.1/stream",
        "rtsp://camera.example/1",
        "udp://239.0.0.1:1234",
        "file.mp4",
        "-1",
        "",
        "v4l2src ! appsink",
        "/etc/passwd",
        "/dev/video0\n",
        "//10.0.0.1/dev/video0",
        "/dev/../etc/passwd",
        "/dev/v4l/../../home/film.mp4",
        "/dev/..",
        "/dev/./video0",
        "/dev//video0",
        "/dev/",
    ],
)
def test_an_address_is_never_a_camera(source: str) -> None:
    """No camera elsewhere can be viewed or opened."""
    with pytest.raises(SettingsError, match=r"camera\.source"):
        AttachedCamera(source, FAKE)


@pytest.mark.parametrize(
    "source", ["/dev/video0", "/dev/v4l/by-id/usb-046d_HD..Cam-video-index0", "/dev/v4l/by-path/pci-0:14.0-usb"]
)
def test_a_device_by_any_of_its_names_is_a_camera(source: str) -> None:
    attached = AttachedCamera(source, FAKE)
    attached.open()
    assert attached.frame().any()


@pytest.mark.parametrize(("source", "leads"), [("stage", "{here}/stage"), ("../stage", "{here}/../stage"), ("/stage", "/stage")])
def test_a_simulated_cameras_source_is_looked_for_beside_the_settings(tmp_path: Path, source: str, leads: str) -> None:
    """As the folders are; wherever the program was started."""
    assert load(_settings(tmp_path, "portraits", source)).camera.source == leads.format(here=tmp_path)


@pytest.mark.parametrize("source", ["0", "/dev/video0"])
def test_an_attached_cameras_source_stays_as_it_is(tmp_path: Path, source: str) -> None:
    assert load(_settings(tmp_path, "attached", source)).camera.source == source


def test_a_camera_unplugged_in_a_window_is_lost() -> None:
    made = FakeCapture("/dev/video0", 0)
    handing_out: Any = lambda *_: made  # noqa: E731  # stands for OpenCV's class
    camera = AttachedCamera("/dev/video0", handing_out)
    camera.open()
    camera.frame()
    made.left = 0
    _faults(camera.frame, CameraFault, FaultCode.CAMERA_LOST)
    camera.close()
    assert not made.open


@pytest.mark.parametrize("content", [b"", b"not a video at all", b"RIFF\x00\x00\x00\x00AVI LIST"])
def test_a_file_that_is_no_video_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "film.avi").write_bytes(content)
    _faults(VideoCamera(tmp_path / "film.avi", simulated=True).open, PictureError, FaultCode.PICTURE)


def test_a_video_begins_again_at_its_end(video: Camera) -> None:
    video.open()
    frames = [video.frame().astype(int) for _ in range(5)]
    assert np.abs(frames[0] - frames[1]).mean() > 10
    assert np.abs(frames[0] - frames[4]).mean() < 1
    video.close()


@pytest.mark.parametrize("content", [b"", b"words", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0rubbish"])
def test_a_file_that_is_no_picture_is_named_and_nothing_else(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "face.png").write_bytes(content)
    camera = PicturesCamera(tmp_path, simulated=True)
    camera.open()
    with pytest.raises(PictureError, match=r"face\.png") as refused:
        camera.frame()
    assert str(tmp_path) not in refused.value.sentence
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("shape", [(100, 900, 3), (900, 100, 3), (480, 640, 3), (7, 5, 3), (1080, 1920, 3)])
def test_pictures_of_any_shape_become_frames(tmp_path: Path, shape: tuple[int, ...]) -> None:
    _put(tmp_path / "a.png", np.full(shape, 90, np.uint8))
    camera = PicturesCamera(tmp_path, simulated=True)
    camera.open()
    assert camera.frame().shape == (HEIGHT, WIDTH, 3)


class TestPortraits:
    """The demo's camera shows to the real networks who is said to stand there."""

    @pytest.mark.parametrize("who", ["grace", "eileen", "both"])
    def test_nothing_but_people_and_a_calm_wall_is_seen(self, tmp_path: Path, who: str) -> None:
        """No edge of a picture, nothing smeared: where nobody stands the frame is as smooth as the empty doorway."""
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        (tmp_path / "who").write_text(who)
        steps = np.abs(np.diff(cv2.GaussianBlur(camera.frame(), (0, 0), 4)[:80].astype(int), axis=1)).max(axis=(0, 2))
        assert (steps[[*range(20), *range(WIDTH - 21, WIDTH - 1)]] <= 3).all()

    @pytest.mark.parametrize(
        ("who", "near"), [("grace", 1), ("eileen", 1), ("both", 2), ("nobody", 0), ("darkness", 0), ("badge", 0)]
    )
    def test_who_stands_there_is_seen(self, reader: OnnxReader, tmp_path: Path, who: str, near: int) -> None:
        (tmp_path / "who").write_text(who)
        (tmp_path / "badge").write_bytes(b"a badge")
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        for _ in range(8):
            found = reader.find(camera.frame())
            assert len(found) == near
            assert all(175 <= box.width <= 260 for box in found)

    def test_who_stands_there_can_change_within_a_window(self, reader: OnnxReader, tmp_path: Path) -> None:
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        assert reader.find(camera.frame()) == ()
        (tmp_path / "who").write_text("eileen\n")
        assert len(reader.find(camera.frame())) == 1

    def test_looks_differ_as_photographs_do_and_stay_the_same_person(self, reader: OnnxReader, tmp_path: Path) -> None:
        (tmp_path / "who").write_text("grace")
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        frames = [camera.frame() for _ in range(6)]
        looks = np.array([reader.embed(frame, reader.find(frame)[0]) for frame in frames])
        apart = np.linalg.norm(looks - looks.mean(axis=0), axis=1)
        assert apart.min() > 0.01
        assert apart.max() < 0.2

    def test_the_two_are_far_from_each_other(self, reader: OnnxReader, tmp_path: Path) -> None:
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        looks = []
        for who in ("grace", "eileen"):
            (tmp_path / "who").write_text(who)
            frames = [camera.frame() for _ in range(4)]
            looks.append(np.array([reader.embed(frame, reader.find(frame)[0]) for frame in frames]))
        assert np.linalg.norm(looks[0][:, None] - looks[1], axis=2).min() > 0.6

    def test_a_badge_held_up_can_be_read(self, tmp_path: Path) -> None:
        payload = bytes(range(200))
        (tmp_path / "who").write_text("badge")
        (tmp_path / "badge").write_bytes(payload)
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        read_there = [code.payload for _ in range(6) for code in codes.read(camera.frame())]
        assert read_there
        assert set(read_there) == {payload}

    def test_an_empty_hand_holds_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "who").write_text("badge")
        camera = PortraitCamera(tmp_path, simulated=True, seed=3)
        camera.open()
        assert codes.read(camera.frame()) == ()

    def test_frames_come_at_a_cameras_pace(self, portraits: Camera) -> None:
        portraits.open()
        # From before the first frame: one that a busy machine delivers late does not bring the next ones sooner.
        began_s = time.monotonic()
        for _ in range(10):
            portraits.frame()
        assert time.monotonic() - began_s > 0.25


def test_a_picture_that_is_gone_is_a_lost_camera(tmp_path: Path) -> None:
    _faults(lambda: read(tmp_path / "gone.png"), CameraFault, FaultCode.CAMERA_LOST)


def _unplugged(path: str, kind: int) -> Any:
    capture = FakeCapture(path, kind)
    capture.open = False
    return capture


def _faults(act: Callable[[], object], kind: type[ByleaveError], code: FaultCode) -> None:
    with pytest.raises(kind) as fault:
        act()
    assert fault.value.code is code
    assert fault.value.sentence.count("\n") == 0


def _settings(folder: Path, kind: str, source: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(SETTINGS.format(kind=kind, source=source))
    return path


def _put(path: Path, frame: Frame) -> None:
    path.write_bytes(cv2.imencode(path.suffix, cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))[1].tobytes())
