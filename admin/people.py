"""Owns the people the office admits: adding, changing, finding, and ending them, which is one act at every door.

What never happens here: anything about how somebody opens a door. "Collected" is a day, and no more is ever known.
"""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from admin import codes, marks, numbers, times
from admin.codes import CODE_LIFE, Code
from admin.console import Console
from admin.entries import Entry, folded
from admin.errors import BadInput, NotThere
from admin.pages import LINES
from device.contract.console import Language, LookReason, Role

TWIN: Final = "This person is in the list already. If it is somebody else, tell them apart by name or e-mail."


class Standing(StrEnum):
    """How far somebody has come, as the office may know it."""

    INVITED = "invited"
    COLLECTED = "collected"
    WITHOUT = "without"
    """No code in force, and none collected yet."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Person:
    """One person."""

    id: UUID
    entry: Entry
    added_at: datetime
    ended_at: datetime | None
    code_until: datetime | None
    """Nothing when no code is in force."""
    collected_on: date | None

    @property
    def standing(self) -> Standing:
        """How far they have come."""
        if self.ended_at is not None:
            return Standing.ENDED
        if self.code_until is not None:
            return Standing.INVITED
        return Standing.WITHOUT if self.collected_on is None else Standing.COLLECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One door on the way to having forgotten somebody; every door confirms alike, after the same delay."""

    door: str
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Somebody opened a person's page; as the person reads it at the door."""

    role: Role
    reason: LookReason
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which people are wanted."""

    words: str = ""
    standing: Standing | None = None
    """Nothing for everybody who is not ended."""
    group: int | None = None
    page: int = 1


def fresh() -> UUID:
    """The id of somebody who is about to be added; random, and the same at every door."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


def add(console: Console, person: UUID, entry: Entry) -> tuple[UUID, ...]:
    """
    A new person and, unless they begin later than a code would live, a code; the doors that are told.

    Raises: BadInput for somebody who is there already.
    """
    return add_all(console, {person: entry})


def add_all(console: Console, entries: Mapping[UUID, Entry]) -> tuple[UUID, ...]:
    """
    All of these people, or none; the doors that are told.

    Raises: BadInput for somebody who is there already.
    """
    with console.store.transaction():
        there = set(everybody(console))
        for person, entry in entries.items():
            if twin(entry) in there:
                raise BadInput(TWIN, "name")
            there.add(twin(entry))
            _insert(console, person, entry)
        return marks.mark_people(console, entries)


def change(console: Console, person: UUID, entry: Entry) -> tuple[UUID, ...]:
    """
    This is what is written down about them now; the doors that are told, none when it is nothing that concerns a door.

    Raises: BadInput for somebody who is there already or has ended, NotThere.
    """
    with console.store.transaction():
        before = _active(console, person).entry
        if everybody(console).get(twin(entry), person) != person:
            raise BadInput(TWIN, "name")
        console.store.run(
            "UPDATE people SET name = ?, email = ?, language = ?, begins_on = ?, ends_on = ? WHERE id = ?",
            (*_values(entry), person.bytes),
        )
        if (before.begins_on, before.ends_on, before.groups) == (entry.begins_on, entry.ends_on, entry.groups):
            return ()
        _join(console, person, entry.groups)
        return marks.mark_person(console, person)


def new_code(console: Console, person: UUID) -> tuple[Code, tuple[UUID, ...]]:
    """
    A new code, for a first or a lost badge; an older one is dead. Code and the doors that are told.

    Raises: BadInput for somebody who has ended, NotThere.
    """
    with console.store.transaction():
        _active(console, person)
        return codes.make(console, person), marks.mark_person(console, person)


def end(console: Console, person: UUID) -> tuple[UUID, ...]:
    """
    This person leaves: code and groups go, and every door that ever had to know them is to forget and confirm; which ones.

    Raises: NotThere. Ending twice is once.
    """
    with console.store.transaction():
        if one(console, person).ended_at is not None:
            return ()
        doors = marks.mark_person(console, person)
        console.store.run("UPDATE people SET ended_at = ? WHERE id = ?", (times.seconds(console.clock.now()), person.bytes))
        console.store.run("DELETE FROM codes WHERE person = ?", (person.bytes,))
        console.store.run("DELETE FROM memberships WHERE person = ?", (person.bytes,))
        for door in doors:
            console.store.run(
                """INSERT INTO endings (person, door) SELECT ?, id FROM doors
                WHERE id = ? AND paired_at IS NOT NULL AND retired_at IS NULL""",
                (person.bytes, door.bytes),
            )
    return doors


def end_due(console: Console) -> tuple[UUID, ...]:
    """Everybody whose last day is over leaves (DEL-02); the doors that are told. At the doors they have left already."""
    today = times.day_number(times.local(console.clock.now(), console.config.zone))
    due = console.store.rows("SELECT id FROM people WHERE ended_at IS NULL AND ends_on < ?", (today,))
    return tuple({door for (person,) in due for door in end(console, UUID(bytes=person))})


def endings(console: Console, person: UUID) -> tuple[Ending, ...]:
    """Which doors are to forget somebody who ended, and which have confirmed."""
    query = "SELECT name, confirmed_at FROM endings JOIN doors ON doors.id = door WHERE person = ? ORDER BY name"
    rows = console.store.rows(query, (person.bytes,))
    return tuple(Ending(door=door, confirmed_at=None if at is None else times.moment(at)) for door, at in rows)


def look(console: Console, person: UUID, role: Role, reason: LookReason) -> tuple[UUID, ...]:
    """
    Somebody opens this person's page: it is written down, and the person reads role, reason and day at their doors; which.

    Raises: NotThere.
    """
    with console.store.transaction():
        one(console, person)
        today = times.day_number(times.local(console.clock.now(), console.config.zone))
        number = numbers.following(console, "looks")
        query = "INSERT INTO looks (number, person, role, reason, day) VALUES (?, ?, ?, ?, ?)"
        console.store.run(query, (number, person.bytes, role, reason, today))
        doors = marks.doors_of(console, person)
        marks.mark(console, doors, marks.Kind.PAGE, marks.number_key(number))
    return doors


def everybody(console: Console) -> dict[tuple[str, str], UUID]:
    """Everybody who has not ended, by what tells them apart."""
    rows = console.store.rows("SELECT id, name, email FROM people WHERE ended_at IS NULL")
    return {(folded(name), (email or "").casefold()): UUID(bytes=person) for person, name, email in rows}


def twin(entry: Entry) -> tuple[str, str]:
    """What tells this person apart: name and e-mail, without capitals and accents."""
    return folded(entry.name), (entry.email or "").casefold()


def looks(console: Console, person: UUID) -> tuple[Look, ...]:
    """Who opened this person's page, newest first."""
    query = "SELECT role, reason, day FROM looks WHERE person = ? ORDER BY number DESC LIMIT 20"
    rows = console.store.rows(query, (person.bytes,))
    return tuple(Look(role=Role(role), reason=LookReason(reason), day=times.day(day)) for role, reason, day in rows)


def one(console: Console, person: UUID) -> Person:
    """
    This person.

    Raises: NotThere.
    """
    found = _people(console, "people.id = :person", {"person": person.bytes})
    if not found:
        raise NotThere("There is nobody of this id any more.")
    return found[0]


def names(console: Console, people: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called; whoever is gone is left out."""
    wanted = {person.bytes for person in people}
    return {UUID(bytes=person): name for person, name in console.store.rows("SELECT id, name FROM people") if person in wanted}


def find(console: Console, search: Search) -> tuple[tuple[Person, ...], int]:
    """One page of the people that are wanted, by name, and how many there are in all."""
    where, values = _where(console, search)
    count = int(console.store.row(f"SELECT count(*) FROM people {_BESIDE} WHERE {where}", values)[0])  # noqa: S608  (our own words)
    last = max(1, -(-count // LINES))
    values["skip"] = (min(max(search.page, 1), last) - 1) * LINES
    values["most"] = LINES
    return _people(console, f"{where} ORDER BY folded(people.name), people.id LIMIT :most OFFSET :skip", values), count


def waiting(console: Console, group: int | None, most: int) -> tuple[Person, ...]:
    """Whoever has collected nothing, with or without a code, and begins before one would have died; the first by name."""
    where, values = _where(console, Search(group=group))
    values["last"] = times.day_number(times.local(console.clock.now() + CODE_LIFE, console.config.zone))
    return _people(
        console, f"{where} AND {_WAITING} ORDER BY folded(people.name), people.id LIMIT :most", values | {"most": most}
    )


def waiting_counts(console: Console) -> tuple[int, dict[int, int]]:
    """How many those are, in all and in each group."""
    where, values = _where(console, Search())
    values["last"] = times.day_number(times.local(console.clock.now() + CODE_LIFE, console.config.zone))
    query = f"FROM people {_BESIDE} WHERE {where} AND {_WAITING}"
    count = console.store.row(f"SELECT count(*) {query}", values)[0]
    within = f"SELECT group_id, count(*) FROM memberships WHERE person IN (SELECT people.id {query}) GROUP BY group_id"  # noqa: S608  (our own words)
    return count, dict(console.store.rows(within, values))


def counts(console: Console) -> dict[Standing, int]:
    """How many people there are of each standing."""
    now = times.seconds(console.clock.now())
    each = ", ".join(f"count(*) FILTER (WHERE {where})" for where in _STANDINGS.values())
    row = console.store.row(f"SELECT {each} FROM people {_BESIDE}", {"now": now})  # noqa: S608  (our own words)
    return dict(zip(_STANDINGS, row, strict=True))


_BESIDE: Final = """LEFT JOIN codes ON codes.person = people.id AND codes.until > :now
    LEFT JOIN collections ON collections.person = people.id"""
_STANDINGS: Final = {
    Standing.INVITED: "people.ended_at IS NULL AND codes.until IS NOT NULL",
    Standing.COLLECTED: "people.ended_at IS NULL AND codes.until IS NULL AND collections.day IS NOT NULL",
    Standing.WITHOUT: "people.ended_at IS NULL AND codes.until IS NULL AND collections.day IS NULL",
    Standing.ENDED: "people.ended_at IS NOT NULL",
}


_WAITING: Final = "collections.day IS NULL AND (people.begins_on IS NULL OR people.begins_on < :last)"


def _where(console: Console, search: Search) -> tuple[str, dict[str, Any]]:
    parts = ["people.ended_at IS NULL" if search.standing is None else _STANDINGS[search.standing]]
    values: dict[str, Any] = {"now": times.seconds(console.clock.now())}
    console.store.connection.create_function("folded", 1, folded, deterministic=True)
    for number, word in enumerate(folded(search.words).split()[:5]):
        escaped = word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
        values[f"word{number}"] = f"%{escaped}%"
        parts.append(rf"folded(people.name || ' ' || coalesce(people.email, '')) LIKE :word{number} ESCAPE '\'")
    if search.group is not None:
        values["group"] = search.group
        parts.append("EXISTS (SELECT 1 FROM memberships WHERE person = people.id AND group_id = :group)")
    return " AND ".join(parts), values


def _people(console: Console, where: str, values: dict[str, Any]) -> tuple[Person, ...]:
    values.setdefault("now", times.seconds(console.clock.now()))
    query = f"""SELECT people.id, name, email, language, begins_on, ends_on, added_at, ended_at, codes.until, collections.day,
        (SELECT group_concat(group_id) FROM memberships WHERE person = people.id)
        FROM people {_BESIDE} WHERE {where}"""  # noqa: S608  (our own words; what was typed comes as values)
    return tuple(_person(row) for row in console.store.rows(query, values))


def _person(row: tuple[Any, ...]) -> Person:
    person, name, email, language, begins_on, ends_on, added_at, ended_at, until, collected, groups = row
    entry = Entry(
        name=name,
        email=email,
        language=Language(language),
        begins_on=None if begins_on is None else times.day(begins_on),
        ends_on=None if ends_on is None else times.day(ends_on),
        groups=frozenset(int(group) for group in (groups or "").split(",") if group),
    )
    return Person(
        id=UUID(bytes=person),
        entry=entry,
        added_at=times.moment(added_at),
        ended_at=None if ended_at is None else times.moment(ended_at),
        code_until=None if until is None else times.moment(until),
        collected_on=None if collected is None else times.day(collected),
    )


def _values(entry: Entry) -> tuple[Any, ...]:
    begins_on = None if entry.begins_on is None else times.day_number(entry.begins_on)
    ends_on = None if entry.ends_on is None else times.day_number(entry.ends_on)
    return entry.name, entry.email, entry.language, begins_on, ends_on


def _insert(console: Console, person: UUID, entry: Entry) -> None:
    now = console.clock.now()
    console.store.run(
        "INSERT INTO people (id, name, email, language, begins_on, ends_on, added_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (person.bytes, *_values(entry), times.seconds(now)),
    )
    _join(console, person, entry.groups)
    if entry.begins_on is None or entry.begins_on < times.local(now + CODE_LIFE, console.config.zone):
        codes.make(console, person)


def _join(console: Console, person: UUID, groups: frozenset[int]) -> None:
    console.store.run("DELETE FROM memberships WHERE person = ?", (person.bytes,))
    for group in sorted(groups):
        console.store.run("INSERT INTO memberships (person, group_id) VALUES (?, ?)", (person.bytes, group))


def _active(console: Console, person: UUID) -> Person:
    found = one(console, person)
    if found.ended_at is not None:
        raise BadInput("This person has ended. To let them in again, add them anew.")
    return found
