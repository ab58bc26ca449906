"""Rows of tables, put there directly: what these tests need of an office, whoever's module writes it in earnest."""

from uuid import UUID, uuid4

from admin.console import Console


def now_s(console: Console) -> int:
    return int(console.clock.now().timestamp())


def a_person(console: Console, name: str = "Mina Kaya") -> UUID:
    person = uuid4()
    console.store.run(
        "INSERT INTO people (id, name, language, added_at) VALUES (?, ?, 'en', ?)", (person.bytes, name, now_s(console))
    )
    return person


def a_door(console: Console, name: str = "Front door") -> UUID:
    """A door that is paired."""
    door = uuid4()
    group = console.store.row("SELECT coalesce(max(door_group), 0) + 1 FROM doors")[0]
    console.store.run(
        "INSERT INTO doors (id, name, door_group, slot, paired_at) VALUES (?, ?, ?, 0, ?)",
        (door.bytes, name, group, now_s(console)),
    )
    return door


def admitted(console: Console, person: UUID, door: UUID) -> None:
    """This person is in a group that this door admits, and the door is told."""
    console.store.run("INSERT OR IGNORE INTO groups (id, name) VALUES (1, 'Studio')")
    console.store.run("INSERT OR IGNORE INTO group_doors VALUES (1, ?, 0)", (door.bytes,))
    console.store.run("INSERT OR IGNORE INTO memberships VALUES (?, 1)", (person.bytes,))
    console.store.run("UPDATE doors SET policy = policy + 1 WHERE id = ?", (door.bytes,))
    console.store.run(
        "INSERT OR REPLACE INTO marks SELECT id, 'person', ?, policy FROM doors WHERE id = ?", (person.bytes, door.bytes)
    )
