"""An office with doors."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from admin import doors, times
from admin.console import Console
from tests.admin.conftest import Clockwork


@pytest.fixture
def a_door(console: Console, clockwork: Clockwork) -> Callable[..., UUID]:
    """A door that is paired and told of itself just now."""
    return lambda name="Front door", group=None: standing(console, doors.add(console, name, group), clockwork.now())


def standing(console: Console, door: UUID, at: datetime, **columns: object) -> UUID:
    """As the link leaves a door after its minute."""
    told = {
        "paired_at": times.seconds(at),
        "minute_at": times.seconds(at),
        "version": "0.1.0",
        "factors": 1,
        "faces": 1,
        "joined": 1,
    }
    told |= {"eyes": 1, "front": 1, "lock": 1, "testing": 0} | columns
    for column, value in told.items():
        console.store.run(f"UPDATE doors SET {column} = ? WHERE id = ?", (value, door.bytes))  # noqa: S608  # columns named by tests
    return door


def marked(console: Console, kind: str) -> list[tuple[UUID, bytes, int]]:
    """What waits for which door."""
    rows = console.store.rows("SELECT door, key, number FROM marks WHERE kind = ? ORDER BY number, door", (kind,))
    return [(UUID(bytes=door), key, number) for door, key, number in rows]
