"""A face keeps its number only while it is surely the same face (design promise 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.eyes.ports import Box
from device.eyes.track import LOST_FRAMES, Track, overlap

HERE = Box(220, 140, 200, 200, 1.0)
MOVED = Box(235, 150, 200, 200, 1.0)
ELSEWHERE = Box(20, 140, 200, 200, 1.0)

boxes = st.builds(Box, st.integers(-200, 640), st.integers(-200, 480), st.integers(1, 500), st.integers(1, 500), st.just(1.0))


def test_a_face_that_moves_a_little_keeps_its_number() -> None:
    track = Track()
    assert track.follow(HERE) == track.follow(MOVED) == track.follow(HERE) == 1


def test_a_face_that_jumps_is_another() -> None:
    track = Track()
    assert track.follow(HERE) != track.follow(ELSEWHERE)


def test_a_face_that_was_lost_is_another() -> None:
    track = Track()
    before = track.follow(HERE)
    for _ in range(LOST_FRAMES):
        assert track.follow(None) == 0
    assert track.follow(HERE) == before + 1


def test_a_face_missed_for_two_frames_is_the_same() -> None:
    track = Track()
    before = track.follow(HERE)
    track.follow(None)
    track.follow(None)
    assert track.follow(HERE) == before


def test_a_tenth_of_a_second_without_a_face_loses_it() -> None:
    """At 30 frames a second nobody takes another's place in less."""
    assert LOST_FRAMES == 3


@pytest.mark.parametrize("box", [None, HERE])
def test_a_face_with_company_is_lost_at_once(box: Box | None) -> None:
    """Promise 4: after a second near face there is no telling which of the two is left."""
    track = Track()
    before = track.follow(HERE)
    assert track.follow(box, alone=False) == 0
    assert track.follow(HERE) == before + 1


@given(st.lists(st.none() | boxes, max_size=40))
def test_numbers_only_grow_and_no_face_has_none(seen: list[Box | None]) -> None:
    track, highest = Track(), 0
    for box in seen:
        number = track.follow(box)
        assert (number == 0) == (box is None)
        if box is not None:
            assert number in {highest, highest + 1}
            highest = number


@given(boxes, boxes)
def test_overlap_is_a_share_and_knows_no_first(one: Box, other: Box) -> None:
    assert 0 <= overlap(one, other) == overlap(other, one) <= 1
    assert overlap(one, one) == 1
