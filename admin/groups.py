"""Owns groups: which doors, at which weekly hours, admit the people in them.

What never happens here: a door that belongs to one person alone; a change that a door is not told of.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from admin import marks
from admin.console import Console
from admin.errors import BadInput, NotThere

ALWAYS: Final = 0
"""The weekly hours that are no limit."""
NAME_MOST: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group."""

    id: int
    name: str
    people: int
    """How many are in it now."""
    doors: Mapping[UUID, int]
    """Which hours admit it at which door."""


def admitting(console: Console) -> dict[int, dict[UUID, int]]:
    """Which doors in use admit each group, and at which hours; a group without doors is not in it."""
    found: dict[int, dict[UUID, int]] = {}
    for group, door, hours in console.store.rows(
        "SELECT group_id, door, hours FROM group_doors JOIN doors ON doors.id = door WHERE retired_at IS NULL ORDER BY doors.name"
    ):
        found.setdefault(group, {})[UUID(bytes=door)] = hours
    return found


def everyone(console: Console) -> tuple[Group, ...]:
    """Every group, by name."""
    doors = admitting(console)
    rows = console.store.rows(
        """SELECT groups.id, groups.name, count(people.id) FROM groups LEFT JOIN memberships ON group_id = groups.id
        LEFT JOIN people ON people.id = person AND ended_at IS NULL GROUP BY groups.id ORDER BY groups.name COLLATE NOCASE"""
    )
    return tuple(Group(id=row[0], name=row[1], people=row[2], doors=doors.get(row[0], {})) for row in rows)


def one(console: Console, group: int) -> Group:
    """
    This group.

    Raises: NotThere.
    """
    for each in everyone(console):
        if each.id == group:
            return each
    raise NotThere("There is no such group any more.")


def names(console: Console) -> dict[int, str]:
    """What the groups are called."""
    return dict(console.store.rows("SELECT id, name FROM groups ORDER BY name COLLATE NOCASE"))


def doors(console: Console) -> dict[UUID, str]:
    """What the doors in use are called."""
    rows = console.store.rows("SELECT id, name FROM doors WHERE retired_at IS NULL ORDER BY name COLLATE NOCASE")
    return {UUID(bytes=door): name for door, name in rows}


def hours(console: Console) -> dict[int, str]:
    """What the weekly hours are called; the first is no limit."""
    rows = console.store.rows("SELECT id, name FROM hours WHERE gone_at IS NULL ORDER BY name COLLATE NOCASE")
    return {ALWAYS: "Always", **dict(rows)}


def add(console: Console, name: str, admits: Mapping[UUID, int]) -> int:
    """
    A new group, which nobody is in yet; its number.

    Raises: BadInput.
    """
    name = _name(console, name, None)
    _check(console, admits)
    with console.store.transaction():
        console.store.run("INSERT INTO groups (name) VALUES (?)", (name,))
        group = int(console.store.row("SELECT last_insert_rowid()")[0])
        _admit(console, group, admits)
    return group


def change(console: Console, group: int, name: str, admits: Mapping[UUID, int]) -> tuple[UUID, ...]:
    """
    This group has this name and these doors from now on; which doors are told something new, at most those that changed.

    Raises: BadInput, NotThere.
    """
    before = one(console, group).doors
    name = _name(console, name, group)
    _check(console, admits)
    touched = tuple(sorted(door for door in before.keys() | admits.keys() if before.get(door) != admits.get(door)))
    with console.store.transaction():
        console.store.run("UPDATE groups SET name = ? WHERE id = ?", (name, group))
        console.store.run(
            "DELETE FROM group_doors WHERE group_id = ? AND door IN (SELECT id FROM doors WHERE retired_at IS NULL)", (group,)
        )
        _admit(console, group, admits)
        return touched if _mark_members(console, group, touched) else ()


def remove(console: Console, group: int) -> None:
    """
    Take away a group that nobody is in.

    Raises: BadInput while somebody is in it, NotThere.
    """
    if one(console, group).people:
        raise BadInput("There are people in this group. Put them into another one first.")
    with console.store.transaction():
        for table in ("memberships", "group_doors"):
            console.store.run(f"DELETE FROM {table} WHERE group_id = ?", (group,))  # noqa: S608  (two names of our own)
        console.store.run("DELETE FROM groups WHERE id = ?", (group,))


def _name(console: Console, name: str, own: int | None) -> str:
    name = " ".join(unicodedata.normalize("NFC", name).split())
    if not 1 <= len(name) <= NAME_MOST or not name.isprintable():
        raise BadInput(f"A group needs a name of at most {NAME_MOST} letters.", "name")
    taken = console.store.row("SELECT 1 FROM groups WHERE name = ? COLLATE NOCASE AND id IS NOT ?", (name, own))
    if taken is not None:
        raise BadInput("There is a group of this name already.", "name")
    return name


def _check(console: Console, admits: Mapping[UUID, int]) -> None:
    known_doors, known_hours = doors(console), hours(console)
    if not admits.keys() <= known_doors.keys():
        raise BadInput("One of these doors is not in use any more. Look at the doors again.", "doors")
    if not set(admits.values()) <= known_hours.keys():
        raise BadInput("Some of these hours are gone. Choose others.", "doors")


def _admit(console: Console, group: int, admits: Mapping[UUID, int]) -> None:
    for door, when in admits.items():
        console.store.run("INSERT INTO group_doors (group_id, door, hours) VALUES (?, ?, ?)", (group, door.bytes, when))


def _mark_members(console: Console, group: int, touched: tuple[UUID, ...]) -> bool:
    query = "SELECT person FROM memberships JOIN people ON id = person WHERE group_id = ? AND ended_at IS NULL"
    members = console.store.rows(query, (group,))
    if members:
        marks.mark(console, touched, marks.Kind.PERSON, *(person for (person,) in members))
    return bool(members)
