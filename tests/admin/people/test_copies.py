"""The copy of a person's data: every table that has anything of them, and nothing of anybody else's."""

import json
from typing import Any
from uuid import UUID

import pytest

from admin import codes, copies, people, requests
from admin.actions import Act
from admin.audit import write
from admin.console import Console
from admin.entries import Entry
from admin.errors import NotThere
from device.contract.console import LookReason, Role
from tests.admin.conftest import NOON
from tests.admin.people.conftest import added, collected


@pytest.fixture
def other(console: Console, studio: int) -> UUID:
    """Somebody else of the same group."""
    return added(console, Entry(name="Jonas Weiß", email="jonas@example.org", groups=frozenset({studio})))


def lived(console: Console, person: UUID) -> None:
    """Everything that can happen to somebody in the console."""
    collected(console, person)
    people.new_code(console, person)
    people.look(console, person, Role.FRONT_DESK, LookReason.QUESTION)
    requests.note(console, person, requests.Kind.ACCESS, NOON.date())
    console.store.run("INSERT INTO evidence_requests (person, asked_at) VALUES (?, 1)", (person.bytes,))
    number = console.store.row("SELECT max(number) FROM evidence_requests")[0]
    door = console.store.row("SELECT id FROM doors")[0]
    console.store.run("INSERT INTO released_evidence VALUES (?, ?, ?)", (number, door, b"sealed"))
    console.store.run("INSERT INTO endings VALUES (?, ?, 7)", (person.bytes, door))
    write(console, Act.PERSON_CODE, account=3, role="operator", subject=person)


def test_the_copy_has_every_table_in_which_the_person_appears(console: Console, mira: UUID, other: UUID) -> None:
    """TRA-03: found by looking for the person's id, name and address in every cell of the database."""
    lived(console, mira)
    lived(console, other)
    mine = {table for table, rows in copies.tables(console, mira).items() if rows}
    assert mine >= {table for table in _tables(console) if _holds(console, table, mira, "Mira Sol", "mira@example.org")}
    pointing = {
        table
        for table in _tables(console)
        for row in console.store.rows(f"PRAGMA foreign_key_list({table})")
        if row[2] == "people"
    }
    assert mine >= pointing | {"released_evidence"}


def test_a_table_that_is_added_later_is_in_the_copy(console: Console, mira: UUID) -> None:
    console.store.run("CREATE TABLE bicycles (id INTEGER PRIMARY KEY, whose BLOB REFERENCES people (id), colour TEXT)")
    console.store.run("CREATE TABLE bells (bicycle INTEGER REFERENCES bicycles (id), loud INTEGER)")
    console.store.run("INSERT INTO bicycles VALUES (4, ?, 'red')", (mira.bytes,))
    console.store.run("INSERT INTO bells VALUES (4, 1), (NULL, 9)")
    told = copies.tables(console, mira)
    assert told["bicycles"] == [{"id": 4, "whose": str(mira), "colour": "red"}]
    assert told["bells"] == [{"bicycle": 4, "loud": 1}]


def test_nothing_of_anybody_else_and_no_secret_is_in_it(console: Console, mira: UUID, other: UUID) -> None:
    lived(console, mira)
    lived(console, other)
    write(console, Act.PERSON_IMPORT, account=3, role="operator", details={"people": (mira, other)})
    made = copies.copy(console, mira).decode()
    for theirs in (other.hex, str(other), "Jonas", "jonas@example.org"):
        assert theirs not in made
    code = codes.in_force(console, mira)
    assert code
    assert code.digits not in made
    assert codes.digest(code.digits).hex() not in made
    assert b"sealed".hex() not in made
    assert '"account"' not in made


def test_it_is_json_that_says_what_is_in_it_in_words_and_days(console: Console, mira: UUID) -> None:
    """TRA-04."""
    lived(console, mira)
    told: dict[str, Any] = json.loads(copies.copy(console, mira))
    assert told["about"] == "All that the console of Studio Nord holds on Mira Sol."
    assert "whether you use a face" in told["not_here"]
    assert told["tables"]["looks"][0] | {"number": 1} == {
        "number": 1,
        "person": str(mira),
        "role": "front_desk",
        "reason": "question",
        "day": "2030-06-12",
    }
    assert told["tables"]["memberships"][0]["group_id"] == "Studio"
    assert told["tables"]["endings"][0]["door"] == "Front door"
    assert told["tables"]["codes"][0]["until"].startswith("2030-06-19T")
    assert told["tables"]["audit"][0]["what"] == "Made a new code for a person."
    assert {row["kind"] for row in told["tables"]["marks"]} == {"person", "page"}


def test_there_is_no_copy_of_nobody(console: Console) -> None:
    with pytest.raises(NotThere):
        copies.copy(console, people.fresh())


def _tables(console: Console) -> list[str]:
    return [name for (name,) in console.store.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]


def _holds(console: Console, table: str, person: UUID, *texts: str) -> bool:
    wanted = {person.bytes, person.hex, str(person), *texts}
    for row in console.store.rows(f"SELECT * FROM {table}"):  # noqa: S608  (names of the schema)
        if any(cell in wanted or (isinstance(cell, str) and person.hex in cell) for cell in row):
            return True
    return False
