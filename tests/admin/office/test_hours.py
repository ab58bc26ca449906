"""Weekly hours: what is typed is what is kept, and what is kept is what the doors are told."""

import contextlib
from collections.abc import Callable
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin import doors, groups, hours, marks
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.hours import DAY_MIN, Span
from tests.admin.conftest import Clockwork
from tests.admin.office.conftest import marked

SPANS = st.builds(
    lambda day, ends: Span(day, min(ends), max(ends)),
    st.integers(0, 6),
    st.lists(st.integers(0, DAY_MIN), min_size=2, max_size=2, unique=True),
)
WEEKS = st.lists(SPANS, max_size=30)


def minutes(spans: tuple[Span, ...] | list[Span]) -> set[tuple[int, int]]:
    return {(span.day, minute) for span in spans for minute in range(span.begins_min, span.ends_min)}


@settings(deadline=None)
@given(WEEKS)
def test_merging_keeps_every_minute_and_no_other(spans: list[Span]) -> None:
    whole = hours.merged(spans)
    assert minutes(whole) == minutes(spans)
    assert list(whole) == sorted(whole)
    assert all(a.day != b.day or a.ends_min < b.begins_min for a, b in pairwise(whole))


@settings(deadline=None)
@given(WEEKS)
def test_what_is_shown_can_be_typed_again(spans: list[Span]) -> None:
    week = hours.Week(number=1, name="x", on_holidays=False, spans=hours.merged(spans))
    assert hours.typed(week.lines) == week.spans


@settings(deadline=None)
@given(st.text(max_size=30))
def test_whatever_is_typed_is_hours_or_a_sentence(line: str) -> None:
    with contextlib.suppress(BadInput):
        found = hours.typed([line, "", "", "", "", "", ""])
        assert all(0 <= span.begins_min < span.ends_min <= DAY_MIN and span.day in {0, 1} for span in found)


@pytest.mark.parametrize(
    ("line", "spans"),
    [
        ("8-18", [Span(6, 480, 1080)]),
        ("08:15 – 12.00, 13 to 17:30", [Span(6, 495, 720), Span(6, 780, 1050)]),  # noqa: RUF001  # people type it
        ("22:00-6:00", [Span(0, 0, 360), Span(6, 1320, 1440)]),
        ("22-24", [Span(6, 1320, 1440)]),
        ("18-0", [Span(6, 1080, 1440)]),
        ("8-9, 9-10", [Span(6, 480, 600)]),
        ("", []),
    ],
)
def test_hours_are_typed_as_people_write_them(line: str, spans: list[Span]) -> None:
    """The day is a Sunday: a night's end is on Monday."""
    assert list(hours.typed([""] * 6 + [line])) == spans


@pytest.mark.parametrize("line", ["8", "25-26", "8:60-9", "8-8", "8-24:01", "nine to five", "24-6", "-"])
def test_what_is_no_time_is_refused(line: str) -> None:
    with pytest.raises(BadInput) as refused:
        hours.typed(["", line, "", "", "", "", ""])
    assert refused.value.field == "day1"


def test_a_week_is_told_in_a_few_words() -> None:
    week = hours.typed(["8-18"] * 5 + ["", "10-12"])
    assert hours.summary(week) == "Mon to Fri 08:00-18:00; Sun 10:00-12:00"


def test_keeping_and_changing_hours_marks_them_for_every_door(console: Console, a_door: Callable[..., UUID]) -> None:
    first, second = a_door("Front"), a_door("Back")
    number, woken = hours.keep(console, None, "Office", False, [Span(0, 480, 1080)])
    assert number == 1
    assert set(woken) == {first, second}
    assert {(door, key) for door, key, _ in marked(console, "hours")} == {(door, marks.number_key(1)) for door in (first, second)}
    before = marked(console, "hours")
    hours.keep(console, number, "Office", True, [Span(0, 480, 1080), Span(1, 0, 1440)])
    assert hours.one(console, number) == hours.Week(
        number=1, name="Office", on_holidays=True, spans=(Span(0, 480, 1080), Span(1, 0, 1440))
    )
    assert min(mark for *_, mark in marked(console, "hours")) > max(mark for *_, mark in before)


def test_hours_that_admit_nobody_are_refused(console: Console) -> None:
    with pytest.raises(BadInput, match="nobody would get in"):
        hours.keep(console, None, "Never", False, [])


def test_a_number_is_never_given_twice(console: Console, clockwork: Clockwork) -> None:
    """A door that was away for weeks must not take new hours for old ones."""
    number, _ = hours.keep(console, None, "Office", False, [Span(0, 480, 1080)])
    hours.remove(console, number, clockwork.now())
    assert hours.keep(console, None, "Office", False, [Span(0, 480, 1080)])[0] == number + 1
    with pytest.raises(NotThere):
        hours.one(console, number)


def test_hours_in_use_stay(console: Console, a_door: Callable[..., UUID], clockwork: Clockwork) -> None:
    """Somebody whose hours vanish would be locked out, or let in always."""
    door = a_door()
    number, _ = hours.keep(console, None, "Office", False, [Span(0, 480, 1080)])
    groups.add(console, "Staff", {door: number})
    assert hours.used_by(console, number) == ["Staff"]
    with pytest.raises(BadInput, match="Give them others first"):
        hours.remove(console, number, clockwork.now())
    doors.retire(console, door, clockwork.now())
    hours.remove(console, number, clockwork.now())
    assert hours.every(console) == []
