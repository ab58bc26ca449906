"""Owns how long the link waits between two tries: a second at least, longer after each failure, never in step with others.

What never happens here: a clock, a wait.
"""

import secrets
from typing import Final

SLOT_S: Final = 5.0
"""
What waits goes up in one request, every so many seconds of the machine's clock at a phase of this door's own.

The door says its minute as soon as it looks at the clock, and a touch at its screen moves that by a part of a second; on the
line nobody sees when it was.
"""
SIMULATED_GATHER_S: Final = 0.3
"""With a simulated clock, whose days pass in seconds."""
LEAST_S: Final = 1.0
FIRST_S: Final = 2.0
MOST_S: Final = 60.0
"""A console that comes back is found within a minute, and a thousand doors do not come at once."""
RETIRED_S: Final = 3600.0
"""A door that was retired asks again after an hour."""

_CHANCE: Final = secrets.SystemRandom()


class Patience:
    """One lane's patience."""

    def __init__(self) -> None:
        self._most_s = FIRST_S

    def failed(self) -> float:
        """A try failed: how long to wait, by chance between a second and twice as long as before."""
        wait_s = _CHANCE.uniform(LEAST_S, self._most_s)
        self._most_s = min(MOST_S, self._most_s * 2)
        return wait_s

    def held(self) -> None:
        """It went well: the next failure is the first again."""
        self._most_s = FIRST_S
