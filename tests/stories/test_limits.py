"""Failures slow a way in, and nothing else."""

from hypothesis import given
from hypothesis import strategies as st

from device.door.limits import (
    FACE_FREE,
    FACE_MOST,
    FACE_REST_S,
    FACE_WAIT_S,
    KEYPAD_FREE,
    KEYPAD_REST_S,
    KEYPAD_WAIT_MOST_S,
    FaceLimit,
    KeypadLimit,
)


def _failed(limit: FaceLimit | KeypadLimit, times: int, at_s: float = 0.0) -> None:
    for _ in range(times):
        limit.failed(at_s)


def test_the_face_waits_after_five_failures_and_not_after_four() -> None:
    """ACC-10 at 5/6."""
    limit = FaceLimit(FACE_REST_S)
    _failed(limit, FACE_FREE - 1)
    assert limit.open(1)
    limit.failed(1)
    assert not limit.open(2)
    assert limit.open(1 + FACE_WAIT_S)


def test_the_face_ends_after_fifty_failures_until_there_was_an_hour_of_quiet() -> None:
    """ACC-10 at 50/51."""
    limit = FaceLimit(FACE_REST_S)
    _failed(limit, FACE_MOST - 1)
    assert limit.open(FACE_WAIT_S)
    limit.failed(FACE_WAIT_S)
    assert not limit.open(FACE_WAIT_S + FACE_REST_S - 1)
    assert limit.open(FACE_WAIT_S + FACE_REST_S)


def test_somebody_getting_in_forgets_the_failures() -> None:
    limit = FaceLimit(FACE_REST_S)
    _failed(limit, FACE_MOST)
    limit.passed()
    assert limit.open(0)


def test_wrong_pins_slow_the_keypad_more_and_more_but_never_for_long() -> None:
    """ACC-11."""
    limit = KeypadLimit(KEYPAD_REST_S)
    _failed(limit, KEYPAD_FREE - 1)
    assert limit.wait_s(0) == 0
    waits = []
    for _ in range(12):
        limit.failed(0)
        waits.append(limit.wait_s(0))
    assert waits == sorted(waits)
    assert waits[0] > 0
    assert waits[-1] == KEYPAD_WAIT_MOST_S


@given(st.lists(st.floats(0, 5000), max_size=200))
def test_the_keypad_always_listens_again_within_a_minute(moments: list[float]) -> None:
    """Nobody is locked out for good (WEB-04's rule, at the door)."""
    limit = KeypadLimit(KEYPAD_REST_S)
    for at_s in sorted(moments):
        limit.failed(at_s)
        assert limit.wait_s(at_s + KEYPAD_WAIT_MOST_S) == 0
