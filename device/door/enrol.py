"""Owns the story of one sitting: a live consent and guided looks in, one template's mean out.

It cannot begin without an `ActiveConsent`, and gives nothing to anybody but the vault. Looks are locals, overwritten at
the end. What never happens here: a picture, a look of anyone but the one person before the door.
"""

from collections.abc import Generator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.contract.sight import Hint, Seen
from device.door.match import agree
from device.door.vault import ActiveConsent

LOOKS: Final = 5
"""Looks that make a template. Source: table "5, 3" in docs/accuracy.md."""
FRAMES_APART: Final = 10
"""Sights between two looks, so that looks are not copies of one another: a third of a second."""


Story = Generator[int, Seen, NDArray[np.float32]]


def sitting(consent: ActiveConsent) -> Story:
    """
    The mean of five agreeing looks of one tracked face, shape (128,) float32; yields how many are taken.

    Two near faces, a lost face or a look that disagrees begin the sitting anew; close it when the person leaves.
    """
    del consent  # needed to begin, not to look
    looks: list[NDArray[np.float32]] = []
    track = 0
    since = FRAMES_APART
    try:
        while True:
            sight = yield len(looks)
            since += 1
            if sight.hint is Hint.ONE_PERSON or (sight.embedding is not None and track and sight.track != track):
                _wipe(looks)
                track = 0
            if sight.embedding is not None and since >= FRAMES_APART:
                track = sight.track
                since = 0
                looks.append(np.frombuffer(sight.embedding, dtype="<f4").copy())
                if not agree(np.stack(looks)):
                    _wipe(looks)
            if len(looks) == LOOKS:
                mean: NDArray[np.float32] = np.mean(looks, axis=0, dtype=np.float32)
                return mean
    finally:
        _wipe(looks)


def _wipe(looks: list[NDArray[np.float32]]) -> None:
    for look in looks:
        look.fill(0)
    looks.clear()
