"""Owns what is new for which door: a mark per entry of its policy, and the number that says in which order.

Entries are built from the tables when they are sent, so a mark says only that there is something. What never happens
here: building a policy; a mark outside the transaction of the change it is about.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final
from uuid import UUID

from admin.console import Console


class Kind(StrEnum):
    """Which field of a policy an entry belongs to."""

    PERSON = "person"
    GUEST = "guest"
    HOURS = "hours"
    HOLIDAYS = "holidays"
    NOTICE = "notice"
    LIMITS = "limits"
    PAGE = "page"
    INCIDENT = "incident"
    EVIDENCE = "evidence"
    SIBLINGS = "siblings"
    CUSTODIANS = "custodians"


ONLY: Final = b""
"""The key of an entry of which there is one."""


def mark(console: Console, doors: Iterable[UUID], kind: Kind, *keys: bytes) -> None:
    """
    These doors have something new: each of these entries, or the only one; an older mark of an entry gives way.

    In the caller's transaction.
    """
    keys = keys or (ONLY,)
    with console.store.transaction():
        for door in doors:
            raised = "UPDATE doors SET policy = policy + ? WHERE id = ? RETURNING policy"
            row = console.store.row(raised, (len(keys), door.bytes))
            if row is None:
                continue
            first = row[0] - len(keys) + 1
            console.store.connection.executemany(
                """INSERT INTO marks (door, kind, key, number) VALUES (?, ?, ?, ?)
                ON CONFLICT (door, kind, key) DO UPDATE SET number = excluded.number""",
                ((door.bytes, kind.value, key, number) for number, key in enumerate(keys, first)),
            )


def number_key(number: int) -> bytes:
    """The key of an entry that has a number."""
    return number.to_bytes(8, "big")


def notice_key(version: int, language: str) -> bytes:
    """The key of a notice in one language; each is told by itself, for a message holds few texts."""
    return number_key(version) + language.encode()


def paired(console: Console) -> tuple[UUID, ...]:
    """Every door that is in use."""
    rows = console.store.rows("SELECT id FROM doors WHERE retired_at IS NULL ORDER BY name")
    return tuple(UUID(bytes=row[0]) for row in rows)


def doors_of(console: Console, person: UUID) -> tuple[UUID, ...]:
    """The doors that ever had to know this person: by today's groups, and by what was marked before."""
    rows = console.store.rows(
        """SELECT door FROM memberships JOIN group_doors USING (group_id) WHERE person = :person
        UNION SELECT door FROM marks WHERE kind = 'person' AND key = :person""",
        {"person": person.bytes},
    )
    return tuple(UUID(bytes=row[0]) for row in rows)


def mark_person(console: Console, person: UUID) -> tuple[UUID, ...]:
    """Every door that has to know this person, or to forget them, is told; which ones."""
    return mark_people(console, (person,))


def mark_people(console: Console, people: Iterable[UUID]) -> tuple[UUID, ...]:
    """Every door that has to know one of these people, or to forget them, is told of these; which ones."""
    at: dict[UUID, list[bytes]] = {}
    for person in people:
        for door in doors_of(console, person):
            at.setdefault(door, []).append(person.bytes)
    for door, keys in at.items():
        mark(console, (door,), Kind.PERSON, *keys)
    return tuple(at)
