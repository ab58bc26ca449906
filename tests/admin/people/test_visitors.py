"""Visitors: a bearer's code with a span and doors, which leaves nothing behind."""

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from admin import doors, visitors
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.visitors import Stage
from tests.admin.conftest import NOON, Clockwork
from tests.admin.people.conftest import told


@pytest.fixture
def plumber(console: Console, a_door: Callable[..., UUID]) -> UUID:
    """Somebody who comes in an hour, for two."""
    visitor = visitors.fresh()
    visitors.add(console, visitor, "Plumber", NOON + timedelta(hours=1), NOON + timedelta(hours=3), (a_door(),))
    return visitor


def test_doors_are_told_a_digest_of_what_the_code_says(console: Console, plumber: UUID) -> None:
    bearer = visitors.one(console, plumber).bearer
    assert bearer
    assert bearer.startswith(b"BYLV1")
    assert len(bearer) == 37
    assert console.store.row("SELECT digest FROM visitors") == (sha256(bearer).digest(),)
    assert told(console, "guest") == {("Front door", plumber.bytes)}


def test_no_two_codes_say_the_same(console: Console, plumber: UUID) -> None:
    other = visitors.fresh()
    visitors.add(console, other, "Plumber", NOON, NOON + timedelta(hours=3), visitors.doors(console))
    assert visitors.one(console, other).bearer != visitors.one(console, plumber).bearer


def test_a_code_that_was_taken_back_is_gone_and_the_doors_are_told(console: Console, plumber: UUID) -> None:
    console.store.run("UPDATE marks SET number = 0")
    assert len(visitors.take_back(console, plumber)) == 1
    found = visitors.one(console, plumber)
    assert (found.bearer, found.stage) == (None, Stage.TAKEN_BACK)
    assert console.store.row("SELECT bearer FROM visitors") == (None,)
    assert console.store.row("SELECT number FROM marks WHERE kind = 'guest'")[0] > 0
    assert visitors.take_back(console, plumber) == ()


def test_when_the_span_is_over_nothing_is_left(console: Console, plumber: UUID, clockwork: Clockwork) -> None:
    assert visitors.one(console, plumber).stage is Stage.COMING
    clockwork.set(NOON + timedelta(hours=1))
    assert visitors.one(console, plumber).stage is Stage.OPEN
    clockwork.set(NOON + timedelta(hours=3) - timedelta(seconds=1))
    assert visitors.prune(console) == 0
    clockwork.forward(1)
    with pytest.raises(NotThere):
        visitors.one(console, plumber)
    assert visitors.prune(console) == 1
    for left in ("SELECT * FROM visitors", "SELECT * FROM visitor_doors", "SELECT * FROM marks WHERE kind = 'guest'"):
        assert console.store.rows(left) == []


def test_a_visitor_comes_in_by_paired_doors_of_one_factor(console: Console, a_door: Callable[..., UUID]) -> None:
    front, safe, retired = a_door("Front door"), a_door("Safe", 2), a_door("Old door")
    unpaired = doors.add(console, "New door", None)
    doors.retire(console, retired, NOON)
    assert visitors.doors(console) == {front: "Front door"}
    for door in (safe, retired, unpaired, uuid4()):
        with pytest.raises(BadInput, match="at least one door"):
            visitors.add(console, visitors.fresh(), "Plumber", NOON, NOON + timedelta(hours=1), (front, door))


@pytest.mark.parametrize(
    ("begins", "ends", "field"),
    [(0, 0, "ends"), (1, 0, "ends"), (-3, -1, "ends"), (0, 7 * 24 + 1, "ends"), (367 * 24, 367 * 24 + 1, "begins")],
)
def test_a_span_is_a_week_at_most_and_soon(
    console: Console, a_door: Callable[..., UUID], begins: int, ends: int, field: str
) -> None:
    span = (NOON + timedelta(hours=begins), NOON + timedelta(hours=ends))
    with pytest.raises(BadInput) as fault:
        visitors.add(console, visitors.fresh(), "Plumber", *span, (a_door(),))
    assert fault.value.field == field
    assert console.store.rows("SELECT * FROM visitors") == []
