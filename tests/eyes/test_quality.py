"""One hint, the one that helps most; a frame that is not fit is never called fine."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract.sight import Hint
from device.eyes.onnx_reader import OnnxReader
from device.eyes.ports import NEAR_PX, Box, Frame
from device.eyes.quality import judge
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
