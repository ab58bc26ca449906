"""Owns what each mark becomes: the tables as they are now, in the contract's words, whole, and never more than the door needs.

An entry whose row is gone says that it is gone. What never happens here: a name, an address, a code's digits.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from admin import settings, times
from admin.console import Console
from admin.marks import Kind
from device.contract.console import (
    Admitted,
    Custodians,
    EvidenceAsked,
    Guest,
    Holidays,
    Hours,
    IncidentAsked,
    Language,
    LookReason,
    PageOpened,
    Published,
    Reason,
    Role,
    Sibling,
    Siblings,
    Span,
)
from device.contract.words import TUPLE_MOST, Blob, NoticeText

Mark = tuple[int, Kind, bytes]
Said = tuple[bytes, Any, int]
"""Key of the mark, the entry, and at most how many bytes it takes."""
NEVER: Final = times.moment(0)
ALWAYS: Final = 0


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """The entry of the mark with this number, and at most how many bytes it takes."""

    number: int
    kind: Kind
    said: Any
    size: int


def of(console: Console, door: UUID, marked: Sequence[Mark]) -> Iterator[Entry]:
    """What these marks say to this door, in their order."""
    said: dict[tuple[Kind, bytes], tuple[Any, int]] = {}
    for kind in {kind for _, kind, _ in marked}:
        for key, entry, size in _READERS[kind](console, door, [key for _, of_kind, key in marked if of_kind is kind]):
            said[kind, key] = (entry, size)
    for number, kind, key in marked:
        if (kind, key) in said:
            yield Entry(number, kind, *said[kind, key])


def siblings(console: Console, door: UUID) -> list[tuple[int, bytes, bytes]]:
    """Slot, id and badge key of each paired door of this one's group, itself among them."""
    return console.store.rows(
        """SELECT slot, id, device FROM doors WHERE retired_at IS NULL AND paired_at IS NOT NULL
        AND door_group = (SELECT door_group FROM doors WHERE id = ?) ORDER BY slot""",
        (door.bytes,),
    )


def _people(console: Console, door: UUID, keys: list[bytes]) -> Iterator[Said]:
    now_s, zone = times.seconds(console.clock.now()), ZoneInfo(console.config.zone)
    query = f"""SELECT people.id, begins_on, ends_on, group_concat(DISTINCT hours), digest, until FROM people
        JOIN memberships ON memberships.person = people.id JOIN group_doors USING (group_id)
        LEFT JOIN codes ON codes.person = people.id AND until > ?
        WHERE door = ? AND ended_at IS NULL AND people.id IN ({_marks(keys)}) GROUP BY people.id"""  # noqa: S608  (question marks)
    admitted = {row[0]: row[1:] for row in console.store.rows(query, (now_s, door.bytes, *keys))}
    for key in keys:
        begins, ends, sets, code, until = admitted.get(key, (None, None, None, None, None))
        hours = () if sets is None else tuple(sorted(map(int, sets.split(","))))[:TUPLE_MOST]
        yield (
            key,
            Admitted(
                person=UUID(bytes=key),
                begins_at=None if begins is None else times.midnight(times.day(begins), zone),
                ends_at=None if ends is None else times.midnight(times.day(ends) + timedelta(days=1), zone),
                ended=sets is None,
                hours=(ALWAYS,) if ALWAYS in hours else hours,
                code=None if code is None else Blob(code),
                code_until=None if until is None else times.moment(until),
            ),
            300 + 12 * len(hours),
        )


def _guests(console: Console, door: UUID, keys: list[bytes]) -> Iterator[Said]:
    query = f"""SELECT id, digest, begins_at, ends_at, gone_at IS NOT NULL FROM visitors JOIN visitor_doors ON visitor = id
        WHERE door = ? AND id IN ({_marks(keys)})"""  # noqa: S608  (question marks)
    known = {row[0]: row[1:] for row in console.store.rows(query, (door.bytes, *keys))}
    for key in keys:
        digest, begins, ends, gone = known.get(key, (b"", 0, 0, True))
        span = {"begins_at": times.moment(begins), "ends_at": times.moment(ends)}
        yield key, Guest(visitor=UUID(bytes=key), digest=Blob(digest), gone=bool(gone), **span), 300


def _hours(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    for key in keys:
        number = int.from_bytes(key, "big")
        row = console.store.row("SELECT on_holidays FROM hours WHERE id = ? AND gone_at IS NULL", (number,))
        rows = console.store.rows(
            "SELECT day, begins_min, ends_min FROM spans WHERE hours = ? ORDER BY day, begins_min LIMIT ?", (number, TUPLE_MOST)
        )
        spans = tuple(Span(day=day, begins_min=begins, ends_min=ends) for day, begins, ends in rows)
        gone = row is None
        said = Hours(hours=number, spans=() if gone else spans, on_holidays=not gone and bool(row[0]), gone=gone)
        yield key, said, 120 + 48 * len(spans)


def _holidays(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    # Yesterday is told too: a door further west may still be living it.
    since = times.day_number(times.local(console.clock.now(), console.config.zone)) - 1
    rows = console.store.rows("SELECT day FROM holidays WHERE day >= ? ORDER BY day LIMIT ?", (since, TUPLE_MOST))
    yield keys[0], Holidays(days=tuple(day for (day,) in rows)), 40 + 8 * len(rows)


def _notices(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    query = "SELECT text FROM notices WHERE version = ? AND language = ? AND published_at IS NOT NULL"
    for key in keys:
        version, language = int.from_bytes(key[:8], "big"), key[8:].decode()
        row = console.store.row(query, (version, language))
        if row is not None:
            said = Published(version=version, language=Language(language), text=NoticeText(row[0]))
            # JSON writes quotes, backslashes and line ends as two signs.
            yield key, said, 120 + len(row[0].encode()) + sum(map(row[0].count, '"\\\n'))


def _limits(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    yield keys[0], settings.limits(console), 200


def _pages(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    for key, row in _numbered(console, "SELECT number, person, role, reason, day FROM looks WHERE number", keys):
        number, person, role, reason, day = row
        said = PageOpened(
            number=number,
            person=UUID(bytes=person),
            role=Role(role),
            reason=LookReason(reason),
            day=times.midnight(times.day(day), ZoneInfo(console.config.zone)),
        )
        yield key, said, 200


def _incidents(console: Console, door: UUID, keys: list[bytes]) -> Iterator[Said]:
    query = "SELECT number, reason, begins_at, ends_at, asked_at, door FROM incidents WHERE number"
    for key, (number, reason, begins, ends, asked, at) in _numbered(console, query, keys):
        if at == door.bytes:
            begins_at, ends_at, asked_at = map(times.moment, (begins, ends, asked))
            said = IncidentAsked(number=number, reason=Reason(reason), begins_at=begins_at, ends_at=ends_at, asked_at=asked_at)
            yield key, said, 200


def _evidence(console: Console, _: UUID, keys: list[bytes]) -> Iterator[Said]:
    for key, row in _numbered(console, "SELECT number, person, asked_at FROM evidence_requests WHERE number", keys):
        yield key, EvidenceAsked(number=row[0], person=UUID(bytes=row[1]), asked_at=times.moment(row[2])), 150


def _siblings(console: Console, door: UUID, keys: list[bytes]) -> Iterator[Said]:
    doors = tuple(Sibling(door=UUID(bytes=id_), slot=slot, public=Blob(key)) for slot, id_, key in siblings(console, door))
    yield keys[0], Siblings(doors=doors), 40 + 180 * len(doors)


def _custodians(console: Console, door: UUID, keys: list[bytes]) -> Iterator[Said]:
    # One change at a time: each is signed by the custodians before it, and the door pins one after the other.
    row = console.store.row(
        """SELECT incident, evidence, statement, signature FROM custodians WHERE number > (SELECT number FROM custodians
        JOIN doors ON doors.custodians = incident WHERE doors.id = ?) ORDER BY number""",
        (door.bytes,),
    )
    if row is not None:
        incident, evidence, statement, signature = map(Blob, row)
        yield keys[0], Custodians(incident=incident, evidence=evidence, statement=statement, signature=signature), 600


def _numbered(console: Console, query: str, keys: list[bytes]) -> Iterator[tuple[bytes, Any]]:
    for key in keys:
        row = console.store.row(f"{query} = ?", (int.from_bytes(key, "big"),))
        if row is not None:
            yield key, row


def _marks(keys: list[bytes]) -> str:
    return ", ".join("?" * len(keys))


_READERS: Final[dict[Kind, Callable[[Console, UUID, list[bytes]], Iterator[Said]]]] = {
    Kind.PERSON: _people,
    Kind.GUEST: _guests,
    Kind.HOURS: _hours,
    Kind.HOLIDAYS: _holidays,
    Kind.NOTICE: _notices,
    Kind.LIMITS: _limits,
    Kind.PAGE: _pages,
    Kind.INCIDENT: _incidents,
    Kind.EVIDENCE: _evidence,
    Kind.SIBLINGS: _siblings,
    Kind.CUSTODIANS: _custodians,
}
