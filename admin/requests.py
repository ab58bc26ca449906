"""Owns the requests people make about their data, and the month in which each has to be answered [TRA-06].

What never happens here: what somebody wrote; only which kind of request it is and on which day it came.
"""

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from admin import people, times
from admin.console import Console
from admin.errors import BadInput, NotThere

SOON_DAYS: Final = 7
"""From so many days before its end a request asks for attention."""


class Kind(StrEnum):
    """What somebody may ask of the office, by the articles of the GDPR that give the right."""

    ACCESS = "access"
    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class Clock(StrEnum):
    """How a request stands."""

    RUNNING = "running"
    SOON = "soon"
    LATE = "late"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Request:
    """One request."""

    id: int
    person: UUID
    name: str
    kind: Kind
    received_on: date
    answered_on: date | None
    due_on: date
    left_days: int
    """Below nothing once it is late."""

    @property
    def clock(self) -> Clock:
        """How it stands."""
        if self.answered_on is not None:
            return Clock.ANSWERED
        if self.left_days < 0:
            return Clock.LATE
        return Clock.SOON if self.left_days <= SOON_DAYS else Clock.RUNNING


def due(received_on: date) -> date:
    """The last day for an answer: the same day of the next month, or that month's last. Source: GDPR 12(3)."""
    year, month = (received_on.year, received_on.month + 1) if received_on.month < 12 else (received_on.year + 1, 1)
    return date(year, month, min(received_on.day, calendar.monthrange(year, month)[1]))


def note(console: Console, person: UUID, kind: Kind, received_on: date) -> int:
    """
    A request has come on this day; its number.

    Raises: BadInput for a day that has not come or is more than a year ago, NotThere.
    """
    today = times.local(console.clock.now(), console.config.zone)
    if not 0 <= (today - received_on).days <= 366:
        raise BadInput("Write the day on which it came, today or in the year before.", "received")
    with console.store.transaction():
        people.one(console, person)
        query = "INSERT INTO requests (person, kind, received_on) VALUES (?, ?, ?)"
        console.store.run(query, (person.bytes, kind, times.day_number(received_on)))
        return int(console.store.row("SELECT last_insert_rowid()")[0])


def answer(console: Console, person: UUID, request: int) -> None:
    """
    This person's request was answered today; an answer given earlier stands.

    Raises: NotThere.
    """
    today = times.day_number(times.local(console.clock.now(), console.config.zone))
    query = "UPDATE requests SET answered_on = coalesce(answered_on, ?) WHERE id = ? AND person = ?"
    if not console.store.run(query, (today, request, person.bytes)):
        raise NotThere("There is no such request any more.")


def waiting(console: Console) -> tuple[Request, ...]:
    """Every request without an answer, the most pressing first."""
    return _requests(console, "answered_on IS NULL", ())


def of(console: Console, person: UUID) -> tuple[Request, ...]:
    """This person's requests, the oldest first."""
    return _requests(console, "person = ?", (person.bytes,))


def _requests(console: Console, where: str, values: tuple[bytes, ...]) -> tuple[Request, ...]:
    today = times.local(console.clock.now(), console.config.zone)
    query = f"""SELECT requests.id, person, name, kind, received_on, answered_on FROM requests JOIN people ON people.id = person
        WHERE {where} ORDER BY received_on, requests.id"""  # noqa: S608  (our own words)
    return tuple(_request(row, today) for row in console.store.rows(query, values))


def _request(row: tuple[int, bytes, str, str, int, int | None], today: date) -> Request:
    number, person, name, kind, received_on, answered_on = row
    last = due(times.day(received_on))
    return Request(
        id=number,
        person=UUID(bytes=person),
        name=name,
        kind=Kind(kind),
        received_on=times.day(received_on),
        answered_on=None if answered_on is None else times.day(answered_on),
        due_on=last,
        left_days=(last - today).days,
    )
