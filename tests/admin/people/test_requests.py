"""Requests: a month, shown as days."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin import requests
from admin.console import Console
from admin.entries import Entry
from admin.errors import BadInput, NotThere
from admin.requests import Clock, Kind
from tests.admin.conftest import NOON, Clockwork
from tests.admin.people.conftest import added


@pytest.mark.parametrize(
    ("came", "last"),
    [
        (date(2030, 1, 15), date(2030, 2, 15)),
        (date(2030, 1, 31), date(2030, 2, 28)),
        (date(2032, 1, 30), date(2032, 2, 29)),
        (date(2030, 12, 31), date(2031, 1, 31)),
        (date(2030, 3, 31), date(2030, 4, 30)),
    ],
)
def test_a_request_is_due_on_the_same_day_of_the_next_month(came: date, last: date) -> None:
    """TRA-06; GDPR 12(3)."""
    assert requests.due(came) == last


@given(came=st.dates(date(2000, 1, 1), date(2190, 1, 1)))
def test_a_month_is_from_28_to_31_days(came: date) -> None:
    assert 28 <= (requests.due(came) - came).days <= 31


@pytest.mark.parametrize(
    ("day", "left", "clock"),
    [(0, 30, Clock.RUNNING), (22, 8, Clock.RUNNING), (25, 5, Clock.SOON), (30, 0, Clock.SOON), (31, -1, Clock.LATE)],
)
def test_the_clock_says_how_many_days_are_left(
    console: Console, mira: UUID, clockwork: Clockwork, day: int, left: int, clock: Clock
) -> None:
    """TRA-06: at day 25 and 30."""
    requests.note(console, mira, Kind.ACCESS, NOON.date())
    clockwork.set(NOON + timedelta(days=day))
    found = requests.waiting(console)[0]
    assert (found.left_days, found.clock, found.due_on) == (left, clock, date(2030, 7, 12))


def test_an_answer_ends_the_wait_and_a_second_one_changes_nothing(console: Console, mira: UUID, clockwork: Clockwork) -> None:
    other = added(console, Entry(name="Other"))
    number = requests.note(console, mira, Kind.ERASURE, NOON.date())
    with pytest.raises(NotThere):
        requests.answer(console, other, number)
    requests.answer(console, mira, number)
    clockwork.forward(86_400)
    requests.answer(console, mira, number)
    assert requests.waiting(console) == ()
    assert [(found.answered_on, found.clock) for found in requests.of(console, mira)] == [(NOON.date(), Clock.ANSWERED)]


def test_the_most_pressing_stands_first(console: Console, mira: UUID) -> None:
    requests.note(console, mira, Kind.ACCESS, NOON.date())
    requests.note(console, mira, Kind.OBJECTION, NOON.date() - timedelta(days=20))
    assert [found.kind for found in requests.waiting(console)] == [Kind.OBJECTION, Kind.ACCESS]


@pytest.mark.parametrize("days", [-1, 367])
def test_a_day_that_cannot_be_is_refused(console: Console, mira: UUID, days: int) -> None:
    with pytest.raises(BadInput):
        requests.note(console, mira, Kind.ACCESS, NOON.date() - timedelta(days=days))
