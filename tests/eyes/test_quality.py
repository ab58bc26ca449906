"""One hint, the one that helps most; a frame that is not fit is never called fine."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract.sight import Hint
from device.eyes.onnx_reader import OnnxReader
from device.eyes.portraits import PortraitCamera
from device.eyes.ports import NEAR_PX, Box, Frame
from device.eyes.quality import BLURRED, _inside, _sharpness, judge
from tests.eyes.pictures import BOTH, EILEEN, GRACE, PLAIN, Portrait, Shot, nobody, photograph, two_people

FACE = Box(215, 135, 210, 210, 1.0)
FAR = Box(20, 20, NEAR_PX - 1, NEAR_PX - 1, 1.0)
OTHER = Box(0, 120, NEAR_PX, NEAR_PX, 0.2)

_FRAME: Frame = photograph(GRACE)

boxes = st.builds(Box, st.integers(-60, 500), st.integers(-60, 340), st.integers(120, 240), st.just(200), st.just(1.0))


@pytest.mark.parametrize("portrait", BOTH)
@pytest.mark.parametrize("shot", [PLAIN, Shot(light=0.7), Shot(light=1.2), Shot(width=250), Shot(turn=8), Shot(blur=0.8)])
def test_a_good_look_is_fine(portrait: Portrait, shot: Shot) -> None:
    hint, box = judge(photograph(portrait, shot), (FACE,))
    assert (hint, box) == (Hint.FINE, FACE)


def test_nobody_is_nobody() -> None:
    assert judge(nobody(), ()) == (Hint.NOBODY, None)


def test_two_near_faces_are_never_fine() -> None:
    """MIN-02: more than one near face, and nobody is embedded, however sure the second is."""
    assert judge(two_people(), (FACE, OTHER)) == (Hint.ONE_PERSON, None)


def test_a_face_further_away_does_not_count() -> None:
    assert judge(photograph(GRACE), (FACE, FAR)) == (Hint.FINE, FACE)
    assert judge(photograph(GRACE), (FAR,)) == (Hint.CLOSER, None)


@pytest.mark.parametrize("portrait", BOTH)
def test_a_face_in_the_dark_wants_light(portrait: Portrait) -> None:
    assert judge(photograph(portrait, Shot(light=0.15)), (FACE,))[0] is Hint.MORE_LIGHT


@pytest.mark.parametrize("portrait", BOTH)
def test_a_moving_face_should_hold_still(portrait: Portrait) -> None:
    assert judge(photograph(portrait, Shot(blur=8)), (FACE,))[0] is Hint.HOLD_STILL


@pytest.mark.parametrize("portrait", BOTH)
@pytest.mark.parametrize("way", [0, 30, 45, 60, 90, 135])
@pytest.mark.parametrize("light", [0.6, 1])
def test_a_face_that_moves_one_way_should_hold_still(portrait: Portrait, way: float, light: float) -> None:
    """A blur along one direction leaves the edges along the other sharp; it counts all the same, also under a camera's noise."""
    moved = _moved(photograph(portrait, Shot(light=light)), 25, way)
    assert judge(moved, (FACE,))[0] is Hint.HOLD_STILL
    assert judge(_noisy(moved), (FACE,))[0] is Hint.HOLD_STILL


@pytest.mark.parametrize("portrait", BOTH)
@pytest.mark.parametrize("light", [0.5, 0.75, 1])
def test_a_sharp_face_is_sharp_by_a_wide_margin_in_any_light(portrait: Portrait, light: float) -> None:
    frame = photograph(portrait, Shot(light=light))
    for picture in (frame, _noisy(frame)):
        assert _sharpness(_inside(picture, FACE)) > 1.8 * BLURRED


@pytest.mark.parametrize("who", ["grace", "eileen"])
def test_who_stands_before_the_demos_camera_is_sharp(models: Path, tmp_path: Path, who: str) -> None:
    (tmp_path / "who").write_text(who)
    reader, camera = OnnxReader(models), PortraitCamera(tmp_path, simulated=True, seed=4)
    camera.open()
    for _ in range(10):
        frame = camera.frame()
        (box,) = reader.find(frame)
        assert _sharpness(_inside(frame, box)) > 1.25 * BLURRED
        assert judge(frame, (box,))[0] is Hint.FINE


def test_the_real_detector_sees_two_and_says_so(models: Path) -> None:
    reader = OnnxReader(models)
    assert judge(two_people(), reader.find(two_people())) == (Hint.ONE_PERSON, None)
    frame = photograph(EILEEN)
    assert judge(frame, reader.find(frame))[0] is Hint.FINE


@settings(max_examples=200, deadline=None)
@given(st.lists(boxes, max_size=4))
def test_fine_means_exactly_one_near_face(found: list[Box]) -> None:
    """MIN-02, whatever the detector says."""
    hint, box = judge(_FRAME, tuple(found))
    near = [face for face in found if face.width >= NEAR_PX]
    if hint is Hint.FINE:
        assert near == [box]
    if len(near) > 1:
        assert (hint, box) == (Hint.ONE_PERSON, None)


def test_judging_changes_nothing() -> None:
    frame = photograph(GRACE)
    before = frame.copy()
    judge(frame, (FACE,))
    assert (frame == before).all()


def _moved(frame: Frame, by: int, way: float) -> Frame:
    """The frame, blurred as if the face moved by so many pixels in this direction, in degrees."""
    line = np.zeros((by, by), np.float32)
    line[by // 2] = 1
    line = cv2.warpAffine(line, cv2.getRotationMatrix2D((by // 2, by // 2), way, 1), (by, by))
    return np.asarray(cv2.filter2D(frame, -1, line / line.sum()), np.uint8)


def _noisy(frame: Frame) -> Frame:
    noise = np.random.default_rng(2).normal(0, 3, frame.shape)
    return np.asarray(np.clip(frame + noise, 0, 255), np.uint8)
