"""Owns what the office sees first: what needs somebody, and the few figures that the doors may tell.

What never happens here: a figure of one person; a count below five; a guess where something is not measured.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from admin import custody, doors, holidays, notices, requests, settings, times
from admin.console import Console
from admin.doors import Door, Only, OpenAlarm, State
from admin.requests import Clock
from device.contract.console import Alarm

HOURS: Final = 24
TILES: Final = 24
ALARMS: Final = 20
"""Alarms that are shown; each that is over goes when it is seen, and makes room."""
NAMED: Final = 5
"""Doors of which the same is said one by one; what is said of more is one line."""
YEAR_ENDS_IN: Final = timedelta(days=60)
_ALARMS: Final = dict(zip(doors.PARTS, (Alarm.EYES_DOWN, Alarm.SCREEN_DOWN, Alarm.LOCK_SILENT), strict=True))
"""Which alarm says already that a part does not answer."""
ANSWER_GOOD: Final = timedelta(weeks=2)
"""An answer comes weekly; an older one is no answer any more."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs somebody, and the page on which they do it."""

    sentence: str
    page: str
    where: dict[str, UUID | str] = field(default_factory=dict)
    """What the page's address is made of."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The openings of one hour: a count, or nothing while fewer than five people came or no count is there."""

    hour: datetime
    openings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """The two yes or no of all doors together: no when one door says no, nothing while none has measured."""

    budget_met: bool | None
    badge_good: bool | None


def openings(console: Console, now: datetime) -> list[Bar]:
    """The last whole hours, of all doors together, oldest first."""
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    first = last - timedelta(hours=HOURS)
    # Door by door, as the table is ordered: it keeps 400 days of every door, and these are one of them.
    counted = dict(
        console.store.rows(
            """SELECT hour, sum(openings) FROM doors CROSS JOIN hourly ON door = doors.id
            WHERE hour >= ? AND hour < ? GROUP BY hour""",
            (times.seconds(first), times.seconds(last)),
        )
    )
    hours, zone = [first + timedelta(hours=hour) for hour in range(HOURS)], settings.zone(console)
    return [Bar(hour.astimezone(zone), counted.get(times.seconds(hour), 0)) for hour in hours]


def answers(console: Console, now: datetime) -> Answers:
    """The newest answers of the doors in use."""
    rows = console.store.rows(
        """SELECT budget_met, badge_good FROM answers JOIN doors ON doors.id = door
        WHERE retired_at IS NULL AND week >= ? AND week = (SELECT max(week) FROM answers AS newer WHERE newer.door = doors.id)""",
        (times.seconds(now - ANSWER_GOOD),),
    )
    return Answers(budget_met=_together([row[0] for row in rows]), badge_good=_together([row[1] for row in rows]))


def needs(console: Console, every: list[Door], alarms: list[OpenAlarm], now: datetime) -> list[Need]:
    """What needs somebody beside these alarms, the most urgent first; `every` are the doors in use."""
    return [*_at_doors(console, every, alarms), *_in_the_office(console, now)]


def first(every: list[Door]) -> list[Door]:
    """The doors to show: those about which there is something to say, then others, as many as a page takes."""
    return sorted(every, key=lambda door: door.state is State.UP and not door.broken and not door.testing)[:TILES]


def title(every: list[Door], needed: int) -> str:
    """The page's title, which says it all."""
    state = doors.said(every)
    if not every:
        return f"{state}."
    if not needed:
        return f"{state}; nothing needs you."
    return f"{state}; {_count(needed, 'thing')} {'needs' if needed == 1 else 'need'} you."


def _at_doors(console: Console, every: list[Door], alarms: list[OpenAlarm]) -> list[Need]:
    alarmed = {(alarm.door, alarm.alarm) for alarm in alarms if alarm.over_at is None}
    broken = [
        (door, f": the {part} does not answer.")
        for door in every
        for part in door.broken
        if (door.id, _ALARMS[part]) not in alarmed
    ]
    return [
        *_each([(door, " does not answer.") for door in every if door.state is State.SILENT], "do not answer.", Only.SILENT),
        *_each(broken, "have a part that does not answer.", Only.BROKEN),
        *_each(
            [(door, " is in test mode; nothing opens.") for door in every if door.testing],
            "are in test mode; nothing opens there.",
            Only.TESTING,
        ),
        *_each([(door, " is not paired yet.") for door in every if door.state is State.NEW], "are not paired yet.", Only.NEW),
        *(
            Need(f"{door.name} shows twelve digits. Type them at a door it shares badges with.", "doors.one", {"door": door.id})
            for door in doors.joining(console)
        ),
    ]


def _each(told: list[tuple[Door, str]], of_many: str, only: Only) -> list[Need]:
    """A line for each of these doors, or one for all of them where they are many."""
    count = len({door.id for door, _ in told})
    if count > NAMED:
        return [Need(f"{count:,} doors {of_many}", "doors.index", {"state": only})]
    return [Need(f"{door.name}{says}", "doors.one", {"door": door.id}) for door, says in told]


def _in_the_office(console: Console, now: datetime) -> list[Need]:
    today, found = times.local(now, console.config.zone), []
    pressing = sum(request.clock in {Clock.SOON, Clock.LATE} for request in requests.waiting(console))
    if pressing:
        found.append(Need(f"{_count(pressing, 'request')} about people's data must be answered within days.", "people.index"))
    if custody.missing(console):
        found.append(Need("Doors offer faces, and nobody has written down why, or it has run out.", "settings.index"))
    if notices.outdated(console):
        found.append(Need("The notice tells figures that have changed. Publish a new one.", "notices.index"))
    coming = holidays.every(console, today)
    if coming and today + YEAR_ENDS_IN > today.replace(month=12, day=31) and coming[-1].day.year == today.year:
        found.append(Need(f"No holidays of {today.year + 1} are set yet.", "hours.days"))
    return found


def _together(told: list[int | None]) -> bool | None:
    measured = [bool(answer) for answer in told if answer is not None]
    return all(measured) if measured else None


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"
