"""Owns what waits to go up, and where policy stands: who the door is, its newest minute, the records not stored yet.

Bounded: an older minute gives way to a newer one, records are as many as the door lets fly. What never happens here:
understanding any of it; a disk.
"""

import math
from collections.abc import Callable, Iterable
from threading import Condition, Event
from time import monotonic
from typing import Final

from device.contract.console import About, Minute, Record, frame
from device.contract.words import Message
from device.errors import WireError

RECORDS_MOST: Final = 200
"""The door keeps to fifty."""
BODY_MOST: Final = 400_000
"""Bytes of one request; the console takes half a megabyte."""
SETTLED_S: Final = 10.0
"""A door that stands behind what it was told longer ago than this has not taken it, and is told it again."""


class Tray:
    """What one door wants told, and how far it was told."""

    def __init__(self, behind: Callable[[], object], clock_s: Callable[[], float] = monotonic) -> None:
        """`behind` is called when the door stands behind what it was told."""
        self.told = Event()
        """Set once the door has said who it is; nothing is dialled for one that has not."""
        self._behind = behind
        self._clock_s = clock_s
        self._forwarded_s = -math.inf
        self._changed = Condition()
        self._about: About | None = None
        self._minute: Minute | None = None
        self._records: dict[int, Record] = {}
        self._new = self._about_new = False
        self.policy = 0
        """Where policy stands at the door, as far as anybody knows."""

    def begin(self) -> None:
        """Another door, or the same anew: it says everything again."""
        with self._changed:
            self._about = self._minute = None
            self._records.clear()
            self._new = self._about_new = False
            self.policy, self._forwarded_s = 0, -math.inf
            self.told.clear()

    def put(self, message: Message) -> None:
        """
        The door says this.

        Raises: WireError when it says more than there is room for.
        """
        with self._changed:
            if isinstance(message, About):
                self._about, self._about_new = message, True
                self._stands(message.policy)
                self.told.set()
            elif isinstance(message, Minute):
                self._minute = message
                self._stands(message.policy)
            elif isinstance(message, Record):
                self._records[message.number] = message  # type: ignore[attr-defined]  # every record has a number
                if len(self._records) > RECORDS_MOST:
                    raise WireError("The door sends more than may be under way.")
            self._new = True
            self._changed.notify_all()

    def forwarded(self, policy: int) -> None:
        """The door was told the policy that ends here."""
        with self._changed:
            self.policy, self._forwarded_s = policy, self._clock_s()

    def _stands(self, policy: int) -> None:
        if policy < self.policy and self._clock_s() - self._forwarded_s >= SETTLED_S:
            self.policy = policy
            self._behind()
        else:
            self.policy = max(self.policy, policy)

    def stored(self, number: int) -> bool:
        """The console has stored all records up to this one; whether that is news."""
        with self._changed:
            gone = [one for one in self._records if one <= number]
            for one in gone:
                del self._records[one]
            return bool(gone)

    def wait(self, within_s: float) -> bool:
        """Whether there is something to tell, now or within that time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._new or bool(self._records), within_s)

    def take(self, *, fresh: bool) -> list[Message]:
        """What goes into the next request; to a console that was away, first who the door is. Records stay until stored."""
        with self._changed:
            first = [self._about] if self._about is not None and (fresh or self._about_new) else []
            minute, self._minute, self._new, self._about_new = self._minute, None, False, False
            records = (self._records[number] for number in sorted(self._records))
            return [*first, *([] if minute is None else [minute]), *_fitting(records)]

    def give_back(self, messages: Iterable[Message]) -> None:
        """These did not arrive: the minute waits on, unless a newer one has come."""
        with self._changed:
            for message in messages:
                if isinstance(message, Minute) and self._minute is None:
                    self._minute = message
            self._new = True


def _fitting(records: Iterable[Record]) -> Iterable[Record]:
    size = 0
    for record in records:
        size += len(frame(record))
        if size > BODY_MOST:
            return
        yield record
