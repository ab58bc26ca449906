"""An office with doors and groups, and what stands in its policy marks."""

from collections.abc import Callable
from uuid import UUID

import pytest

from admin import doors, groups, people, times
from admin.console import Console
from admin.entries import Entry


@pytest.fixture
def a_door(console: Console) -> Callable[..., UUID]:
    """A paired door of this name."""

    def a_door(name: str = "Front door", factors: int = 1) -> UUID:
        door = doors.add(console, name, None)
        now = times.seconds(console.clock.now())
        query = "UPDATE doors SET paired_at = ?, minute_at = ?, factors = ?, joined = 1 WHERE id = ?"
        console.store.run(query, (now, now, factors, door.bytes))
        return door

    return a_door


@pytest.fixture
def studio(console: Console, a_door: Callable[..., UUID]) -> int:
    """A group that is always admitted at one door."""
    return groups.add(console, "Studio", {a_door(): groups.ALWAYS})


@pytest.fixture
def mira(console: Console, studio: int) -> UUID:
    """Somebody with a code."""
    return added(console, Entry(name="Mira Sol", email="mira@example.org", groups=frozenset({studio})))


def added(console: Console, entry: Entry) -> UUID:
    """Somebody, added."""
    person = people.fresh()
    people.add(console, person, entry)
    return person


def told(console: Console, kind: str = "person") -> set[tuple[str, bytes]]:
    """Which doors have a new mark of this kind, and for what; a test makes marks old by numbering them 0."""
    query = "SELECT name, key FROM marks JOIN doors ON doors.id = door WHERE kind = ? AND number > 0"
    rows = console.store.rows(query, (kind,))
    return {(name, key) for name, key in rows}


def collected(console: Console, person: UUID) -> None:
    """As the link leaves somebody who has made badge and PIN."""
    today = times.day_number(times.local(console.clock.now(), console.config.zone))
    console.store.run("INSERT OR REPLACE INTO collections VALUES (?, ?)", (person.bytes, today))
    console.store.run("DELETE FROM codes WHERE person = ?", (person.bytes,))
