"""Owns the one act of opening: may this person, then the lock, then the person's own record. Every way in ends here.

What never happens here: knowing which way in it was; an opening without a confirmed lock; a record of a refusal's reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from device.door.journal import Journal
from device.door.people import People
from device.door.ports import Lock
from device.errors import FaultCode, VaultError


@dataclass(frozen=True, slots=True)
class Entry:
    """What it takes to let somebody in."""

    people: People
    journal: Journal
    lock: Lock
    open_s: int
    note: Callable[[FaultCode], object]
    """Told when the door opened and its record could not be written."""

    def admit(self, person: UUID, now: datetime) -> bool:
        """
        Open for this person if they may; False if they may not.

        Raises: LockFault; then nothing is recorded.
        """
        if not self.people.active(person):
            return False
        self.lock.open_for(self.open_s)
        try:
            self.journal.opened(person, now)
        except VaultError as fault:
            self.note(fault.code)
        return True
