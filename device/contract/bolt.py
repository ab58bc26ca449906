"""What the door says to the lock's keeper, and what the keeper answers.

A keeper is told how long, never "open" alone: it holds the timer and closes by itself whatever becomes of the door.
"""

from device.contract.office import LockState
from device.contract.words import Message, Part, why, word

OPEN_LEAST_MS = 3_000
"""Shortest release. Source: SAF-06."""
OPEN_MOST_MS = 30_000
"""Longest release; the keeper refuses more, so that no fault can prop a door open."""


@word
class OpenFor(Message):
    """Door to keeper: open now and close after this."""

    ms: int = why("the keeper closes by itself after this")
    not_after_ms: int = why("by the machine's monotonic clock: one that was held up on its way opens nothing any more")


@word
class AskLock(Message):
    """Door to keeper: how are you?"""


@word
class Move(Part):
    """One change of the lock, as the keeper saw it."""

    state: LockState = why("what it became")
    at_ms: int = why("keeper's monotonic clock, for checks after a crash")


@word
class LockIs(Message):
    """Keeper to door: what the lock is, and its last moves."""

    state: LockState = why("unknown is a state")
    moves: tuple[Move, ...] = why("what it did since the keeper started; names nobody")


TO_KEEPER: tuple[type[Message], ...] = (OpenFor, AskLock)
FROM_KEEPER: tuple[type[Message], ...] = (LockIs,)
