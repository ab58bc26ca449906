"""Owns the days on which ordinary hours do not count: taken from a country's calendar, or the office's own.

The doors are told days and no names. What never happens here: a day that has passed being sent or kept for ever.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final
from uuid import UUID

import holidays
from holidays.registry import COUNTRIES

from admin import marks, times
from admin.console import Console
from admin.errors import BadInput
from admin.marks import Kind

MOST: Final = 150
"""Days to come; a policy's list holds 200, and some have passed since it was made."""
NAME_MOST: Final = 80
AHEAD: Final = timedelta(days=2 * 366)


@dataclass(frozen=True, slots=True, order=True)
class Holiday:
    """One day."""

    day: date
    name: str


@dataclass(frozen=True, slots=True)
class Country:
    """A calendar one may take holidays from; `parts` are code and name of its regions."""

    code: str
    name: str
    parts: tuple[tuple[str, str], ...]


@cache
def countries() -> tuple[Country, ...]:
    """Every country whose calendar is known, by name."""
    known = holidays.list_supported_countries(include_aliases=False)
    named = {codes[1]: _spaced(codes[0]) for codes in COUNTRIES.values()}
    return tuple(
        sorted(
            (Country(code, named[code], _parts(code, parts)) for code, parts in known.items()), key=lambda country: country.name
        )
    )


def calendar(code: str, part: str, year: int) -> list[Holiday]:
    """
    The public holidays of a country, and of a part of it if one is named.

    Raises: BadInput when the calendar does not know one of them.
    """
    country = next((known for known in countries() if known.code == code), None)
    if country is None:
        raise BadInput("Choose a country from the list.", "country")
    if part and part not in dict(country.parts):
        raise BadInput("Choose a region of this country.", "part")
    if not 1970 < year < 2100:
        raise BadInput("Choose a year from the list.", "year")
    # A language is always named; the library would else take one from the machine's environment.
    plain = holidays.country_holidays(code)
    language = "en_US" if "en_US" in plain.supported_languages else plain.default_language
    found = holidays.country_holidays(code, subdiv=part or None, years=year, language=language)
    return sorted(Holiday(day, name[:NAME_MOST]) for day, name in found.items())


def every(console: Console, today: date) -> list[Holiday]:
    """The days to come, today among them."""
    rows = console.store.rows("SELECT day, name FROM holidays WHERE day >= ? ORDER BY day", (times.day_number(today),))
    return [Holiday(times.day(day), name) for day, name in rows]


def add(console: Console, days: list[Holiday], today: date) -> tuple[UUID, ...]:
    """
    Add these days, or name them anew; the doors to be woken. In the caller's transaction.

    Raises: BadInput when one has passed or is too far off, has no name, or there would be too many.
    """
    for holiday in days:
        if not today <= holiday.day <= today + AHEAD:
            raise BadInput("Choose a day from today on, two years ahead at most.", "day")
        name = " ".join(holiday.name.split())
        if not name or len(name) > NAME_MOST or not name.isprintable():
            raise BadInput(f"Give the day a name of 1 to {NAME_MOST} letters.", "name")
        console.store.run(
            "INSERT INTO holidays VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET name = excluded.name",
            (times.day_number(holiday.day), name),
        )
    if len(every(console, today)) > MOST:
        raise BadInput(f"The doors can know {MOST} days to come. Remove some first.", "day")
    return _changed(console, today)


def remove(console: Console, day: date, today: date) -> tuple[UUID, ...]:
    """This day is an ordinary one; the doors to be woken."""
    console.store.run("DELETE FROM holidays WHERE day = ?", (times.day_number(day),))
    return _changed(console, today)


def _changed(console: Console, today: date) -> tuple[UUID, ...]:
    # Yesterday stays: a door further west may still be living it.
    console.store.run("DELETE FROM holidays WHERE day < ?", (times.day_number(today) - 1,))
    doors = marks.paired(console)
    marks.mark(console, doors, Kind.HOLIDAYS)
    return doors


def _parts(code: str, parts: list[str]) -> tuple[tuple[str, str], ...]:
    names = {part: name for name, part in getattr(holidays.country_holidays(code), "subdivisions_aliases", {}).items()}
    return tuple((part, names.get(part, part)) for part in parts)


def _spaced(name: str) -> str:
    small = {"and", "of", "the"}
    return " ".join(word if word in small else word.capitalize() for word in name.split("_"))
