"""Owns weekly hours: sets of spans that groups are admitted in, and the way they are typed and shown.

Set 0 is "always" and no row. What never happens here: a set that admits nobody by mistake; hours of one person.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple
from uuid import UUID

from admin import marks, times
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.marks import Kind

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DAY_MIN: Final = 1440
WEEK_MIN: Final = 7 * DAY_MIN
NAME_MOST: Final = 40
SPANS_MOST: Final = 100
"""Of one set; what a policy's entry may hold, with room to spare."""

_SPAN: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d{2}))?")  # noqa: RUF001  # people type it


class Span(NamedTuple):
    """One piece of one day; minutes from midnight, the end not included."""

    day: int
    begins_min: int
    ends_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One set of weekly hours."""

    number: int
    name: str
    on_holidays: bool
    spans: tuple[Span, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """The seven days as they are typed."""
        return tuple(shown(span for span in self.spans if span.day == day) for day in range(7))

    @property
    def hours(self) -> float:
        """How many hours a week."""
        return sum(span.ends_min - span.begins_min for span in self.spans) / 60


def every(console: Console) -> list[Week]:
    """Every set in use, by name."""
    rows = console.store.rows("SELECT id FROM hours WHERE gone_at IS NULL ORDER BY name COLLATE NOCASE")
    return [one(console, row[0]) for row in rows]


def one(console: Console, number: int) -> Week:
    """
    This set.

    Raises: NotThere when there is none, or none any more.
    """
    row = console.store.row("SELECT name, on_holidays FROM hours WHERE id = ? AND gone_at IS NULL", (number,))
    if row is None:
        raise NotThere("There are no such hours.")
    spans = console.store.rows("SELECT day, begins_min, ends_min FROM spans WHERE hours = ? ORDER BY day, begins_min", (number,))
    return Week(number=number, name=row[0], on_holidays=bool(row[1]), spans=tuple(Span(*span) for span in spans))


def used_by(console: Console, number: int) -> list[str]:
    """The groups that are admitted in these hours, by name."""
    rows = console.store.rows(
        "SELECT DISTINCT name FROM group_doors JOIN groups ON groups.id = group_id WHERE hours = ? ORDER BY name", (number,)
    )
    return [row[0] for row in rows]


def keep(
    console: Console, number: int | None, name: str, on_holidays: bool, spans: Iterable[Span]
) -> tuple[int, tuple[UUID, ...]]:
    """
    Keep this set, a new one when it has no number; its number, and the doors to be woken.

    Raises: BadInput for a bad name or nothing in it; NotThere.
    """
    name, whole = " ".join(name.split()), merged(spans)
    if not name or len(name) > NAME_MOST or not name.isprintable():
        raise BadInput(f"Give these hours a name of 1 to {NAME_MOST} letters.", "name")
    if not whole:
        raise BadInput("Mark at least one hour; otherwise nobody would get in.", "week")
    if len(whole) > SPANS_MOST:
        raise BadInput(f"Use at most {SPANS_MOST} pieces a week.", "week")
    with console.store.transaction():
        if number is None:
            number = int(console.store.row("SELECT coalesce(max(id), 0) + 1 FROM hours")[0])
            console.store.run("INSERT INTO hours VALUES (?, ?, ?, NULL)", (number, name, on_holidays))
        else:
            one(console, number)
            console.store.run("UPDATE hours SET name = ?, on_holidays = ? WHERE id = ?", (name, on_holidays, number))
            console.store.run("DELETE FROM spans WHERE hours = ?", (number,))
        for span in whole:
            console.store.run("INSERT INTO spans VALUES (?, ?, ?, ?)", (number, *span))
        return number, _mark(console, number)


def remove(console: Console, number: int, now: datetime) -> tuple[UUID, ...]:
    """
    These hours are no more; the doors to be woken.

    Raises: NotThere, or BadInput while a group is admitted in them.
    """
    one(console, number)
    if used_by(console, number):
        raise BadInput("Groups are still admitted in these hours. Give them others first.")
    console.store.run("UPDATE hours SET gone_at = ? WHERE id = ?", (times.seconds(now), number))
    return _mark(console, number)


def _mark(console: Console, number: int) -> tuple[UUID, ...]:
    doors = marks.paired(console)
    marks.mark(console, doors, Kind.HOURS, marks.number_key(number))
    return doors


# --- typed and shown -------------------------------------------------------------------------------------------------


def typed(lines: Sequence[str]) -> tuple[Span, ...]:
    """
    The week that seven lines say, as in "08:00-12:00, 13-18" or "22:00-6:00", which ends on the next morning.

    Raises: BadInput, naming the field `day0` to `day6`.
    """
    return merged(span for day, line in enumerate(lines) for span in _of_day(day, line))


def shown(spans: Iterable[Span]) -> str:
    """One day's spans, as they may be typed."""
    return ", ".join(f"{clock(span.begins_min)}-{clock(span.ends_min)}" for span in spans)


def clock(minute: int) -> str:
    """A minute of the day, as a clock shows it; the day's end is 24:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same hours in the fewest spans, in order, none reaching over midnight."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and found[-1].day == span.day and span.begins_min <= found[-1].ends_min:
            found[-1] = found[-1]._replace(ends_min=max(found[-1].ends_min, span.ends_min))
        else:
            found.append(span)
    return tuple(found)


def summary(spans: Sequence[Span]) -> str:
    """A week in a few words: days that are alike stand together."""
    days = [shown(span for span in spans if span.day == day) for day in range(7)]
    cuts = [0, *(day for day, (before, after) in enumerate(pairwise(days), 1) if before != after), 7]
    return "; ".join(
        (DAYS[first][:3] if last == first + 1 else f"{DAYS[first][:3]} to {DAYS[last - 1][:3]}") + f" {days[first]}"
        for first, last in pairwise(cuts)
        if days[first]
    )


def _of_day(day: int, line: str) -> list[Span]:
    found: list[Span] = []
    for piece in filter(None, (part.strip() for part in re.split(r"[,;]", line))):
        match = _SPAN.fullmatch(piece)
        begins, ends = _minutes(match) if match else (-1, -1)
        if not 0 <= begins < DAY_MIN or not 0 <= ends <= DAY_MIN or begins == ends:
            raise BadInput("Write hours like 08:00-12:00, 13:00-18:00.", f"day{day}")
        if begins < ends:
            found.append(Span(day, begins, ends))
        else:
            found.append(Span(day, begins, DAY_MIN))
            found += [Span((day + 1) % 7, 0, ends)] if ends else []
    return found


def _minutes(match: re.Match[str]) -> tuple[int, int]:
    begins_h, begins_m, ends_h, ends_m = (int(part or 0) for part in match.groups())
    if max(begins_m, ends_m) > 59:
        return -1, -1
    return begins_h * 60 + begins_m, ends_h * 60 + ends_m
