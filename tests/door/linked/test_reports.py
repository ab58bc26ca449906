"""What is told and when: the same moments and the same sizes, whatever anybody chose."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import disk_usage
from typing import Any
from uuid import UUID

import pytest

from device.contract.console import (
    Alarm,
    AlarmRaised,
    Answers,
    Bundle,
    BundlePart,
    Collected,
    Hourly,
    Record,
)
from device.contract.screen import Button
from device.contract.words import encode
from device.door import reports
from device.door.linked import Health
from tests.door.linked.made import WELL, Paired


def _open(paired: Paired, people: list[UUID], times: int = 1) -> None:
    for person in people:
        for _ in range(times):
            paired.door.vault.journal.opened(person, paired.clock.now())


def _people(paired: Paired, number: int) -> list[UUID]:
    return [paired.admit()[0] for _ in range(number)]


# --- hours -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "told"), [(0, 0), (4, 0), (5, 15), (6, 18)])
def test_an_hour_is_told_as_a_count_and_only_when_five_people_came(paired: Paired, people: int, told: int) -> None:
    """ALT-08: 4 people who come three times each are 12 openings, and nothing is told."""
    paired.pass_(seconds=1)
    _open(paired, _people(paired, people), times=3)
    paired.pass_(hours=1)
    assert [(hourly.hour.hour, hourly.openings) for hourly in paired.all(Hourly)] == [(9, told)]


def test_every_hour_is_told_once_the_empty_ones_too(paired: Paired) -> None:
    paired.pass_(seconds=1)
    for _ in range(12):
        paired.pass_(minutes=30)
    assert [hourly.hour.hour for hourly in paired.all(Hourly)] == [9, 10, 11, 12, 13, 14]


def test_after_a_pause_two_days_of_hours_are_told_and_no_older_ones(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.pass_(days=5)
    told = [hourly.hour for hourly in paired.all(Hourly)]
    assert len(told) == reports.HOURS_MOST
    assert told[-1] == paired.clock.now().replace(minute=0, second=0) - timedelta(hours=1)
    paired.pass_(seconds=1)
    assert len(paired.all(Hourly)) == reports.HOURS_MOST


def test_a_clock_set_back_tells_no_hour_twice(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.pass_(hours=3)
    paired.clock.at -= timedelta(hours=2)
    paired.pass_(seconds=1)
    paired.pass_(hours=3)
    told = [hourly.hour for hourly in paired.all(Hourly)]
    assert len(set(told)) == len(told)


def test_a_clock_that_was_years_ahead_for_a_while_silences_nothing(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.clock.at += timedelta(days=4000)
    paired.linked.tick(WELL)
    paired.clock.wait(1)
    paired.linked.tick(WELL)
    paired.clock.at -= timedelta(days=4000)
    paired.pass_(seconds=1)
    paired.told.clear()
    paired.pass_(hours=2)
    assert [hourly.hour for hourly in paired.all(Hourly)] == [datetime(2026, 3, 2, hour, tzinfo=UTC) for hour in (9, 10)]


def test_a_door_that_is_not_paired_tells_nothing(paired: Paired) -> None:
    paired.door.store.run("DELETE FROM console")
    paired.door.store.run("DELETE FROM outbox")
    paired.told.clear()
    paired.pass_(days=2)
    assert paired.told == []
    assert paired.waiting(Record) == []


# --- days ------------------------------------------------------------------------------------------------------------


def test_who_collected_is_told_with_the_day_when_it_is_over(paired: Paired) -> None:
    """The office learns which codes are used; never the hour, and not before the day has ended."""
    paired.pass_(seconds=1)
    person, _ = paired.welcome()
    paired.collect()
    paired.visit.home()
    paired.pass_(hours=13)
    assert paired.all(Collected) == []
    paired.pass_(hours=1)
    assert [(told.day, told.people) for told in paired.all(Collected)] == [(datetime(2026, 3, 2, tzinfo=UTC), (person,))]
    paired.pass_(days=1)
    assert len(paired.all(Collected)) == 1


def test_whoever_collects_after_midnight_is_told_with_the_new_day(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.clock.wait(14 * 3600)
    person, _ = paired.welcome()
    paired.pass_(seconds=1)
    assert paired.all(Collected) == []
    paired.pass_(days=1)
    assert [(told.day.day, told.people) for told in paired.all(Collected)] == [(3, (person,))]


def test_whoever_collects_again_is_told_again(paired: Paired) -> None:
    paired.pass_(seconds=1)
    person, _ = paired.welcome()
    paired.pass_(days=1)
    paired.tell(people=(paired.admitted(person, "0123456789"),))
    paired.collect("0123456789")
    paired.pass_(days=1)
    assert [told.people for told in paired.all(Collected)] == [(person,), (person,)]


def test_more_who_collected_than_a_message_holds_are_told_in_several(paired: Paired) -> None:
    paired.pass_(seconds=1)
    people = sorted((paired.admit()[0] for _ in range(205)), key=lambda one: one.bytes)
    with paired.door.store.transaction():
        for person in people:
            paired.door.store.run("INSERT INTO collected VALUES (?, ?)", (person.bytes, 20514 * 86400))
    paired.pass_(days=1)
    told = paired.all(Collected)
    assert [len(one.people) for one in told] == [200, 5]
    assert [person for one in told for person in one.people] == people


def test_a_day_ends_when_it_ends_at_the_door(tmp_path: Path) -> None:
    """At 23:00 UTC it is tomorrow in Berlin."""
    paired = Paired(tmp_path)
    paired.clock.at = datetime(2026, 3, 2, 22, 59, tzinfo=UTC)
    paired.pass_(seconds=1)
    assert paired.all(BundlePart) == []
    paired.pass_(seconds=59)
    assert {part.day.date() for part in paired.all(BundlePart)} == {date(2026, 3, 2)}
    assert {part.bundle for part in paired.all(BundlePart)} == set(Bundle)
    paired.close()


def test_days_that_passed_while_the_power_was_off_are_sealed_one_by_one(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.close()
    paired.clock.wait(4 * 86400)
    paired.open()
    paired.pass_(seconds=1)
    days = [part.day.day for part in paired.all(BundlePart) if part.bundle is Bundle.JOURNAL and part.part == 0]
    assert days == [2, 3, 4, 5]


def test_the_two_answers_come_once_a_week_and_say_that_nothing_was_measured(paired: Paired) -> None:
    paired.pass_(seconds=1)
    for _ in range(15):
        paired.pass_(days=1)
    told = paired.all(Answers)
    assert [answers.week.day for answers in told] == [2, 9]
    assert {answer for one in told for answer in (one.budget_met, one.badge_good)} == {None}


def test_two_offices_that_differ_in_one_choice_tell_the_same_at_the_same_moments(tmp_path: Path) -> None:
    """ALT-08: face or badge, refused, withdrawn; numbers and sizes are equal but for ids and ciphertext."""

    def badge(paired: Paired) -> None:
        paired.press(Button.BADGE_AND_PIN)

    def face(paired: Paired) -> None:
        paired.press(Button.MY_FACE_TOO)
        paired.agree()
        paired.look(1)

    def live(folder: Path, choose: Callable[[Paired], None]) -> list[tuple[float, str, int]]:
        paired = Paired(folder)
        paired.linked.came()
        heard: list[tuple[float, str, int]] = []
        paired.pass_(seconds=1)
        _, code = paired.admit()
        issued = paired.collect(code)
        paired.press(Button.NEXT)
        choose(paired)
        paired.visit.home()
        for hour in range(30):
            if hour == 20:
                paired.visit.home()
                paired.about_me(issued)
                paired.press(Button.WITHDRAW)
                paired.visit.home()
            paired.opens(issued)
            paired.pass_(hours=1)
            heard += [(hour, type(message).__name__, len(encode(message))) for message in paired.told]
            paired.told.clear()
        paired.close()
        return heard

    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert live(tmp_path / "a", badge) == live(tmp_path / "b", face)


# --- alarms ----------------------------------------------------------------------------------------------------------


def _alarms(paired: Paired) -> list[tuple[Alarm, bool]]:
    return [(told.alarm, told.over) for told in paired.all(AlarmRaised)]


@pytest.mark.parametrize(
    ("alarm", "health"),
    [(Alarm.EYES_DOWN, Health(eyes=False, front=True)), (Alarm.SCREEN_DOWN, Health(eyes=True, front=False))],
)
def test_a_process_that_stays_away_is_told_and_that_it_is_back(paired: Paired, alarm: Alarm, health: Health) -> None:
    def tick(health: Health, seconds: int) -> None:
        for _ in range(seconds // 10):
            paired.clock.wait(10)
            paired.linked.tick(health)

    tick(WELL, 60)
    tick(health, 10)
    tick(WELL, 60)
    assert _alarms(paired) == []
    tick(health, 20)
    assert _alarms(paired) == [(alarm, False)]
    tick(health, 120)
    tick(WELL, 10)
    assert _alarms(paired) == [(alarm, False), (alarm, True)]


def test_a_lock_that_says_nothing_is_told(paired: Paired) -> None:
    paired.pass_(minutes=1)
    paired.lock.broken = True
    paired.pass_(minutes=1)
    paired.lock.broken = False
    paired.pass_(minutes=1)
    assert _alarms(paired) == [(Alarm.LOCK_SILENT, False), (Alarm.LOCK_SILENT, True)]


def test_a_clock_that_was_set_is_told(paired: Paired) -> None:
    paired.pass_(seconds=1)
    paired.clock.at += timedelta(minutes=1)
    paired.pass_(seconds=1)
    assert _alarms(paired) == []
    paired.clock.at -= timedelta(minutes=3)
    paired.pass_(seconds=1)
    assert _alarms(paired) == [(Alarm.CLOCK_STEPPED, False)]
    paired.pass_(minutes=59)
    assert len(_alarms(paired)) == 1
    paired.pass_(minutes=1)
    assert _alarms(paired) == [(Alarm.CLOCK_STEPPED, False), (Alarm.CLOCK_STEPPED, True)]


def test_a_simulated_clock_is_set_without_an_alarm(tmp_path: Path) -> None:
    paired = Paired(tmp_path, lambda settings: replace(settings, clock=tmp_path / "clock"))
    paired.pass_(seconds=1)
    paired.clock.at += timedelta(hours=1)
    paired.pass_(seconds=1)
    assert _alarms(paired) == []
    paired.close()


def test_a_disk_that_fills_up_is_told(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    paired.pass_(minutes=1)

    def usage(folder: Any) -> Any:
        return disk_usage(folder)._replace(free=1_000_000)

    monkeypatch.setattr("device.door.reports.shutil.disk_usage", usage)
    paired.pass_(minutes=1)
    assert _alarms(paired) == [(Alarm.DISK_LOW, False)]


def test_an_outbox_that_is_full_is_told_until_it_is_half_empty(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    from device.door import outbox as module  # noqa: PLC0415  # its bound is changed here alone

    for where in (module, reports):
        monkeypatch.setattr(where, "RECORDS_MOST", 20)
    paired.stores = False
    paired.pass_(seconds=1)
    paired.pass_(hours=25)
    paired.pass_(minutes=1)
    assert paired.door.outbox.count() == 20
    assert paired.door.reports.alarms.standing(Alarm.OUTBOX_FULL)
    paired.stores = True
    paired.pass_(minutes=1)
    paired.pass_(minutes=1)
    assert not paired.door.reports.alarms.standing(Alarm.OUTBOX_FULL)
