"""Owns what a door is told: what is marked for it, in messages that fit, each standing on the one before, signed for this door.

What never happens here: deciding who is admitted; a message that is good at another door, or good twice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from admin import marks
from admin.console import Console
from admin.link import entries
from admin.link.entries import Entry
from admin.marks import Kind, notice_key, number_key
from device.contract.console import ENTRIES_MOST, FRAME_MOST, Policy, signed
from device.contract.words import WHOLE_MOST, Blob

ROOM: Final = FRAME_MOST - 2_000
"""Bytes for the entries of one message; the rest is for what is around them."""
FIELDS: Final[dict[Kind, str]] = {
    Kind.PERSON: "people",
    Kind.GUEST: "guests",
    Kind.HOURS: "hours",
    Kind.HOLIDAYS: "holidays",
    Kind.NOTICE: "notices",
    Kind.LIMITS: "limits",
    Kind.PAGE: "pages",
    Kind.INCIDENT: "incidents",
    Kind.EVIDENCE: "evidence",
    Kind.SIBLINGS: "siblings",
    Kind.CUSTODIANS: "custodians",
}
ALONE: Final = frozenset({"holidays", "limits", "siblings", "custodians"})
"""Fields of which a message has one or none."""


def news(console: Console, door: UUID, after: int) -> list[Policy]:
    """The next messages for a door that has applied `after`, of at most a hundred marks; none when nothing is newer."""
    stands = newest(console, door)
    if stands <= after:
        return []
    rows = console.store.rows(
        "SELECT number, kind, key FROM marks WHERE door = ? AND number > ? ORDER BY number LIMIT ?",
        (door.bytes, after, ENTRIES_MOST),
    )
    upto = stands if len(rows) < ENTRIES_MOST else rows[-1][0]
    batches = list(_batches(entries.of(console, door, [(number, Kind(kind), key) for number, kind, key in rows])))
    numbers = [*(batch[0].number - 1 for batch in batches[1:]), upto]
    found: list[Policy] = []
    for number, batch in zip(numbers, batches or [[]], strict=True):
        found.append(_sign(console, door, after, number, batch))
        after = number
    return found


def heartbeat(console: Console, door: UUID, number: int) -> Policy:
    """Nothing new: the console was heard, and policy stands where it stood."""
    return _sign(console, door, number, number, ())


def newest(console: Console, door: UUID) -> int:
    """Where this door's policy stands."""
    return int(console.store.row("SELECT policy FROM doors WHERE id = ?", (door.bytes,))[0])


def group(console: Console, door: UUID) -> tuple[UUID, ...]:
    """The paired doors that share cells with this one, itself among them."""
    return tuple(UUID(bytes=other) for _, other, _ in entries.siblings(console, door))


def mark_everything(console: Console, door: UUID) -> None:
    """All that a door which knows nothing has to be told. In the caller's transaction."""
    rows = console.store.rows(
        """SELECT 'limits', x'' UNION ALL SELECT 'holidays', x'' UNION ALL SELECT 'siblings', x''
        UNION ALL SELECT kind, key FROM (
            SELECT 'person' AS kind, person AS key FROM memberships JOIN group_doors USING (group_id) WHERE door = :door
            UNION SELECT 'person', person FROM endings WHERE door = :door AND confirmed_at IS NULL
            UNION SELECT 'guest', visitor FROM visitor_doors WHERE door = :door
            UNION SELECT kind, key FROM marks
            WHERE door = :door AND kind IN ('person', 'guest', 'incident', 'evidence', 'page'))""",
        {"door": door.bytes},
    )
    hours = console.store.rows("SELECT id FROM hours WHERE gone_at IS NULL ORDER BY id")
    notices = console.store.rows(
        "SELECT version, language FROM notices WHERE published_at IS NOT NULL ORDER BY version, language"
    )
    # Hours and notices come first: what a person's entry names is then known.
    first = [
        *((Kind.HOURS, number_key(row[0])) for row in hours),
        *((Kind.NOTICE, notice_key(*row)) for row in notices),
    ]
    for kind, key in [*first, *rows]:
        marks.mark(console, (door,), Kind(kind), key)


def tell_again(console: Console, door: UUID, beyond: int) -> None:
    """Every mark of this door gets a number above `beyond`, and so is told once more; for a console that was restored."""
    with console.store.transaction():
        console.store.run("UPDATE marks SET number = number + ? WHERE door = ?", (beyond, door.bytes))
        console.store.run("UPDATE doors SET policy = policy + ? WHERE id = ?", (beyond, door.bytes))


def overtake(console: Console, door: UUID, applied: int) -> None:
    """
    A door that has applied more than this console knows of is told everything once more.

    Raises: ValueError for a number that no count can have reached.
    """
    if applied > WHOLE_MOST // 2:
        raise ValueError
    if applied > newest(console, door):
        tell_again(console, door, applied)


def _batches(said: Iterator[Entry]) -> Iterator[list[Entry]]:
    batch: list[Entry] = []
    room = ROOM
    for entry in said:
        crowded = len([other for other in batch if other.kind is entry.kind]) >= ENTRIES_MOST
        if batch and (entry.size > room or crowded):
            yield batch
            batch, room = [], ROOM
        batch.append(entry)
        room -= entry.size
    if batch:
        yield batch


def _sign(console: Console, door: UUID, after: int, number: int, batch: Sequence[Entry]) -> Policy:
    said: dict[str, Any] = {field: None if field in ALONE else () for field in FIELDS.values()}
    for entry in batch:
        field = FIELDS[entry.kind]
        said[field] = entry.said if field in ALONE else (*said[field], entry.said)
    unsigned = Policy(door=door, after=after, number=number, at=console.clock.now(), signature=Blob(b""), **said)
    return replace(unsigned, signature=Blob(console.policy_key.sign(signed(unsigned))))
