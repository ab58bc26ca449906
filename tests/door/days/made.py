"""A paired door's sealed days: real vault, real outbox, custodians whose private halves the test holds."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from admin.incident import files, keys, opening
from device.contract import sealed
from device.contract.console import Bundle, BundlePart, DayReleased, EvidenceReleased, IncidentAsked, Reason, Record
from device.door.console import Console, Pinned
from device.door.custodians import Custodians, Keys
from device.door.days import Days
from device.door.evidence import Evidence
from device.door.incidents import Requests
from device.door.outbox import Outbox
from tests.door.vault.made import Door

ZONE: Final = ZoneInfo("Europe/Berlin")
DAY: Final = date(2026, 3, 4)
OPENINGS_DAYS: Final = 30


def at(hour: int, minute: int = 0, day: date = DAY, fold: int = 0) -> datetime:
    """This moment of the day, by the door's wall clock."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZONE, fold=fold).astimezone(UTC)


NIGHT: Final = at(0, 1, DAY + timedelta(days=1))
"""Just after the day is over."""


@dataclass
class Paired:
    """A door with custodians."""

    door: Door
    id: UUID = field(default_factory=uuid4)
    private: keys.Keys = field(default_factory=lambda: keys.derive(keys.draw()))

    def __post_init__(self) -> None:
        store = self.door.store
        self.outbox = Outbox(store)
        self.custodians = Custodians(store, self.outbox)
        self.evidence = Evidence(store)
        self.requests = Requests(store, self.door.keys, self.outbox, ZONE)
        self.days = Days(store, self.door.keys, self.outbox, ZONE, lambda: OPENINGS_DAYS)

    def pair(self, now: datetime) -> None:
        pinned = Pinned(self.id, bytes(32), bytes(32))
        public = self.private.public()
        with self.door.store.transaction():
            Console(self.door.store).pin(pinned, now)
            self.custodians.pin(Keys(public.incident, public.evidence, public.statement), now)

    def opens(self, person: UUID, when: datetime) -> None:
        self.door.vault.journal.opened(person, when)

    def records(self) -> list[Record]:
        return self.outbox.waiting(0, 10_000)

    def bundle(self, bundle: Bundle, day: date = DAY) -> bytes:
        """A day's bundle, as it waits for the console."""
        number = sealed.day_number(day)
        parts = [one for one in self.records() if isinstance(one, BundlePart) and one.bundle is bundle]
        pieces = [one for one in parts if int(one.day.timestamp()) == number]
        assert [one.part for one in pieces] == list(range(len(pieces)))
        assert all(one.of == len(pieces) for one in pieces)
        assert all(len(one.sealed) == sealed.PART_BYTES for one in pieces)
        return b"".join(one.sealed for one in pieces)

    def released(self) -> list[DayReleased]:
        return [one for one in self.records() if isinstance(one, DayReleased)]

    def exported(self, asked: IncidentAsked) -> files.DayFile:
        """What a console would write down for custodians."""
        days = [
            files.ReleasedDay(
                day=int(one.day.timestamp()), key=one.key, bundle=self.bundle(Bundle.JOURNAL, datetime.date(one.day))
            )
            for one in self.released()
            if one.incident == asked.number
        ]
        return files.DayFile(
            incident=asked.number,
            reason=asked.reason,
            door=self.id,
            door_name="Front door",
            begins_at=int(asked.begins_at.timestamp()),
            ends_at=int(asked.ends_at.timestamp()),
            asked_at=int(asked.asked_at.timestamp()),
            days=tuple(days),
            people={},
        )

    def evidence_file(self, request: int, person: UUID) -> files.EvidenceFile:
        """What a console would write down for custodians."""
        found = [one for one in self.records() if isinstance(one, EvidenceReleased) and one.request == request]
        days = {int(one.day.timestamp()) for one in self.records() if isinstance(one, BundlePart)}
        bundles = tuple(self.bundle(Bundle.EVIDENCE, datetime.fromtimestamp(day, UTC).date()) for day in sorted(days))
        doors = tuple(files.ReleasedEvidence(door=self.id, door_name="Front door", key=one.key, bundles=bundles) for one in found)
        return files.EvidenceFile(request=request, person=person, name=None, asked_at=0, doors=doors)

    def passed(self, asked: IncidentAsked) -> list[tuple[UUID, datetime]]:
        """Who two custodians read to have opened the door."""
        found = opening.span(self.exported(asked), self.private)
        return [(one.person, one.at.astimezone(UTC)) for one in found.passed]


def made(folder: Path) -> Paired:
    """A door that was paired in the morning."""
    paired = Paired(Door.at(folder, new=True))
    paired.pair(at(7))
    return paired


def ask(begins: datetime, ends: datetime, number: int = 1, reason: Reason = Reason.THEFT) -> IncidentAsked:
    """A request for a span."""
    return IncidentAsked(number=number, reason=reason, begins_at=begins, ends_at=ends, asked_at=ends + timedelta(hours=1))
