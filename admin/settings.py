"""Owns the office's settings: each with its caps, the requirement they come from, and what it is while nobody has set it.

A value beyond its cap is not kept, and a door would refuse it. What never happens here: "never"; a setting that concerns one
person; anything that the door's own program decides.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from admin import marks, times
from admin.console import Console
from admin.errors import BadInput
from admin.marks import Kind
from device.contract.console import Limits


class Unit(StrEnum):
    """What a setting counts."""

    DAYS = "days"
    SECONDS = "seconds"
    TRIES = "tries"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One number the office may set."""

    key: str
    words: str
    means: str
    unit: Unit
    least: int
    most: int
    usual: int
    requirement: str
    in_notice: bool = False
    """Whether people read it in the notice before a yes, so that a change asks for a new notice."""


LIMITS: Final = (
    Setting(
        key="template_days",
        words="A template lives at most",
        means="Then it is gone, unless the person says yes again.",
        unit=Unit.DAYS,
        least=1,
        most=365,
        usual=365,
        requirement="CON-09",
        in_notice=True,
    ),
    Setting(
        key="unused_days",
        words="A template that is not used goes after",
        means="Whoever stops using their face need not think of it.",
        unit=Unit.DAYS,
        least=1,
        most=365,
        usual=90,
        requirement="DEL-03",
        in_notice=True,
    ),
    Setting(
        key="openings_days",
        words="A door keeps its openings for",
        means="For each person to read at the door. No incident can reach further back.",
        unit=Unit.DAYS,
        least=1,
        most=90,
        usual=90,
        requirement="DEL-09",
        in_notice=True,
    ),
    Setting(
        key="notice_days",
        words="After a new notice, an older yes holds for",
        means="Time to read it at the door and decide again.",
        unit=Unit.DAYS,
        least=1,
        most=60,
        usual=30,
        requirement="CON-04",
    ),
    Setting(
        key="open_s",
        words="A door opens for",
        means="It always closes again by itself.",
        unit=Unit.SECONDS,
        least=3,
        most=30,
        usual=5,
        requirement="SAF-06",
    ),
)
"""What reaches the doors, in the order of `console.Limits`."""

BUDGET: Final = Setting(
    key="budget_one_in",
    words="A stranger opens at most once in",
    means="What the answer “budget met” is measured against. Smaller than a thousand is not possible.",
    unit=Unit.TRIES,
    least=1_000,
    most=1_000_000,
    usual=1_000,
    requirement="ACC-03",
)
"""Two persons change it; it stays with the console, which shows it beside the answer."""
CHANGED: Final = "notice_figures_changed_at"


def value(console: Console, setting: Setting) -> int:
    """What this setting is."""
    kept = get(console, setting.key)
    return setting.usual if kept is None else int(kept)


def limits(console: Console) -> Limits:
    """What the doors are told."""
    return Limits(**{setting.key: value(console, setting) for setting in LIMITS})


def change(console: Console, key: str, to: int, now: datetime) -> tuple[UUID, ...]:
    """
    Set one number; the doors that have to be woken. In the caller's transaction.

    Raises: BadInput for anything unknown or beyond the caps.
    """
    setting = next((known for known in LIMITS if known.key == key), None)
    if setting is None:
        raise BadInput("There is no such setting.")
    if not setting.least <= to <= setting.most:
        raise BadInput(f"Choose between {setting.least} and {setting.most} {setting.unit}.", key)
    if to == value(console, setting):
        return ()
    put(console, key, str(to))
    if setting.in_notice:
        put(console, CHANGED, str(times.seconds(now)))
    doors = marks.paired(console)
    marks.mark(console, doors, Kind.LIMITS)
    return doors


def change_budget(console: Console, to: int) -> None:
    """
    Another risk budget; in the caller's transaction.

    Raises: BadInput beyond the caps.
    """
    if not BUDGET.least <= to <= BUDGET.most:
        raise BadInput(f"Choose between {BUDGET.least:,} and {BUDGET.most:,} {BUDGET.unit}.", BUDGET.key)
    put(console, BUDGET.key, str(to))


def figures_changed_at(console: Console) -> int | None:
    """When a figure that people read in the notice was last changed, in epoch seconds."""
    kept = get(console, CHANGED)
    return None if kept is None else int(kept)


def zone(console: Console) -> ZoneInfo:
    """The office's time zone, in which its pages tell days and hours."""
    return ZoneInfo(console.config.zone)


def get(console: Console, key: str) -> str | None:
    """What is kept under this key, if anything."""
    row = console.store.row("SELECT value FROM settings WHERE key = ?", (key,))
    return None if row is None else str(row[0])


def put(console: Console, key: str, kept: str) -> None:
    """Keep this; in the caller's transaction."""
    console.store.run(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, kept),
    )
