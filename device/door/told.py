"""Owns what the screen tells of the office's acts: to everybody, to readers of the notice page, to one person of their own.

What never happens here: telling one person of another; an act.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from device.contract.words import Blob
from device.door.cells import Cells
from device.door.console import Console
from device.door.custodians import Custodians
from device.door.group import Group
from device.door.incidents import Requests
from device.door.joining import Joining
from device.door.vault import Vault
from device.door.visit.tidings import ToAll, ToOne, ToReaders


@dataclass(frozen=True, slots=True)
class Told:
    """The tidings of one door."""

    console: Console
    vault: Vault
    requests: Requests
    custodians: Custodians
    joining: Joining

    def to_all(self, now: datetime) -> ToAll:
        """For the idle screen."""
        return ToAll(
            testing=self.console.testing(now),
            notice_on=self.vault.notices.changed_on(now),
            alone_since=self.console.alone_since(now),
            announced=bool(self.requests.announced(now) or self.custodians.changed(now) or self.joining.granted(now)),
        )

    def to_readers(self, now: datetime) -> ToReaders:
        """For the notice page."""
        keys = self.custodians.in_force()
        return ToReaders(
            asked=self.requests.announced(now),
            custodians_on=self.custodians.changed(now),
            doors_on=self.joining.granted(now),
            custodians=None if keys is None else Blob(keys.incident),
        )

    def to_one(self, person: UUID, now: datetime) -> ToOne:
        """For this person's own page."""
        del now
        return ToOne(
            renew_by=self.vault.about(person).renew_by,
            looks=self.vault.journal.looks(person),
            asked=self.requests.of(person),
            evidence_asked=self.requests.evidence_of(person),
        )


@dataclass(frozen=True, slots=True)
class Others:
    """The doors that share people with this one."""

    group: Group
    cells: Cells

    def others(self) -> int:
        """How many there are."""
        return len(self.group.others)

    def withdraw_everywhere(self, person: UUID, now: datetime) -> int:
        """Have every other door withdraw this person's face, too; how many have not confirmed it yet."""
        return self.cells.withdraw_everywhere(person, now)

    def unconfirmed(self, person: UUID) -> int:
        """How many have not confirmed an earlier withdrawal of this person."""
        return self.cells.unconfirmed(person)
