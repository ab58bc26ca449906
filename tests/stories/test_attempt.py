"""The stories of an attempt and of a sitting, sight by sight."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import sentinel
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from device.contract.sight import Hint, Seen
from device.contract.words import Numbers128
from device.door.attempt import FRAMES_LEAST, FRAMES_MOST, Known, NotKnown, attempt
from device.door.enrol import FRAMES_APART, LOOKS, sitting
from device.door.vault import Gallery

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANN, BEN = uuid4(), uuid4()


def _numbers(seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).normal(0, 1, 128)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


def _seen(numbers: NDArray[np.float32] | None, track: int = 1, hint: Hint = Hint.FINE) -> Seen:
    embedding = None if numbers is None else Numbers128(numbers.astype("<f4").tobytes())
    return Seen(window=1, hint=hint, x=500, y=500, width=300, track=track, embedding=embedding)


def _gallery() -> Gallery:
    return Gallery(np.stack([_numbers(1), _numbers(2)]), (ANN, BEN))


def _told(story: Any, sights: list[Seen]) -> Any:
    next(story)
    for sight in sights:
        try:
            story.send(sight)
        except StopIteration as ended:
            return ended.value
    story.close()
    return None


def test_enough_agreeing_frames_of_somebody_enrolled_are_known() -> None:
    assert _told(attempt(_gallery()), [_seen(_numbers(2))] * FRAMES_LEAST) == Known(BEN)


def test_one_frame_fewer_decides_nothing() -> None:
    assert _told(attempt(_gallery()), [_seen(_numbers(2))] * (FRAMES_LEAST - 1)) is None


def test_a_stranger_is_not_known_after_a_while() -> None:
    assert _told(attempt(_gallery()), [_seen(_numbers(3))] * FRAMES_MOST) == NotKnown()


def test_frames_of_two_tracks_never_make_one_probe() -> None:
    """Promise 4: a face lost or replaced ends the window."""
    assert _told(attempt(_gallery()), [_seen(_numbers(2)), _seen(_numbers(2)), _seen(_numbers(2), track=2)]) == NotKnown()


def test_two_faces_end_what_was_begun() -> None:
    """MIN-02: frames from before somebody else came do not count."""
    both = _seen(None, track=0, hint=Hint.ONE_PERSON)
    assert _told(attempt(_gallery()), [_seen(_numbers(2)), _seen(_numbers(2)), both, _seen(_numbers(2))]) is None


def test_frames_that_disagree_open_for_nobody() -> None:
    sights = [_seen(_numbers(seed)) for seed in (1, 2, 1, 2, 1, 2)]
    assert _told(attempt(_gallery()), sights) is None


def test_a_gallery_wiped_in_the_middle_matches_nobody() -> None:
    """A withdrawal elsewhere takes effect inside a window, too (DEL-01)."""
    gallery = _gallery()
    story = attempt(gallery)
    next(story)
    story.send(_seen(_numbers(2)))
    gallery.wipe()
    story.send(_seen(_numbers(2)))
    story.send(_seen(_numbers(2)))
    story.close()


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, None]), st.sampled_from([1, 2]), st.sampled_from(list(Hint))), max_size=60))
def test_nobody_is_known_without_enough_frames_of_their_own(frames: list[tuple[int | None, int, Hint]]) -> None:
    sights = [_seen(None if seed is None else _numbers(seed), track, hint) for seed, track, hint in frames]
    outcome = _told(attempt(_gallery()), sights)
    if isinstance(outcome, Known):
        own = {ANN: 1, BEN: 2}[outcome.person]
        assert sum(seed == own for seed, _, _ in frames) >= FRAMES_LEAST


def _sitting() -> Any:
    return sitting(sentinel.consent)


def test_five_looks_apart_make_a_mean() -> None:
    sights = [_seen(_numbers(1))] * (LOOKS * FRAMES_APART)
    mean = _told(_sitting(), sights)
    assert np.allclose(mean, _numbers(1), atol=1e-6)


def test_looks_are_not_copies_of_one_another() -> None:
    """The first frames after a look do not count, so a template needs at least so many frames."""
    assert _told(_sitting(), [_seen(_numbers(1))] * ((LOOKS - 1) * FRAMES_APART)) is None


def _begun() -> Any:
    story = _sitting()
    next(story)
    for _ in range((LOOKS - 1) * FRAMES_APART):
        done = story.send(_seen(_numbers(1)))
    assert done == LOOKS - 1
    return story


@pytest.mark.parametrize("track", [1, 2])
def test_another_face_ends_the_looks_and_no_template_is_made(track: int) -> None:
    """CON-01, promise 4: a yes is for the one who gave it, however the other face got before the camera."""
    story = _begun()
    with pytest.raises(StopIteration) as ended:
        story.send(_seen(_numbers(2), track=track))
    assert ended.value.value is None


def test_a_passer_by_interrupts_the_looks_and_does_not_spoil_them() -> None:
    """MIN-02: while two are in view nothing counts; the same face after it goes on."""
    story = _begun()
    for _ in range(3 * FRAMES_APART):
        assert story.send(_seen(None, track=0, hint=Hint.ONE_PERSON)) == LOOKS - 1
    with pytest.raises(StopIteration) as ended:
        story.send(_seen(_numbers(1), track=2))
    assert np.allclose(ended.value.value, _numbers(1), atol=1e-6)


@pytest.mark.parametrize(
    ("hint", "width"), [(Hint.FINE, 249), (Hint.CLOSER, 300), (Hint.ONE_PERSON, 300), (Hint.HOLD_STILL, 300)]
)
def test_the_door_does_not_take_an_embedding_of_a_far_or_unfit_face(hint: Hint, width: int) -> None:
    """Promise 4 holds at the door, too, whatever eyes say."""
    sight = replace(_seen(_numbers(2), hint=hint), width=width)
    assert _told(attempt(_gallery()), [sight] * FRAMES_MOST) is None
    assert _told(_sitting(), [sight] * (LOOKS * FRAMES_APART * 2)) is None
