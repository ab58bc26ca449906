"""Owns why something has to go without anybody asking: every deadline, and every reason the door itself sees.

There is no "never" among them. What never happens here: erasing; reading a clock.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from device.config import Keeping
from device.door.consent import Event, Who
from device.door.store import Store
from device.door.times import days, seconds

SITTING_MOST_S: Final = 900
"""A consent whose looks were not finished after this is left: it waits for nothing any more."""


@dataclass(frozen=True, slots=True)
class Due:
    """Why something of a person has to go, and who says so."""

    event: Event
    who: Who


_REASONS: Final = (
    (Due(Event.NOTICE_CHANGED, Who.DOOR), "SELECT person FROM faces WHERE notice < (SELECT max(version) FROM notices)"),
    (Due(Event.CARD_RESET, Who.DOOR), "SELECT person FROM faces WHERE reset_at > given_at"),
    (
        Due(Event.MODEL_CHANGED, Who.DOOR),
        "SELECT person FROM faces WHERE :model IS NOT NULL AND model IS NOT NULL AND model IS NOT :model",
    ),
    (Due(Event.LEAVE, Who.CLOCK), "SELECT person FROM faces WHERE state = 'given' AND given_at + :sitting <= :now"),
    (Due(Event.DISUSE, Who.CLOCK), "SELECT person FROM faces WHERE state = 'enrolled' AND active_at + :unused <= :now"),
    (Due(Event.EXPIRE, Who.CLOCK), "SELECT person FROM faces WHERE until <= :now"),
)
"""DEL-13, the lost badge of `design.md` section 4, DEL-03, CON-09; of two reasons the later one here is told."""


def due(store: Store, keeping: Keeping, model: bytes | None, now: datetime) -> dict[UUID, Due]:
    """Everybody something of whom has to go by now, and why; without a model nothing is known of its change."""
    values = {"model": model, "now": seconds(now), "sitting": SITTING_MOST_S, "unused": days(keeping.unused_days)}
    return {UUID(bytes=person): why for why, query in _REASONS for (person,) in store.rows(query, values)}
