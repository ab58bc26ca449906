"""The decision, pure: threshold, margin, one scalar for everybody."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.door.match import MARGIN, THRESHOLD, Match, NoMatch, agree, nearest

Numbers = NDArray[np.float32]


def _somebody(seed: int) -> Numbers:
    drawn = np.random.default_rng(seed).normal(0, 1, 128)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def _away(from_: Numbers, distance: float, seed: int = 99) -> Numbers:
    return from_ + np.float32(distance) * _somebody(seed)


seeds = st.integers(0, 10_000)


@given(seeds, st.floats(0, THRESHOLD * 0.99))
def test_a_probe_within_the_threshold_is_the_template(seed: int, distance: float) -> None:
    template = _somebody(seed)
    assert nearest(_away(template, distance), template[None]) == Match(0)


@given(seeds, st.floats(THRESHOLD * 1.01, 3))
def test_a_probe_beyond_the_threshold_is_nobody(seed: int, distance: float) -> None:
    """ACC-04: whatever else is enrolled, too far is too far."""
    template = _somebody(seed)
    assert nearest(_away(template, distance), template[None]) == NoMatch()


@given(seeds, st.floats(0, MARGIN * 0.9))
def test_two_people_nearly_as_near_are_nobody(seed: int, apart: float) -> None:
    """ACC-12: ambiguity is a refusal."""
    template = _somebody(seed)
    twin = _away(template, apart, seed=7)
    assert nearest(template, np.stack([template, twin])) == NoMatch()


@given(seeds, st.floats(0, 1.5), st.floats(0, 1))
def test_moving_a_probe_towards_the_template_never_turns_a_match_into_none(seed: int, distance: float, share: float) -> None:
    template = _somebody(seed)
    probe = _away(template, distance)
    nearer = template + np.float32(share) * (probe - template)
    if nearest(probe, template[None]) == Match(0):
        assert nearest(nearer, template[None]) == Match(0)


def test_nobody_enrolled_and_numbers_that_are_none_are_nobody() -> None:
    assert nearest(_somebody(1), np.zeros((0, 128), np.float32)) == NoMatch()
    broken = _somebody(1)
    broken[3] = np.nan
    assert nearest(broken, _somebody(1)[None]) == NoMatch()


def test_the_right_row_is_named() -> None:
    templates = np.stack([_somebody(seed) for seed in range(500)])
    assert nearest(_away(templates[417], 0.2), templates) == Match(417)


def test_looks_of_two_people_do_not_agree() -> None:
    assert agree(np.stack([_away(_somebody(1), 0.1, seed) for seed in range(5)]))
    assert not agree(np.stack([_somebody(1), _somebody(1), _somebody(2)]))
