"""Groups: a change tells the doors it concerns, about the people it concerns."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from admin import groups
from admin.console import Console
from admin.entries import Entry
from admin.errors import BadInput, NotThere
from admin.groups import Which
from tests.admin.people.conftest import added


def test_a_change_tells_only_the_doors_that_changed_and_of_members_only(
    console: Console, studio: int, mira: UUID, a_door: Callable[..., UUID]
) -> None:
    """A policy delta is proportional to the change."""
    front = next(iter(groups.one(console, studio).doors))
    added(console, Entry(name="In another group", groups=frozenset({groups.add(console, "Workshop", {front: 0})})))
    yard = a_door("Yard door")
    console.store.run("UPDATE marks SET number = 0")
    assert groups.change(console, studio, "Studio", {front: groups.ALWAYS, yard: groups.ALWAYS}) == (yard,)
    query = "SELECT door, key FROM marks WHERE kind = 'person' AND number > 0"
    assert console.store.rows(query) == [(yard.bytes, mira.bytes)]
    assert groups.change(console, studio, "Studio!", {front: groups.ALWAYS, yard: groups.ALWAYS}) == ()
    assert groups.change(console, studio, "Studio", {}) == tuple(sorted((front, yard)))


def test_other_hours_are_a_change(console: Console, studio: int, mira: UUID) -> None:
    del mira
    console.store.run("INSERT INTO hours (id, name, on_holidays) VALUES (5, 'Daytime', 0), (6, 'Old', 0)")
    console.store.run("UPDATE hours SET gone_at = 1 WHERE id = 6")
    front = next(iter(groups.one(console, studio).doors))
    assert groups.change(console, studio, "Studio", {front: 5}) == (front,)
    assert dict(groups.one(console, studio).doors) == {front: 5}
    with pytest.raises(BadInput, match="hours are gone"):
        groups.change(console, studio, "Studio", {front: 6})


def test_a_group_has_a_name_of_its_own_and_doors_that_are_there(console: Console, studio: int) -> None:
    for name, sentence in (("studio", "already"), ("", "needs a name"), ("x" * 61, "needs a name"), ("a\x07", "needs a name")):
        with pytest.raises(BadInput, match=sentence):
            groups.add(console, name, {})
    with pytest.raises(BadInput, match="not in use"):
        groups.add(console, "Yard", {uuid4(): groups.ALWAYS})
    groups.change(console, studio, "STUDIO", {})
    assert list(groups.names(console).values()) == ["STUDIO"]


def test_only_people_who_have_not_ended_and_doors_in_use_are_counted(
    console: Console, studio: int, mira: UUID, a_door: Callable[..., UUID]
) -> None:
    del mira
    ended, shed = added(console, Entry(name="Ended")), a_door("Old shed")
    console.store.run("UPDATE people SET ended_at = 1 WHERE id = ?", (ended.bytes,))
    for person in (ended, added(console, Entry(name="Kim"))):
        console.store.run("INSERT INTO memberships VALUES (?, ?)", (person.bytes, studio))
    console.store.run("INSERT INTO group_doors VALUES (?, ?, 0)", (studio, shed.bytes))
    console.store.run("UPDATE doors SET retired_at = 1 WHERE id = ?", (shed.bytes,))
    workshop = groups.add(console, "Workshop", {})
    every = groups.everyone(console)
    assert [(group.name, group.people, len(group.doors)) for group in every] == [("Studio", 2, 1), ("Workshop", 0, 0)]
    assert [groups.one(console, group) for group in (studio, workshop)] == list(every)


def test_doors_are_found_by_name_and_those_a_group_opens_come_first() -> None:
    known = {uuid4(): f"House {house}, door {door}" for house in (1, 2) for door in (1, 2, 3)}
    ids = list(known)
    own = {ids[4]: 0, ids[2]: 0}

    def found(words: str, which: Which | None = None) -> list[int]:
        return [ids.index(door) for door, _ in groups.sought(known, own, words, which)]

    assert found("") == [2, 4, 0, 1, 3, 5]
    assert found("house 2") == [4, 1, 3, 5], "every word, anywhere in the name"
    assert found("", Which.OPENED) == [2, 4]
    assert found("", Which.OTHERS) == [0, 1, 3, 5]
    assert found("west") == []


def test_a_group_is_removed_when_nobody_is_in_it(console: Console, studio: int, mira: UUID) -> None:
    del mira
    with pytest.raises(BadInput, match="people in this group"):
        groups.remove(console, studio)
    empty = groups.add(console, "Empty", {})
    groups.remove(console, empty)
    with pytest.raises(NotThere):
        groups.one(console, empty)
