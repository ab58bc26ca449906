"""Holidays: days from a calendar or the office's own, and nothing of them but days at the doors."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from admin import holidays, marks
from admin.console import Console
from admin.errors import BadInput
from admin.holidays import Holiday
from tests.admin.office.conftest import marked

TODAY = date(2026, 3, 4)


def test_a_calendar_is_the_countrys_and_its_regions() -> None:
    everywhere = holidays.calendar("DE", "", 2026)
    bavaria = holidays.calendar("DE", "BY", 2026)
    assert Holiday(date(2026, 10, 3), "German Unity Day") in everywhere
    assert {day.name for day in set(bavaria) - set(everywhere)} >= {"Epiphany", "All Saints' Day"}


def test_a_calendar_does_not_depend_on_the_machines_language(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = holidays.calendar("DE", "", 2026)
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.setenv(name, "de_DE.UTF-8")
    assert holidays.calendar("DE", "", 2026) == plain


@pytest.mark.parametrize("asked", [("XX", "", 2026), ("DE", "TX", 2026), ("DE", "", 1), ("DE", "", 20260)])
def test_a_calendar_nobody_knows_is_refused(asked: tuple[str, str, int]) -> None:
    with pytest.raises(BadInput):
        holidays.calendar(*asked)


def test_every_country_has_a_name_to_choose_it_by() -> None:
    every = holidays.countries()
    assert len(every) > 200
    assert all(country.name and country.code for country in every)
    assert [country.name for country in every] == sorted(country.name for country in every)


def test_added_days_are_marked_once_for_every_door(console: Console, a_door: Callable[..., UUID]) -> None:
    door = a_door()
    assert holidays.add(console, [Holiday(TODAY, " Founders'  day ")], TODAY) == (door,)
    holidays.add(console, [Holiday(TODAY, "Another name"), Holiday(TODAY + timedelta(days=9), "Move")], TODAY)
    assert holidays.every(console, TODAY) == [Holiday(TODAY, "Another name"), Holiday(TODAY + timedelta(days=9), "Move")]
    assert [(where, key) for where, key, _ in marked(console, "holidays")] == [(door, marks.ONLY)]


def test_a_day_that_has_passed_is_not_kept(console: Console) -> None:
    """Yesterday is, because a door further west may still be living it."""
    holidays.add(console, [Holiday(TODAY + timedelta(days=n), "Day") for n in range(4)], TODAY)
    holidays.remove(console, TODAY + timedelta(days=3), TODAY + timedelta(days=2))
    assert console.store.rows("SELECT count(*), min(day) FROM holidays") == [
        (2, (TODAY + timedelta(days=1) - date(1970, 1, 1)).days)
    ]


@pytest.mark.parametrize("off", [timedelta(days=-1), timedelta(days=800)])
def test_a_day_in_the_past_or_too_far_off_is_refused(console: Console, off: timedelta) -> None:
    with pytest.raises(BadInput):
        holidays.add(console, [Holiday(TODAY + off, "Day")], TODAY)


def test_more_days_than_a_door_can_know_are_refused(console: Console) -> None:
    """A policy's list holds 200."""
    days = [Holiday(TODAY + timedelta(days=n), "Day") for n in range(holidays.MOST + 1)]
    with pytest.raises(BadInput, match="Remove some"), console.store.transaction():
        holidays.add(console, days, TODAY)
    assert holidays.every(console, TODAY) == []
    assert len(holidays.add(console, days[:-1], TODAY)) == 0
