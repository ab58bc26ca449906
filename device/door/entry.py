"""Owns the one act of opening: may this person now, then the lock, then the person's own record. Every way in ends here.

What never happens here: knowing which way in it was; an opening without a confirmed lock; a record of a refusal's reason.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from device.contract.screen import NoEntry
from device.door.admission import Admission
from device.door.guests import Guests
from device.door.journal import Journal
from device.door.ports import Lock
from device.errors import FaultCode, VaultError


class Let(StrEnum):
    """That the door opened, or would have but for the office's test mode, when nothing opens and nothing is recorded."""

    OPENED = "opened"
    TESTED = "tested"


@dataclass(frozen=True, slots=True)
class Entry:
    """What it takes to let somebody in."""

    admission: Admission
    guests: Guests
    journal: Journal
    lock: Lock
    factors: int
    open_s: Callable[[], int]
    """How long the lock opens, by the settings in force."""
    testing: Callable[[datetime], bool]
    note: Callable[[FaultCode], object]
    """Told when the door opened and its record could not be written."""

    def admit(self, person: UUID, now: datetime) -> Let | NoEntry:
        """
        Open for this person if they may, now; why not, if they may not.

        Raises: LockFault; then nothing is recorded.
        """
        refusal = self.admission.refusal(person, now)
        if refusal is not None:
            return refusal
        let = self._open(now)
        if let is Let.OPENED:
            try:
                self.journal.opened(person, now)
            except VaultError as fault:
                self.note(fault.code)
        return let

    def admit_guest(self, payload: bytes, now: datetime) -> Let | NoEntry:
        """
        Open for whoever bears this visitor's code, where one factor is enough; nobody is recorded.

        Raises: LockFault.
        """
        if self.factors != 1 or not self.guests.admits(payload, now):
            return NoEntry.NOT_VALID
        return self._open(now)

    def _open(self, now: datetime) -> Let:
        if self.testing(now):
            return Let.TESTED
        self.lock.open_for(self.open_s())
        return Let.OPENED
