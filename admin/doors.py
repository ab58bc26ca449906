"""Owns the list of doors: their names, which ones share badges, whether they are up, what they are told to do at once.

What never happens here: pairing's secrets and digits, which are the link's; knowing whether a lock is open.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID, uuid4

from admin import marks, numbers, times
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.marks import Kind
from device.contract.console import GROUP_MOST, Alarm, CommandKind

UP_WITHIN: Final = timedelta(minutes=3)
"""A door tells its health every minute; one minute may be lost on the way, and one be late. The first is waited for as long."""
COMMAND_GOOD: Final = timedelta(seconds=30)
"""Somebody stands before the door or has gone."""
NAME_MOST: Final = 60


class State(StrEnum):
    """How a door is, in one word."""

    NEW = "new"
    UNHEARD = "unheard"
    """Paired just now; its first minute is on the way."""
    UP = "up"
    SILENT = "silent"
    RETIRED = "retired"


class Only(StrEnum):
    """Which doors a list may be narrowed to."""

    UP = "up"
    SILENT = "silent"
    BROKEN = "broken"
    """Up, and a part of them does not answer."""
    TESTING = "testing"
    UNHEARD = "unheard"
    NEW = "new"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One door, as the office knows it."""

    id: UUID
    name: str
    group: int
    slot: int
    state: State
    heard_at: datetime | None
    version: str | None
    factors: int | None
    faces: bool | None
    joined: bool
    testing: bool
    broken: tuple[str, ...]
    """Which of camera, screen and lock do not answer."""

    def belongs(self, only: Only) -> bool:
        """Whether it stands in a list of these."""
        match only:
            case Only.BROKEN:
                return bool(self.broken)
            case Only.TESTING:
                return self.testing
            case _:
                return self.state.value == only.value


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """Something at a door that needs somebody, or did and was not seen yet."""

    number: int
    door: UUID
    door_name: str
    alarm: Alarm
    at: datetime
    over_at: datetime | None
    seen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a door was told to do at once, and what came of it; nothing is known yet while `done` is None."""

    kind: CommandKind
    asked_at: datetime
    until: datetime
    done: bool | None


PARTS: Final = ("camera", "screen", "lock")
SAYS: Final = {
    State.NEW: "is not paired yet",
    State.UNHEARD: "is not heard yet",
    State.UP: "is up",
    State.SILENT: "does not answer",
    State.RETIRED: "is retired",
}
"""What is said of a door, after its name."""
_ROWS: Final = """SELECT id, name, door_group, slot, paired_at, retired_at, minute_at, version, factors, faces, joined, testing,
    eyes, front, lock FROM doors"""


def every(console: Console, *, retired: bool = False) -> list[Door]:
    """Every door in use, or every retired one, by name."""
    rows = console.store.rows(f"{_ROWS} WHERE retired_at IS {'NOT ' if retired else ''}NULL ORDER BY name")
    now = console.clock.now()
    return [_door(row, now) for row in rows]


def sharing(console: Console, group: int) -> list[Door]:
    """The doors in use that share badges in this group, by name."""
    now = console.clock.now()
    rows = console.store.rows(f"{_ROWS} WHERE door_group = ? AND retired_at IS NULL ORDER BY name", (group,))
    return [_door(row, now) for row in rows]


def said(every: list[Door]) -> str:
    """How the doors in use are, in half a sentence."""
    up = sum(door.state is State.UP for door in every)
    match len(every), up:
        case 0, _:
            return "There is no door yet"
        case 1, _:
            return f"The door {SAYS[every[0].state]}"
        case count, 0:
            return f"None of the {count:,} doors is up"
        case count, _ if count == up:
            return f"{count:,} doors are up"
        case count, _:
            return f"{up:,} of {count:,} doors {'is' if up == 1 else 'are'} up"


def one(console: Console, door: UUID) -> Door:
    """
    This door, in use or retired.

    Raises: NotThere.
    """
    row = console.store.row(f"{_ROWS} WHERE id = ?", (door.bytes,))
    if row is None:
        raise NotThere("There is no such door.")
    return _door(row, console.clock.now())


def in_use(console: Console, door: UUID) -> Door:
    """
    This door, if it is in use.

    Raises: NotThere.
    """
    found = one(console, door)
    if found.state is State.RETIRED:
        raise NotThere("This door is retired.")
    return found


def add(console: Console, name: str, group: int | None) -> UUID:
    """
    A new door, not paired yet, that shares badges with this group, or with nobody; its random id.

    Raises: BadInput when the name is taken or the group is full.
    """
    known = {row[0] for row in console.store.rows("SELECT DISTINCT door_group FROM doors WHERE retired_at IS NULL")}
    if group is None:
        group = int(console.store.row("SELECT coalesce(max(door_group), 0) + 1 FROM doors")[0])
    elif group not in known:
        raise BadInput("Choose doors from the list, or none.", "group")
    with console.store.transaction():
        rows = console.store.rows("SELECT slot FROM doors WHERE door_group = ? AND retired_at IS NULL", (group,))
        free = sorted(set(range(GROUP_MOST)) - {row[0] for row in rows})
        if not free:
            raise BadInput(f"{GROUP_MOST} doors at most share badges. Choose other doors, or none.", "group")
        door = uuid4()
        console.store.run(
            "INSERT INTO doors (id, name, door_group, slot) VALUES (?, ?, ?, ?)",
            (door.bytes, _name(console, name, None), group, free[0]),
        )
    return door


def rename(console: Console, door: UUID, name: str) -> None:
    """
    Another name for this door; only the office sees it.

    Raises: NotThere, or BadInput when the name is taken.
    """
    in_use(console, door)
    console.store.run("UPDATE doors SET name = ? WHERE id = ?", (_name(console, name, door), door.bytes))


def retire(console: Console, door: UUID, now: datetime) -> tuple[UUID, ...]:
    """
    This door is no longer the office's; the doors that have to be woken, itself among them.

    Whoever was to be ended there is not waited for any more. Raises: NotThere.
    """
    group = in_use(console, door).group
    with console.store.transaction():
        console.store.run("UPDATE doors SET retired_at = ? WHERE id = ?", (times.seconds(now), door.bytes))
        for table in ("tickets", "marks", "group_doors", "visitor_doors", "joins", "join_parts"):
            console.store.run(f"DELETE FROM {table} WHERE door = ?", (door.bytes,))  # noqa: S608  # our own words
        console.store.run("DELETE FROM endings WHERE door = ? AND confirmed_at IS NULL", (door.bytes,))
        console.store.run(
            "UPDATE alarms SET over_at = coalesce(over_at, :now), seen_at = coalesce(seen_at, :now) WHERE door = :door",
            {"now": times.seconds(now), "door": door.bytes},
        )
        others = tuple(other.id for other in sharing(console, group))
        marks.mark(console, others, Kind.SIBLINGS)
    return (door, *others)


def tell(console: Console, door: UUID, kind: CommandKind, now: datetime) -> int:
    """
    Have this door do something at once; the number of the command.

    Raises: NotThere, or BadInput when the door is silent and it would come too late.
    """
    if in_use(console, door).state is not State.UP:
        raise BadInput("This door does not answer, so it would come too late.")
    with console.store.transaction():
        act = numbers.following(console, "commands")
        console.store.run(
            "INSERT INTO commands (act, door, kind, asked_at, until) VALUES (?, ?, ?, ?, ?)",
            (act, door.bytes, kind.value, times.seconds(now), times.seconds(now + COMMAND_GOOD)),
        )
    return act


def told(console: Console, door: UUID, most: int = 5) -> list[Told]:
    """The last things this door was told to do, newest first."""
    rows = console.store.rows(
        "SELECT kind, asked_at, until, done FROM commands WHERE door = ? ORDER BY act DESC LIMIT ?", (door.bytes, most)
    )
    return [
        Told(
            kind=CommandKind(kind),
            asked_at=times.moment(asked_at),
            until=times.moment(until),
            done=None if done is None else bool(done),
        )
        for kind, asked_at, until, done in rows
    ]


def alarms(console: Console) -> list[OpenAlarm]:
    """What needs somebody, and what ended before anybody saw it; first what nobody has seen, the newest before the others."""
    rows = console.store.rows(
        """SELECT alarms.id, door, name, alarm, at, over_at, seen_at FROM alarms JOIN doors ON doors.id = door
        WHERE over_at IS NULL OR seen_at IS NULL ORDER BY seen_at IS NOT NULL, at DESC, alarms.id DESC"""
    )
    return [
        OpenAlarm(
            number=number,
            door=UUID(bytes=door),
            door_name=name,
            alarm=Alarm(alarm),
            at=times.moment(at),
            over_at=None if over_at is None else times.moment(over_at),
            seen=seen_at is not None,
        )
        for number, door, name, alarm, at, over_at, seen_at in rows
    ]


def saw(console: Console, alarm: int, now: datetime) -> None:
    """
    Somebody has seen this alarm.

    Raises: NotThere.
    """
    if not console.store.run("UPDATE alarms SET seen_at = coalesce(seen_at, ?) WHERE id = ?", (times.seconds(now), alarm)):
        raise NotThere("There is no such alarm.")


def joining(console: Console) -> list[Door]:
    """New doors that wait until their twelve digits are typed at another door of theirs."""
    rows = console.store.rows("SELECT door FROM joins")
    waiting = (one(console, UUID(bytes=row[0])) for row in rows)
    return [door for door in waiting if door.state is not State.RETIRED and not door.joined]


def groups(doors: Iterable[Door]) -> dict[int, list[Door]]:
    """Which doors share badges."""
    found: dict[int, list[Door]] = {}
    for door in doors:
        found.setdefault(door.group, []).append(door)
    return found


def _name(console: Console, name: str, door: UUID | None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_MOST or not name.isprintable():
        raise BadInput(f"Give the door a name of 1 to {NAME_MOST} letters.", "name")
    row = console.store.row("SELECT id FROM doors WHERE name = ?", (name,))
    if row is not None and (door is None or row[0] != door.bytes):
        raise BadInput("Another door has this name.", "name")
    return name


def _door(row: Any, now: datetime) -> Door:
    door, name, group, slot, paired_at, retired_at, minute_at, version, factors, faces, joined, testing, *parts = row
    heard_at = None if minute_at is None else times.moment(minute_at)
    if retired_at is not None:
        state = State.RETIRED
    elif paired_at is None:
        state = State.NEW
    elif now - (heard_at or times.moment(paired_at)) >= UP_WITHIN:
        state = State.SILENT
    else:
        state = State.UP if heard_at else State.UNHEARD
    return Door(
        id=UUID(bytes=door),
        name=name,
        group=group,
        slot=slot,
        state=state,
        heard_at=heard_at,
        version=version,
        factors=factors,
        faces=None if faces is None else bool(faces),
        joined=bool(joined),
        testing=state is State.UP and bool(testing),
        broken=tuple(words for words, answers in zip(PARTS, parts, strict=True) if state is State.UP and answers == 0),
    )
