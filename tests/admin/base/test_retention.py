"""Everything has an end and reaches it by the clock."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from admin import accounts, audit, beside, founding, numbers, retention, schema, sessions
from admin.actions import Act
from admin.config import Preset
from admin.console import Console
from device.contract.console import Role
from tests.admin.base.rows import a_door, a_person, admitted, now_s
from tests.admin.conftest import Clockwork, acts, settings

DAY_S = 86_400


def after(days: int) -> timedelta:
    """A second more than these days."""
    return timedelta(days=days, seconds=1)


def today(console: Console) -> int:
    return now_s(console) // DAY_S


def count(console: Console, table: str) -> int:
    return int(console.store.row(f"SELECT count(*) FROM {table}")[0])  # noqa: S608  (our own words)


def columns(console: Console, name: str) -> dict[str, set[str]]:
    """Every table and its columns that are called like this."""
    tables = [
        row[0] for row in console.store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '%sqlite%'")
    ]
    return {table: {row[1] for row in console.store.rows(f"PRAGMA table_info({table})") if row[1] == name} for table in tables}


def test_every_table_has_a_time_for_which_it_is_kept() -> None:
    """WEB-14, ASVS 14.1.1, 14.2.7: the record is complete, and names no table that is not there."""
    made = {name for step in schema.STEPS.values() for s in step for name in re.findall(r"CREATE TABLE (\w+)", s)}
    assert set(retention.KEPT) == made
    assert all(words.endswith(".") for words in retention.KEPT.values())


def ended(console: Console, person: UUID, door: UUID | None) -> None:
    console.store.run("UPDATE people SET ended_at = ? WHERE id = ?", (now_s(console), person.bytes))
    if door is not None:
        console.store.run("INSERT INTO endings VALUES (?, ?, NULL)", (person.bytes, door.bytes))


def test_somebody_who_ended_goes_thirty_days_after_the_last_door_confirmed_and_nothing_of_them_stays(
    console: Console, clockwork: Clockwork
) -> None:
    """DEL-02 and WEB-14: to the day; and never while a door has not confirmed."""
    door, person, other = a_door(console), a_person(console), a_person(console, "Otto Reuter")
    admitted(console, person, door)
    for one in (person, other):
        raw = one.bytes
        console.store.run(
            "INSERT INTO looks (person, role, reason, day) VALUES (?, 'operator', 'question', ?)", (raw, today(console))
        )
        console.store.run("INSERT INTO requests (person, kind, received_on) VALUES (?, 'copy', ?)", (raw, today(console)))
        console.store.run("INSERT INTO collections VALUES (?, ?)", (raw, today(console)))
        console.store.run("INSERT INTO evidence_requests (person, asked_at) VALUES (?, ?)", (raw, now_s(console)))
    console.store.run("INSERT INTO released_evidence VALUES (1, ?, x'00')", (door.bytes,))
    console.store.run("INSERT INTO marks VALUES (?, 'page', ?, 9)", (door.bytes, (1).to_bytes(8, "big")))
    console.store.run("INSERT INTO marks VALUES (?, 'page', ?, 9)", (door.bytes, (2).to_bytes(8, "big")))
    ended(console, person, door)
    clockwork.forward(100 * DAY_S)
    retention.run(console)
    assert count(console, "people") == 2
    console.store.run("UPDATE endings SET confirmed_at = ?", (now_s(console),))
    clockwork.forward(30 * DAY_S - 1)
    retention.run(console)
    assert count(console, "people") == 2
    clockwork.forward(1)
    assert retention.run(console)["people"] == 1
    assert person.bytes.hex() not in "\n".join(console.store.connection.iterdump()).lower()
    raw = b"".join(path.read_bytes() for path in console.folder.glob("console.db*"))
    assert person.bytes not in raw
    assert b"Mina Kaya" not in raw
    for table, found in columns(console, "person").items():
        if found and table not in {"memberships", "codes", "endings"}:
            assert console.store.rows(f"SELECT person FROM {table}") == [(other.bytes,)], table  # noqa: S608  # our own names
    assert console.store.rows("SELECT key FROM marks") == [((2).to_bytes(8, "big"),)]


def test_the_number_of_what_was_removed_is_not_used_again(console: Console, clockwork: Clockwork) -> None:
    """Doors are told once by number: one used twice would tell a person nothing."""
    person = a_person(console)
    console.store.run(
        "INSERT INTO looks (person, role, reason, day) VALUES (?, 'operator', 'question', ?)", (person.bytes, today(console))
    )
    ended(console, person, None)
    clockwork.forward(31 * DAY_S)
    retention.run(console)
    assert count(console, "looks") == 0
    assert numbers.following(console, "looks") == 2


@pytest.mark.parametrize(
    ("table", "statement", "span"),
    [
        ("bundles", "INSERT INTO bundles VALUES (:door, :day, 'journal', 0, 2, x'00')", timedelta(days=91)),
        ("hourly", "INSERT INTO hourly VALUES (:door, :now, 7)", after(400)),
        ("answers", "INSERT INTO answers VALUES (:door, :now, 1, 1)", after(400)),
        ("alarms", "INSERT INTO alarms (door, alarm, at, over_at) VALUES (:door, 'tamper', :now, :now)", after(90)),
        ("commands", "INSERT INTO commands VALUES (1, :door, 'open_once', :now, :now, 1)", after(90)),
        ("joins", "INSERT INTO joins VALUES (:door, x'', x'', x'', :now)", after(1)),
        ("tickets", "INSERT INTO tickets VALUES (zeroblob(32), :door, :now + 900)", timedelta(seconds=900)),
        ("welcomes", "INSERT INTO welcomes VALUES (zeroblob(32), NULL, 'operator', :now + 86400, NULL)", timedelta(days=1)),
        ("holidays", "INSERT INTO holidays VALUES (:day, 'A day')", timedelta(days=731)),
        ("requests", "INSERT INTO requests VALUES (1, :person, 'copy', :day, :day)", timedelta(days=366)),
        ("looks", "INSERT INTO looks VALUES (1, :person, 'operator', 'question', :day)", timedelta(days=366)),
        ("codes", "INSERT INTO codes VALUES (:person, '1', zeroblob(32), :now, :now + 604800, 1)", timedelta(days=7)),
        ("evidence_requests", "INSERT INTO evidence_requests VALUES (1, :person, :now)", after(730)),
        ("incidents", "INSERT INTO incidents VALUES (1, :door, 'theft', :now - 9, :now, :now)", after(730)),
        ("sessions", "INSERT INTO sessions VALUES (zeroblob(32), :account, :now, :now, :now)", timedelta(seconds=901)),
        ("approvals", "INSERT INTO approvals (act, details, asked_by, asked_at) SELECT '', '', :account, :now", after(90)),
        ("visitors", "INSERT INTO visitors VALUES (zeroblob(16), '', '', zeroblob(32), 0, :now + 9, NULL)", timedelta(seconds=9)),
    ],
)  # fmt: skip
def test_a_row_is_there_until_its_time_and_gone_then(
    console: Console, clockwork: Clockwork, account_of: Callable[..., int], table: str, statement: str, span: timedelta
) -> None:
    """WEB-14 and DEL-09: a second before and a second after."""
    told = {"door": a_door(console).bytes, "person": a_person(console).bytes, "account": account_of(Role.OPERATOR)}
    told |= {"now": now_s(console), "day": today(console)}
    console.store.run(statement, {key: value for key, value in told.items() if f":{key}" in statement})
    clockwork.forward(span.total_seconds() - 1 - (DAY_S if ":day" in statement else 0))
    retention.run(console)
    assert count(console, table) == 1
    clockwork.forward(1 + (DAY_S if ":day" in statement else 0))
    assert retention.run(console)[table] == 1
    assert count(console, table) == 0


def test_an_alarm_that_is_not_over_stays(console: Console, clockwork: Clockwork) -> None:
    console.store.run("INSERT INTO alarms (door, alarm, at) VALUES (?, 'tamper', 1)", (a_door(console).bytes,))
    clockwork.forward(900 * DAY_S)
    retention.run(console)
    assert count(console, "alarms") == 1


def test_the_keys_of_a_released_day_go_long_before_the_request(console: Console, clockwork: Clockwork) -> None:
    door, now = a_door(console), now_s(console)
    console.store.run("INSERT INTO incidents VALUES (1, ?, 'theft', ?, ?, ?)", (door.bytes, now - 9, now, now))
    console.store.run("INSERT INTO released_days VALUES (1, 5, x'00')")
    clockwork.forward(90 * DAY_S + 1)
    retention.run(console)
    assert (count(console, "released_days"), count(console, "incidents")) == (0, 1)


def test_the_audit_log_keeps_two_years_and_still_follows(console: Console, clockwork: Clockwork) -> None:
    audit.write(console, Act.DOOR_OPEN)
    clockwork.forward(730 * DAY_S)
    audit.write(console, Act.DOOR_TEST)
    retention.run(console)
    assert acts(console)[:1] == ["door.open_once"]
    clockwork.forward(1)
    retention.run(console)
    assert acts(console)[0] == "door.test_mode"
    assert audit.checked(console) is None


def test_a_disabled_account_is_there_as_long_as_the_log_names_it(
    console: Console, clockwork: Clockwork, account_of: Callable[..., int]
) -> None:
    account_of(Role.OPERATOR)
    gone = account_of(Role.AUDITOR)
    audit.write(console, Act.SIGNED_IN, account=gone, role=Role.AUDITOR)
    accounts.disable(console, gone)
    clockwork.forward(730 * DAY_S)
    retention.run(console)
    assert count(console, "accounts") == 2
    clockwork.forward(1)
    retention.run(console)
    retention.run(console)
    assert count(console, "accounts") == 1


@pytest.mark.parametrize(("preset", "days"), [(Preset.EU, 90), (Preset.FR, 180), (Preset.TX, 90)])
def test_bundles_never_outlive_their_presets_cap_whatever_is_set(
    tmp_path: Path, clockwork: Clockwork, preset: Preset, days: int
) -> None:
    """DEL-04 and DEL-09: the cap is the preset's; a value that got above it is not obeyed."""
    console = founding.create(tmp_path / preset, **settings(preset=str(preset), clock=str(tmp_path / "clock")))
    assert retention.bundles(console).most == days
    console.store.run("INSERT INTO settings VALUES ('bundles_days', '9999')")
    console.store.run("INSERT INTO bundles VALUES (?, ?, 'journal', 0, 2, x'00')", (a_door(console).bytes, today(console)))
    clockwork.forward(days * DAY_S)
    retention.run(console)
    assert count(console, "bundles") == 1
    clockwork.forward(DAY_S)
    retention.run(console)
    assert count(console, "bundles") == 0
    console.store.close()


def test_what_is_removed_is_written_down_as_counts_and_nothing_when_nothing_is(
    console: Console, clockwork: Clockwork, account_of: Callable[..., int]
) -> None:
    sessions.begin(console, account_of(Role.OPERATOR))
    assert retention.run(console) == {}
    assert acts(console) == []
    clockwork.forward(DAY_S)
    assert retention.run(console) == {"sessions": 1}
    newest = audit.newest(console, 1)[0]
    assert (newest.act, newest.account, newest.details) == (Act.RETENTION_RAN, None, {"sessions": 1})


def test_whoevers_last_day_is_over_leaves_and_the_doors_are_woken(console: Console, clockwork: Clockwork) -> None:
    """DEL-02: by the office's clock, without anybody's press."""
    door, person = a_door(console), a_person(console)
    admitted(console, person, door)
    console.store.run("UPDATE people SET ends_on = ?", (today(console),))
    woken: list[UUID] = []
    console.wake = woken.extend
    retention.run(console)
    assert woken == []
    clockwork.forward(DAY_S)
    retention.run(console)
    assert woken == [door]
    assert [line.happened for line in beside.read(beside.place(console.config))] == ["added", "ended"]
