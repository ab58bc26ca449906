"""Owns the story of one attempt by face: sights in, one outcome out, values flowing one way through numbered steps.

    1 one sight, of one near face          4 the mean of the agreeing frames is the probe
    2 of the same face as before           5 the nearest template, by threshold and margin
    3 enough frames                        6 known, or look on, until it is certain that nobody is meant

Frames, embeddings and probe are locals; they die when the story ends, and are overwritten. It opens nothing: that is for
`entry`, which also asks whether the person may. What never happens here: storing, counting or naming.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from device.contract.sight import Hint, Seen
from device.door.match import Match, agree, nearest
from device.door.vault import Gallery

FRAMES_LEAST: Final = 3
"""Agreeing frames that make a probe. Source: table "5, 3" in docs/accuracy.md."""
NEAR_THOUSANDTHS: Final = 250
"""Least width of a near face: 160 of 640 pixels. Source: design promise 4, MIN-02."""
FRAMES_MOST: Final = 45
"""Embedded frames after which nobody is meant: 1.5 s at 30 frames a second."""


@dataclass(frozen=True, slots=True)
class Known:
    """The face is this person's."""

    person: UUID


@dataclass(frozen=True, slots=True)
class NotKnown:
    """Nobody enrolled here is meant; nothing of the face is kept."""


Story = Generator[int, Seen, Known | NotKnown]


def attempt(gallery: Gallery) -> Story:
    """The outcome of one window; send it every sight, and close it when the window ends."""
    frames: list[NDArray[np.float32]] = []
    seen_most = 0
    track = 0
    try:
        while True:
            # 1 One sight. Two near faces end what was begun: nobody can say whose the frames were.
            sight = yield seen_most
            if sight.hint is Hint.ONE_PERSON:
                wipe(frames)
            numbers = near(sight)
            if numbers is None:
                continue
            # 2 The same face as before: a face lost or replaced ends the window (promise 4).
            if track and sight.track != track:
                return NotKnown()
            track = sight.track
            # 3 Enough frames.
            frames.append(numbers)
            seen_most += 1
            if len(frames) > FRAMES_LEAST:
                frames.pop(0).fill(0)
            if len(frames) < FRAMES_LEAST:
                continue
            # 4 The probe is the mean of frames that agree.
            latest = np.stack(frames)
            probe = latest.mean(axis=0)
            agreed = agree(latest)
            latest.fill(0)
            # 5 The nearest template.
            found = nearest(probe, gallery.templates) if agreed else None
            probe.fill(0)
            # 6 Known, or look on.
            if isinstance(found, Match):
                return Known(gallery.people[found.row])
            if seen_most >= FRAMES_MOST:
                return NotKnown()
    finally:
        wipe(frames)


def near(sight: Seen) -> NDArray[np.float32] | None:
    """The embedding of a sight of one near face that eyes call fit; the door does not take their word for a far one."""
    if sight.embedding is None or sight.hint is not Hint.FINE or sight.width < NEAR_THOUSANDTHS:
        return None
    return np.frombuffer(sight.embedding, dtype="<f4").copy()


def wipe(frames: list[NDArray[np.float32]]) -> None:
    """Overwrite embeddings that have served."""
    for frame in frames:
        frame.fill(0)
    frames.clear()
