"""Owns the files that the console writes for two custodians: what a door released, still sealed, and the names it needs.

What never happens here: opening anything; a name of somebody whom this door never had to know.
"""

from itertools import groupby
from uuid import UUID

from admin import times
from admin.console import Console
from admin.errors import ConsoleError, NotThere
from admin.incident.files import DayFile, EvidenceFile, ReleasedDay, ReleasedEvidence, write
from device.contract import sealed
from device.contract.console import Reason


def day(console: Console, incident: int) -> bytes:
    """
    The file of a request for a span of one door: every day of it that the door has released.

    Raises: NotThere for no such request; ConsoleError while nothing is released.
    """
    row = console.store.row(
        """SELECT door, name, reason, begins_at, ends_at, asked_at FROM incidents JOIN doors ON doors.id = door
        WHERE number = ?""",
        (incident,),
    )
    if row is None:
        raise NotThere("There is no such request.")
    door, name, reason, begins_at, ends_at, asked_at = row
    days = tuple(
        ReleasedDay(day=sealed.day_number(times.day(number)), key=key, bundle=bundle)
        for number, key in console.store.rows("SELECT day, key FROM released_days WHERE incident = ? ORDER BY day", (incident,))
        for bundle in _bundles(console, door, "journal", number)
    )
    if not days:
        raise ConsoleError("The door has not released this day yet. It does so once it was told and the day is over.")
    file = DayFile(
        incident=incident,
        reason=Reason(reason),
        door=UUID(bytes=door),
        door_name=name,
        begins_at=begins_at,
        ends_at=ends_at,
        asked_at=asked_at,
        days=days,
        people=_people(console, door),
    )
    return write(file)


def evidence(console: Console, request: int) -> bytes:
    """
    The file of a request for one person's consent evidence: the bundles of every door that has released it.

    Raises: NotThere for no such request; ConsoleError while nothing is released.
    """
    query = "SELECT person, name, asked_at FROM evidence_requests LEFT JOIN people ON people.id = person WHERE number = ?"
    row = console.store.row(query, (request,))
    if row is None:
        raise NotThere("There is no such request.")
    person, name, asked_at = row
    query = "SELECT door, name, key FROM released_evidence JOIN doors ON doors.id = door WHERE request = ? ORDER BY name"
    doors = tuple(
        ReleasedEvidence(door=UUID(bytes=door), door_name=door_name, key=key, bundles=_bundles(console, door, "evidence"))
        for door, door_name, key in console.store.rows(query, (request,))
    )
    if not doors:
        raise ConsoleError("No door has released this evidence yet. Each does so once it was told.")
    return write(EvidenceFile(request=request, person=UUID(bytes=person), name=name, asked_at=asked_at, doors=doors))


def _bundles(console: Console, door: bytes, bundle: str, day: int | None = None) -> tuple[bytes, ...]:
    """A door's whole bundles, of one day or of all; one of which a piece is missing is left out."""
    rows = console.store.rows(
        """SELECT day, part, of, sealed FROM bundles WHERE door = ? AND bundle = ? AND day = coalesce(?, day)
        ORDER BY day, part""",
        (door, bundle, day),
    )
    found = [list(pieces) for _, pieces in groupby(rows, key=lambda row: row[0])]
    return tuple(
        b"".join(piece for *_, piece in pieces)
        for pieces in found
        if [part for _, part, _, _ in pieces] == list(range(pieces[0][2]))
    )


def _people(console: Console, door: bytes) -> dict[UUID, str]:
    rows = console.store.rows(
        """SELECT id, name FROM people WHERE id IN (
            SELECT person FROM memberships JOIN group_doors USING (group_id) WHERE door = :door
            UNION SELECT key FROM marks WHERE kind = 'person' AND door = :door
        )""",
        {"door": door},
    )
    return {UUID(bytes=person): name for person, name in rows}
