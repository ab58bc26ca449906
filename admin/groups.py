"""Owns groups: which doors, at which weekly hours, admit the people in them.

What never happens here: a door that belongs to one person alone; a change that a door is not told of.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Final
from uuid import UUID

from admin import marks, pages
from admin.console import Console
from admin.errors import BadInput, NotThere

ALWAYS: Final = 0
"""The weekly hours that are no limit."""
NAME_MOST: Final = 60
FEW: Final = 8
"""Doors that are named where a group is one line of many; a house that shares badges has no more."""


class Which(StrEnum):
    """Which doors somebody looks for, from a group's point of view."""

    OPENED = "opened"
    OTHERS = "others"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group."""

    id: int
    name: str
    people: int
    """How many are in it now."""
    doors: Mapping[UUID, int]
    """Which hours admit it at which door; the doors by name."""

    @property
    def few(self) -> dict[UUID, int]:
        """Its first doors, where there is no room for more."""
        return dict(islice(self.doors.items(), FEW))


def admitting(console: Console, group: int | None = None) -> dict[int, dict[UUID, int]]:
    """Which doors in use admit each group, or this one, and at which hours; a group without doors is not in it."""
    found: dict[int, dict[UUID, int]] = {}
    known = cache(lambda door: UUID(bytes=door))  # one id a door, however many groups it admits
    for each, door, hours in console.store.rows(
        """SELECT group_id, door, hours FROM group_doors JOIN doors ON doors.id = door
        WHERE retired_at IS NULL AND (:group IS NULL OR group_id = :group) ORDER BY doors.name""",
        {"group": group},
    ):
        found.setdefault(each, {})[known(door)] = hours
    return found


def everyone(console: Console) -> tuple[Group, ...]:
    """Every group, by name."""
    return _groups(console, None)


def one(console: Console, group: int) -> Group:
    """
    This group.

    Raises: NotThere.
    """
    found = _groups(console, group)
    if not found:
        raise NotThere("There is no such group any more.")
    return found[0]


def names(console: Console) -> dict[int, str]:
    """What the groups are called."""
    return dict(console.store.rows("SELECT id, name FROM groups ORDER BY name COLLATE NOCASE"))


def doors(console: Console) -> dict[UUID, str]:
    """What the doors in use are called."""
    rows = console.store.rows("SELECT id, name FROM doors WHERE retired_at IS NULL ORDER BY name COLLATE NOCASE")
    return {UUID(bytes=door): name for door, name in rows}


def sought(known: Mapping[UUID, str], own: Mapping[UUID, int], words: str, which: Which | None) -> list[tuple[UUID, str]]:
    """The doors of these names that somebody looks for, those that a group opens first."""
    found = [(door, name) for door, name in known.items() if which is None or (door in own) is (which is Which.OPENED)]
    return sorted(pages.named(found, words, lambda each: each[1]), key=lambda each: each[0] not in own)


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


def _groups(console: Console, group: int | None) -> tuple[Group, ...]:
    doors = admitting(console, group)
    people = dict(
        console.store.rows(
            """SELECT group_id, count(*) FROM memberships WHERE (:group IS NULL OR group_id = :group)
            AND person NOT IN (SELECT id FROM people WHERE ended_at IS NOT NULL) GROUP BY group_id""",
            {"group": group},
        )
    )
    query = "SELECT id, name FROM groups WHERE (:group IS NULL OR id = :group) ORDER BY name COLLATE NOCASE"
    rows = console.store.rows(query, {"group": group})
    return tuple(Group(id=each, name=name, people=people.get(each, 0), doors=doors.get(each, {})) for each, name in rows)


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
