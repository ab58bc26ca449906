"""Owns what custodians are asked to open: one day of one door, or one person's consent evidence; and which doors let go of it.

Whoever is concerned is told by the door before anything is let go. What never happens here: opening anything; free text.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from admin import doors, marks, numbers, settings, times
from admin.console import Console
from admin.entries import folded
from admin.errors import BadInput, NotThere
from admin.marks import Kind
from device.contract.console import ASKED_A_DAY, Reason

SPAN_LEAST: Final = timedelta(hours=1)
SPAN_MOST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One day of one door, asked for."""

    number: int
    door: UUID
    door_name: str
    reason: Reason
    begins_at: datetime
    ends_at: datetime
    asked_at: datetime
    released: int
    """How many of its days the door has let go of; a span over midnight has two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRequest:
    """One person's consent evidence, asked for."""

    number: int
    person: UUID
    person_name: str
    asked_at: datetime
    released: int
    """How many doors have let go of it."""
    doors: int
    """How many doors were asked."""


def every(console: Console) -> list[Incident]:
    """Every request for a day, newest first."""
    rows = console.store.rows(
        """SELECT number, door, name, reason, begins_at, ends_at, asked_at,
            (SELECT count(*) FROM released_days WHERE incident = number)
        FROM incidents JOIN doors ON doors.id = door ORDER BY number DESC"""
    )
    return [_incident(row) for row in rows]


def one(console: Console, number: int) -> Incident:
    """
    This request.

    Raises: NotThere.
    """
    found = next((incident for incident in every(console) if incident.number == number), None)
    if found is None:
        raise NotThere("There is no such request.")
    return found


def ask(
    console: Console, door: UUID, reason: Reason, begins_at: datetime, ends_at: datetime, now: datetime
) -> tuple[int, tuple[UUID, ...]]:
    """
    Ask one door for a span of an hour to a day; the request's number, and the doors to be woken.

    Raises: NotThere, or BadInput for a span that is empty, too short, too long, not over yet, or further back than the door
    keeps, and for more in a day than a door takes.
    """
    begins_at, ends_at = begins_at.astimezone(UTC), ends_at.astimezone(UTC)
    if doors.in_use(console, door).state is doors.State.NEW:
        raise BadInput("This door is not paired yet, so it has nothing to tell.", "door")
    if ends_at <= begins_at:
        raise BadInput("Let the span end after it begins.", "ends")
    if ends_at - begins_at < SPAN_LEAST:
        raise BadInput("Ask for an hour at least.", "ends")
    if ends_at - begins_at > SPAN_MOST:
        raise BadInput("Ask for 24 hours at most.", "ends")
    if ends_at > now:
        raise BadInput("Ask for time that has passed.", "ends")
    kept = settings.limits(console).openings_days
    if begins_at < now - timedelta(days=kept):
        raise BadInput(f"The doors keep {kept} days. What is older is gone.", "begins")
    if _asked_today(console, "incidents WHERE door", door, now) >= ASKED_A_DAY:
        raise BadInput(f"A door takes {ASKED_A_DAY} requests in a day. Ask again tomorrow.", "door")
    with console.store.transaction():
        number = numbers.following(console, "incidents")
        console.store.run(
            "INSERT INTO incidents VALUES (?, ?, ?, ?, ?, ?)",
            (number, door.bytes, reason.value, *(times.seconds(at) for at in (begins_at, ends_at, now))),
        )
        marks.mark(console, (door,), Kind.INCIDENT, marks.number_key(number))
    return number, (door,)


def evidence(console: Console) -> list[EvidenceRequest]:
    """Every request for a person's evidence, newest first."""
    rows = console.store.rows(
        """SELECT number, person, coalesce(name, ''), asked_at, (SELECT count(*) FROM released_evidence WHERE request = number)
        FROM evidence_requests LEFT JOIN people ON people.id = person ORDER BY number DESC"""
    )
    return [
        EvidenceRequest(
            number=number,
            person=UUID(bytes=person),
            person_name=name,
            asked_at=times.moment(asked_at),
            released=released,
            doors=len(marks.doors_of(console, UUID(bytes=person))),
        )
        for number, person, name, asked_at, released in rows
    ]


def ask_evidence(console: Console, person: UUID, now: datetime) -> tuple[int, tuple[UUID, ...]]:
    """
    Ask every door that knows this person for their consent evidence; the request's number, and the doors to be woken.

    Raises: NotThere, or BadInput when no door has ever known them, or for more in a day than a door takes.
    """
    if console.store.row("SELECT 1 FROM people WHERE id = ?", (person.bytes,)) is None:
        raise NotThere("There is no such person.")
    known_at = tuple(set(marks.doors_of(console, person)) & set(marks.paired(console)))
    if not known_at:
        raise BadInput("No door knows this person, so there is no evidence.", "person")
    if _asked_today(console, "evidence_requests WHERE person", person, now) >= ASKED_A_DAY:
        raise BadInput(f"Doors take {ASKED_A_DAY} requests for one person in a day. Ask again tomorrow.", "person")
    with console.store.transaction():
        number = numbers.following(console, "evidence_requests")
        console.store.run("INSERT INTO evidence_requests VALUES (?, ?, ?)", (number, person.bytes, times.seconds(now)))
        marks.mark(console, known_at, Kind.EVIDENCE, marks.number_key(number))
    return number, known_at


def named(console: Console, words: str, most: int = 10) -> list[tuple[UUID, str]]:
    """People whose name holds these words, ended ones too; at most so many."""
    wanted = folded(" ".join(words.split()))
    if not wanted:
        return []
    rows = console.store.rows("SELECT id, name FROM people ORDER BY name COLLATE NOCASE")
    return [(UUID(bytes=person), name) for person, name in rows if wanted in folded(name)][:most]


def _asked_today(console: Console, of: str, about: UUID, now: datetime) -> int:
    query = f"SELECT count(*) FROM {of} = ? AND asked_at > ?"  # noqa: S608  (our own words)
    return int(console.store.row(query, (about.bytes, times.seconds(now - timedelta(days=1))))[0])


def _incident(row: tuple[int, bytes, str, str, int, int, int, int]) -> Incident:
    number, door, name, reason, begins_at, ends_at, asked_at, released = row
    return Incident(
        number=number,
        door=UUID(bytes=door),
        door_name=name,
        reason=Reason(reason),
        begins_at=times.moment(begins_at),
        ends_at=times.moment(ends_at),
        asked_at=times.moment(asked_at),
        released=released,
    )
