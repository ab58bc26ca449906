"""Weekly hours by the door's own wall clock, through the hour that is skipped and the hour that comes twice."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract import console as words
from device.contract import screen
from device.contract.screen import NoEntry
from device.door.hours import Span, Week, admits, local_day, midnight
from tests.door.linked.made import Paired

BERLIN = ZoneInfo("Europe/Berlin")
NINE_TO_FIVE = Week(tuple(Span(day, 540, 1020) for day in range(5)), on_holidays=False)
ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "UTC", "Pacific/Apia"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001  # the strategy adds UTC


@st.composite
def spans(draw: st.DrawFn) -> Span:
    begins_min = draw(st.integers(0, 1439))
    return Span(draw(st.integers(0, 6)), begins_min, draw(st.integers(begins_min + 1, 1440)))


@given(spans(), MOMENTS, ZONES)
def test_a_span_admits_exactly_while_the_wall_clock_reads_it(span: Span, now: datetime, zone: str) -> None:
    """By what somebody with a watch would say, and not by how many seconds have passed since midnight."""
    read = now.astimezone(ZoneInfo(zone)).strftime("%w %H:%M")
    day, minute = (int(read[0]) + 6) % 7, int(read[2:4]) * 60 + int(read[5:])
    admitted = admits(now, ZoneInfo(zone), [Week((span,), on_holidays=False)], set())
    assert admitted is (day == span.day and span.begins_min <= minute <= span.ends_min - 1)


@given(st.lists(spans(), max_size=4), st.lists(spans(), max_size=4), MOMENTS, ZONES)
def test_more_hours_never_admit_less(one: list[Span], other: list[Span], now: datetime, zone: str) -> None:
    weeks = [Week(tuple(some), on_holidays=False) for some in (one, other)]
    either = any(admits(now, ZoneInfo(zone), [week], set()) for week in weeks)
    assert admits(now, ZoneInfo(zone), weeks, set()) is either


@given(spans(), MOMENTS, ZONES)
def test_on_a_holiday_only_hours_that_count_then_admit(span: Span, now: datetime, zone: str) -> None:
    today = {local_day(now, ZoneInfo(zone))}
    assert not admits(now, ZoneInfo(zone), [Week((span,), on_holidays=False)], today)
    anyway = admits(now, ZoneInfo(zone), [Week((span,), on_holidays=True)], today)
    assert anyway is admits(now, ZoneInfo(zone), [Week((span,), on_holidays=False)], set())


@given(MOMENTS, ZONES)
def test_nobody_is_admitted_by_no_hours(now: datetime, zone: str) -> None:
    assert not admits(now, ZoneInfo(zone), [], set())


@pytest.mark.parametrize(
    ("utc", "inside"),
    [
        ("2026-03-29T00:59", False),  # 01:59, a minute before the clocks go forward
        ("2026-03-29T01:00", True),  # 03:00: what begins at half past two begins now
        ("2026-03-29T01:29", True),
        ("2026-03-29T01:30", False),  # 03:30
    ],
)
def test_hours_within_the_hour_that_is_skipped(utc: str, inside: bool) -> None:
    week = Week((Span(6, 150, 210),), on_holidays=False)
    assert admits(datetime.fromisoformat(utc).replace(tzinfo=UTC), BERLIN, [week], set()) is inside


@pytest.mark.parametrize(("utc", "inside"), [("2026-10-25T00:30", True), ("2026-10-25T01:30", True), ("2026-10-25T02:00", False)])
def test_the_hour_that_comes_twice_counts_twice(utc: str, inside: bool) -> None:
    week = Week((Span(6, 150, 180),), on_holidays=False)
    assert admits(datetime.fromisoformat(utc).replace(tzinfo=UTC), BERLIN, [week], set()) is inside


@given(MOMENTS, ZONES)
def test_a_day_is_told_by_its_date_at_the_door(now: datetime, zone: str) -> None:
    assert midnight(local_day(now, ZoneInfo(zone))).date() == now.astimezone(ZoneInfo(zone)).date()


# --- at the door -----------------------------------------------------------------------------------------------------


def _tell_hours(paired: Paired, number: int, week: Week, **more: bool) -> None:
    told = tuple(words.Span(day=one.day, begins_min=one.begins_min, ends_min=one.ends_min) for one in week.spans)
    gone = more.get("gone", False)
    paired.tell(hours=(words.Hours(hours=number, spans=told, on_holidays=week.on_holidays, gone=gone),))


def _local(paired: Paired) -> Iterator[str]:
    while True:
        yield f"{paired.clock.now().astimezone(BERLIN):%a %H:%M}"


def test_outside_hours_the_door_stays_closed_and_says_why(paired: Paired) -> None:
    """Monday 10:00 in Berlin, then seven in the evening."""
    _tell_hours(paired, 1, NINE_TO_FIVE)
    _, issued = paired.welcome(hours=(1,))
    assert paired.opens(issued)
    paired.clock.wait(timedelta(hours=7).total_seconds() - 1)
    assert paired.opens(issued)
    paired.clock.wait(1)
    assert next(_local(paired)) == "Mon 17:00"
    assert not paired.opens(issued)
    assert paired.scene(screen.NotOpened).because is NoEntry.OUTSIDE_HOURS


def test_any_one_of_several_hours_admits_and_none_admits_nobody(paired: Paired) -> None:
    _tell_hours(paired, 1, NINE_TO_FIVE)
    _, always = paired.welcome(hours=(1, 0))
    _, never = paired.welcome(hours=())
    _, unknown = paired.welcome(hours=(7,))
    paired.clock.wait(timedelta(hours=12).total_seconds())
    assert paired.opens(always)
    assert not paired.opens(never)
    assert not paired.opens(unknown)
    _tell_hours(paired, 7, Week((Span(0, 0, 1440),), on_holidays=False))
    assert paired.opens(unknown)
    _tell_hours(paired, 7, Week((), on_holidays=False), gone=True)
    assert not paired.opens(unknown)


def test_holidays_close_ordinary_hours(paired: Paired) -> None:
    _tell_hours(paired, 1, NINE_TO_FIVE)
    _, issued = paired.welcome(hours=(1,))
    today = local_day(paired.clock.now(), BERLIN)
    paired.tell(holidays=words.Holidays(days=(today, today + 1)))
    assert not paired.opens(issued)
    paired.tell(holidays=words.Holidays(days=(today + 1,)))
    assert paired.opens(issued)


def test_whoever_was_invited_beside_the_door_has_no_hours(paired: Paired) -> None:
    issued = paired.collect()
    paired.clock.wait(timedelta(hours=12).total_seconds())
    assert paired.opens(issued)
