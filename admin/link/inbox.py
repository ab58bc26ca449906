"""Owns what the console keeps of what a door tells: each record once, in the order of its numbers, all in one transaction.

A record that is about nothing here counts as stored and is left out, so that no door is stopped by it. What never happens
here: opening what is sealed; keeping a moment of a passing.
"""

import contextlib
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from admin import marks, times
from admin.console import Console
from admin.link import policy
from admin.marks import Kind
from device.contract.console import (
    About,
    AlarmRaised,
    Answers,
    BundlePart,
    Collected,
    CommandDone,
    CustodiansAccepted,
    DayReleased,
    EndedHere,
    EvidenceReleased,
    Hourly,
    JoinAsked,
    JoinGranted,
    Minute,
    Record,
)
from device.contract.words import Message

DAY_S: Final = 86_400
PARTS_MOST: Final = 1_024
"""Pieces of one bundle, or of one badge book: 2 MB."""


def take(console: Console, door: UUID, messages: Iterable[Message]) -> int:
    """Keep what is new; the number up to which this door's records are stored. In the caller's transaction."""
    stored = int(console.store.row("SELECT stored FROM doors WHERE id = ?", (door.bytes,))[0])
    for message in messages:
        if isinstance(message, Record):
            number: int = message.number  # type: ignore[attr-defined]  # every record of the contract has one
            if number <= stored:
                continue
            stored = number
        # A day beyond the calendar's end is no day.
        with contextlib.suppress(OverflowError, ValueError):
            _KEPT[type(message)](console, door, message)
    console.store.run("UPDATE doors SET stored = ? WHERE id = ?", (stored, door.bytes))
    return stored


def _about(console: Console, door: UUID, about: About) -> None:
    console.store.run(
        "UPDATE doors SET version = ?, factors = ?, faces = ?, joined = ? WHERE id = ?",
        (".".join(map(str, about.version)), about.factors, about.faces, about.joined, door.bytes),
    )
    if about.joined:
        _forget_join(console, door)


def _minute(console: Console, door: UUID, minute: Minute) -> None:
    # The console's own minute: whether a door is up must not hang on that door's clock.
    told = (_now_s(console), minute.eyes, minute.front, minute.lock, minute.testing, door.bytes)
    console.store.run("UPDATE doors SET minute_at = ?, eyes = ?, front = ?, lock = ?, testing = ? WHERE id = ?", told)


def _hourly(console: Console, door: UUID, record: Hourly) -> None:
    console.store.run(
        "INSERT INTO hourly VALUES (?, ?, ?) ON CONFLICT (door, hour) DO UPDATE SET openings = excluded.openings",
        (door.bytes, times.seconds(record.hour), max(0, record.openings)),
    )


def _collected(console: Console, _: UUID, record: Collected) -> None:
    day = _day_of(record.day)
    zone = ZoneInfo(console.config.zone)
    begun, over = (times.seconds(times.midnight(times.day(of), zone)) for of in (day, day + 1))
    for person in record.people:
        console.store.run(
            """INSERT INTO collections SELECT id, :day FROM people WHERE id = :person
            ON CONFLICT (person) DO UPDATE SET day = excluded.day""",
            {"person": person.bytes, "day": day},
        )
        # A code made after that day is another one; one made on that day in place of another may be, so both stay good.
        query = "DELETE FROM codes WHERE person = ? AND (made_at < ? OR first AND made_at < ?)"
        if console.store.run(query, (person.bytes, begun, over)):
            console.wake(marks.mark_person(console, person))


def _ended(console: Console, door: UUID, record: EndedHere) -> None:
    console.store.run(
        "UPDATE endings SET confirmed_at = ? WHERE person = ? AND door = ? AND confirmed_at IS NULL",
        (_now_s(console), record.person.bytes, door.bytes),
    )


def _bundle(console: Console, door: UUID, record: BundlePart) -> None:
    if 0 <= record.part < record.of <= PARTS_MOST:
        console.store.run(
            "INSERT OR IGNORE INTO bundles VALUES (?, ?, ?, ?, ?, ?)",
            (door.bytes, _day_of(record.day), record.bundle, record.part, record.of, record.sealed),
        )


def _answers(console: Console, door: UUID, record: Answers) -> None:
    console.store.run(
        """INSERT INTO answers VALUES (?, ?, ?, ?) ON CONFLICT (door, week)
        DO UPDATE SET budget_met = excluded.budget_met, badge_good = excluded.badge_good""",
        (door.bytes, times.seconds(record.week), record.budget_met, record.badge_good),
    )


def _alarm(console: Console, door: UUID, record: AlarmRaised) -> None:
    now = {"door": door.bytes, "alarm": record.alarm, "at": times.seconds(record.at)}
    if record.over:
        console.store.run("UPDATE alarms SET over_at = :at WHERE door = :door AND alarm = :alarm AND over_at IS NULL", now)
        return
    console.store.run(
        """INSERT INTO alarms (door, alarm, at) SELECT :door, :alarm, :at WHERE NOT EXISTS
        (SELECT 1 FROM alarms WHERE door = :door AND alarm = :alarm AND over_at IS NULL)""",
        now,
    )


def _done(console: Console, door: UUID, record: CommandDone) -> None:
    query = "UPDATE commands SET done = ? WHERE act = ? AND door = ? AND done IS NULL"
    console.store.run(query, (record.done, record.act, door.bytes))


def _day(console: Console, door: UUID, record: DayReleased) -> None:
    console.store.run(
        "INSERT OR IGNORE INTO released_days SELECT number, ?, ? FROM incidents WHERE number = ? AND door = ?",
        (_day_of(record.day), record.key, record.incident, door.bytes),
    )


def _evidence(console: Console, door: UUID, record: EvidenceReleased) -> None:
    console.store.run(
        "INSERT OR IGNORE INTO released_evidence SELECT number, ?, ? FROM evidence_requests WHERE number = ?",
        (door.bytes, record.key, record.request),
    )


def _asked(console: Console, door: UUID, record: JoinAsked) -> None:
    _forget_join(console, door)
    console.store.run(
        "INSERT INTO joins VALUES (?, ?, ?, ?, ?)", (door.bytes, record.public, record.salt, record.proof, _now_s(console))
    )
    console.wake(policy.group(console, door))


def _granted(console: Console, door: UUID, record: JoinGranted) -> None:
    store, to = console.store, record.to.bytes
    asked = store.row("SELECT 1 FROM joins WHERE door = ?", (to,)) is not None
    if not asked or record.to == door or record.to not in policy.group(console, door):
        return
    if 0 <= record.part < record.of <= PARTS_MOST:
        # A grant begins anew with its first piece; pieces of two grants are never mixed.
        store.run("DELETE FROM join_parts WHERE door = ? AND (? = 0 OR of != ?)", (to, record.part, record.of))
        store.run("INSERT OR REPLACE INTO join_parts VALUES (?, ?, ?, ?)", (to, record.part, record.of, record.sealed))
        console.wake((record.to,))


def _accepted(console: Console, door: UUID, record: CustodiansAccepted) -> None:
    store = console.store
    if store.row("SELECT 1 FROM custodians WHERE incident = ?", (record.incident,)) is not None:
        store.run("UPDATE doors SET custodians = ? WHERE id = ?", (record.incident, door.bytes))
        # Another change may wait behind this one.
        if store.row("SELECT incident FROM custodians ORDER BY number DESC")[0] != record.incident:
            marks.mark(console, (door,), Kind.CUSTODIANS)
            console.wake((door,))


def _forget_join(console: Console, door: UUID) -> None:
    for table in ("joins", "join_parts"):
        console.store.run(f"DELETE FROM {table} WHERE door = ?", (door.bytes,))  # noqa: S608  (two names of our own)


def _day_of(named: datetime) -> int:
    """A day's number; doors name a day by its midnight as if it were in UTC, whatever their zone."""
    return times.seconds(named) // DAY_S


def _now_s(console: Console) -> int:
    return times.seconds(console.clock.now())


_KEPT: Final[dict[type[Message], Callable[[Console, UUID, Any], None]]] = {
    About: _about,
    Minute: _minute,
    Hourly: _hourly,
    Collected: _collected,
    EndedHere: _ended,
    BundlePart: _bundle,
    Answers: _answers,
    AlarmRaised: _alarm,
    CommandDone: _done,
    DayReleased: _day,
    EvidenceReleased: _evidence,
    JoinAsked: _asked,
    JoinGranted: _granted,
    CustodiansAccepted: _accepted,
}
"""What is kept of each word a door may say."""
