"""Owns the story of one sitting: a live consent and guided looks in, one template's mean out.

It cannot begin without an `ActiveConsent`, and gives nothing to anybody but the vault. Looks are locals, overwritten at
the end. What never happens here: a picture, a look of anyone but the one person before the door.
"""

from collections.abc import Generator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.contract.sight import Seen
from device.door.attempt import near, wipe
from device.door.match import agree
from device.door.vault import ActiveConsent

LOOKS: Final = 5
"""Looks that make a template. Source: table "5, 3" in docs/accuracy.md."""
FRAMES_APART: Final = 10
"""Sights between two looks, so that looks are not copies of one another: a third of a second."""


Story = Generator[int, Seen, NDArray[np.float32] | None]


def sitting(consent: ActiveConsent) -> Story:
    """
    The mean of five agreeing looks of one person, shape (128,) float32; yields how many are taken.

    Nothing when another face came in between: a yes is for the one who gave it, so the looks end and no template is made.
    """
    del consent  # needed to begin, not to look
    looks: list[NDArray[np.float32]] = []
    since = FRAMES_APART
    try:
        while True:
            sight = yield len(looks)
            since += 1
            numbers = near(sight)
            if numbers is None or since < FRAMES_APART:
                continue
            since = 0
            looks.append(numbers)
            if not agree(np.stack(looks)):
                return None
            if len(looks) == LOOKS:
                mean: NDArray[np.float32] = np.mean(looks, axis=0, dtype=np.float32)
                return mean
    finally:
        wipe(looks)
