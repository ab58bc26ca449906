"""Owns the copy of all the console holds on one person (TRA-03), found by the shape of the database itself.

Every table that points to people, and every table that points to one of those, is in it, so that a table added later is in
it too. What never happens here: another person's data; a secret that would make a badge.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final
from uuid import UUID

from admin import people, times
from admin.actions import ACTIONS, Act
from admin.console import Console
from admin.marks import Kind, number_key

_WITHHELD: Final = {("codes", "code"), ("codes", "digest"), ("released_evidence", "key")}
"""A code makes a badge for whoever reads it; evidence is sealed and opened by two custodians only."""
_WITHHELD_WORDS: Final = "withheld: whoever reads it could use it"
_NAMED: Final = {"door": ("doors", "name"), "group_id": ("groups", "name")}
"""Ids the person cannot read, and where their names stand."""
_MOMENTS: Final = ("_at", "until")
_DAYS: Final = ("_on", "day")
_POINTERS: Final = (
    "SELECT m.name, f.'from', f.'table', f.'to' FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'"
)


def copy(console: Console, person: UUID) -> bytes:
    """
    The copy, as JSON a person can read and a program can (TRA-04).

    Raises: NotThere.
    """
    name = people.one(console, person).entry.name
    told = {
        "about": f"All that the console of {console.config.office} holds on {name}.",
        "made_at": console.clock.now().isoformat(),
        "not_here": (
            "How you open a door, whether you use a face, and when you came are not in the console, so they are not here. "
            "Each door shows you what it holds itself, under “What this door knows about me”."
        ),
        "contact": console.config.contact,
        "tables": tables(console, person),
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def tables(console: Console, person: UUID) -> dict[str, list[dict[str, Any]]]:
    """Every row on this person, by table; empty tables are in it too, so that one sees what there could be."""
    with console.store.transaction():
        found = {table: _rows(console, table, where, person) for table, where in _reached(console).items()}
        found["marks"] = _marks(console, person)
        found["audit"] = _audit(console, person)
    return dict(sorted(found.items()))


def _reached(console: Console) -> dict[str, str]:
    """Tables by which a row can be traced to a person, each with how."""
    pointers = console.store.rows(_POINTERS)
    found = {"people": "id = :person"}
    grew = True
    while grew:
        grew = False
        for table, column, target, key in pointers:
            if table not in found and target in found and target != table:
                found[table] = f"{column} IN (SELECT {key} FROM {target} WHERE {found[target]})"  # noqa: S608  (names of the schema)
                grew = True
    return found


def _rows(console: Console, table: str, where: str, person: UUID) -> list[dict[str, Any]]:
    cursor = console.store.connection.execute(f"SELECT * FROM {table} WHERE {where}", {"person": person.bytes})  # noqa: S608  (names of the schema)
    columns = [column[0] for column in cursor.description]
    return [_readable(console, table, zip(columns, row, strict=True)) for row in cursor.fetchall()]


def _readable(console: Console, table: str, cells: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column, value in cells:
        if value is None:
            told[column] = None
        elif (table, column) in _WITHHELD:
            told[column] = _WITHHELD_WORDS
        elif column in _NAMED:
            other, name = _NAMED[column]
            row = console.store.row(f"SELECT {name} FROM {other} WHERE id = ?", (value,))  # noqa: S608  (two names of our own)
            told[column] = row[0] if row else None
        elif isinstance(value, bytes):
            told[column] = str(UUID(bytes=value)) if len(value) == 16 else value.hex()
        else:
            told[column] = _time(column)(value)
    return told


def _time(column: str) -> Callable[[Any], Any]:
    if column.endswith(_MOMENTS):
        return lambda kept: times.moment(kept).isoformat()
    if column.endswith(_DAYS):
        return lambda kept: times.day(kept).isoformat()
    return lambda kept: kept


def _marks(console: Console, person: UUID) -> list[dict[str, Any]]:
    """What each door was told of: marks name a person, an opened page or a request by its key."""
    keys = [(Kind.PERSON, person.bytes)]
    for kind, table in ((Kind.PAGE, "looks"), (Kind.EVIDENCE, "evidence_requests")):
        numbers = console.store.rows(f"SELECT number FROM {table} WHERE person = ?", (person.bytes,))  # noqa: S608  (two names of our own)
        keys += [(kind, number_key(number)) for (number,) in numbers]
    query = "SELECT name FROM marks JOIN doors ON doors.id = door WHERE kind = ? AND key = ? ORDER BY name"
    return [{"door": door, "kind": kind} for kind, key in keys for (door,) in console.store.rows(query, (kind, key))]


def _audit(console: Console, person: UUID) -> list[dict[str, Any]]:
    """What was done about the person, by which role; which colleague it was is the colleague's data."""
    query = (
        "SELECT at, role, act, subject = :hex, details FROM audit WHERE subject = :hex OR details LIKE :within ORDER BY number"
    )
    rows = console.store.rows(query, {"hex": person.hex, "within": f"%{person.hex}%"})
    return [
        {
            "at": times.moment(at).isoformat(),
            "role": role,
            "what": ACTIONS[Act(act)].sentence,
            # A row about several people has the others' ids in its details.
            "details": json.loads(details) if alone else {},
        }
        for at, role, act, alone, details in rows
    ]
