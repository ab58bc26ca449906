"""Owns why something has to go: what was asked for and is not done yet, every deadline, every reason the door itself sees.

There is no "never" among them, and a clock set back moves none. What never happens here: erasing; reading a clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from device.config import Keeping
from device.door.consent import Event, Who
from device.door.store import Store
from device.door.times import days, moment, seconds

SITTING_MOST_S: Final = 900
"""A consent whose looks were not finished after this is left: it waits for nothing any more."""

ELAPSED_MOST: Final = timedelta(minutes=2)
"""What may pass from sweep to sweep; more is a clock that was set. Source: twice the minute between sweeps (DEL-11)."""


@dataclass(frozen=True, slots=True)
class Due:
    """Why something of a person has to go, and who says so."""

    event: Event
    who: Who
    asked_at: datetime | None = None
    """When it was asked for; nothing for what came due by itself."""


_REASONS: Final = (
    (Due(Event.NOTICE_CHANGED, Who.DOOR), "SELECT person FROM faces WHERE lapses_at <= :now"),
    (
        Due(Event.MODEL_CHANGED, Who.DOOR),
        "SELECT person FROM faces WHERE :model IS NOT NULL AND model IS NOT NULL AND model IS NOT :model",
    ),
    (Due(Event.LEAVE, Who.CLOCK), "SELECT person FROM faces WHERE state = 'given' AND given_at + :sitting <= :now"),
    (Due(Event.DISUSE, Who.CLOCK), "SELECT person FROM faces WHERE state = 'enrolled' AND active_at + :unused <= :now"),
    (Due(Event.EXPIRE, Who.CLOCK), "SELECT person FROM faces WHERE until <= :now"),
)
"""DEL-13, DEL-03, CON-09; of two reasons the later one here is told."""


def due(store: Store, keeping: Keeping, model: bytes | None, now: datetime) -> dict[UUID, Due]:
    """Everybody something of whom has to go by now, and why; without a model nothing is known of its change."""
    values = {"model": model, "now": seconds(now), "sitting": SITTING_MOST_S, "unused": days(keeping.unused_days)}
    return {UUID(bytes=person): why for why, query in _REASONS for (person,) in store.rows(query, values)}


def ask(store: Store, person: UUID, why: Due, now: datetime) -> None:
    """Write down what is asked for, before it is done; what is written stays, and only a person's end outranks it."""
    store.run(
        """INSERT INTO asked (person, event, who, at) VALUES (?, ?, ?, ?) ON CONFLICT (person) DO UPDATE
        SET event = excluded.event, who = excluded.who, at = excluded.at WHERE excluded.event IN ('end', 'decommission')""",
        (person.bytes, why.event.value, why.who.value, seconds(by_now(store, now))),
    )


def asked(store: Store) -> dict[UUID, Due]:
    """Everything that was asked for and is not done."""
    rows = store.rows("SELECT person, event, who, at FROM asked ORDER BY at")
    return {UUID(bytes=person): Due(Event(event), Who(who), moment(at)) for person, event, who, at in rows}


def by_now(store: Store, now: datetime) -> datetime:
    """This moment, or the latest one the vault has seen when the clock was set back."""
    row = store.row("SELECT max(seen_at, coalesce((SELECT at FROM choices ORDER BY number DESC LIMIT 1), 0)) FROM door")
    return max(now, moment(row[0]))


def time_went_on(store: Store, now: datetime, before: datetime | None) -> datetime:
    """
    At each sweep: note the latest moment seen; what is it by now.

    Behind a clock that was set back, time goes on by what passed since the sweep before.
    """
    passed = timedelta(0) if before is None else min(max(now - before, timedelta(0)), ELAPSED_MOST)
    latest = max(now, moment(store.row("SELECT seen_at FROM door")[0]) + passed)
    store.run("UPDATE door SET seen_at = ?", (seconds(latest),))
    return by_now(store, latest)
