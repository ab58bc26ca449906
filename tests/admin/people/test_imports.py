"""A file of people: every fault of every line is told, and nothing is added by looking."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import groups, imports, people
from admin.console import Console
from admin.entries import Entry
from admin.errors import BadInput
from admin.people import Search
from device.contract.console import Language
from tests.admin.people.conftest import added

FAULTS = """name,email,language,begins,ends,groups
,m@example.org,,,,
Ana,no,it,2026-02-30,,Nowhere
Bo,,,2026-03-02,2026-03-01,
Cy,,,,
Dee,,,,,
dee,,,,,
Mira Sol,MIRA@example.org,,,,
"""


def test_every_fault_of_every_line_is_told(console: Console) -> None:
    added(console, Entry(name="Mira Sol", email="mira@example.org"))
    read = imports.preview(console, FAULTS)
    told = {line.number: [(fault.field, str(fault).partition(".")[0]) for fault in line.faults] for line in read.lines}
    assert told == {
        2: [("name", "Write a name")],
        3: [
            ("groups", "There is no group of this name"),
            ("email", "This is not an e-mail address"),
            ("language", "Write one of en, de, fr, es, zh, or leave it empty for en"),
            ("begins", "Write the day as 2026-03-31 or 31"),
        ],
        4: [("ends", "The last day is before the first one")],
        5: [("", "This line has 5 cells; the heading has 6")],
        6: [],
        7: [("name", "This is line 6 again")],
        8: [("name", "This person is in the list already")],
    }
    assert [entry.name for entry in read.good] == ["Dee"]
    assert people.find(console, Search())[1] == 1


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_of_every_program_are_read(console: Console, studio: int, delimiter: str, end: str) -> None:
    yard = groups.add(console, "Yard", {})
    rows = [["Name", "Groups", "language", "begins"], ["Jürgen Weiß", "studio| YARD", "DE", "1.3.2026"], ["", "", "", ""]]
    text = imports.decoded(("\ufeff" + end.join(delimiter.join(row) for row in rows)).encode())
    read = imports.preview(console, text)
    assert read.bad == ()
    assert read.good[0].groups == {studio, yard}
    assert (read.good[0].name, read.good[0].language) == ("Jürgen Weiß", Language.DE)


def test_the_example_is_right_but_for_its_groups(console: Console) -> None:
    for name in ("Studio", "Workshop"):
        groups.add(console, name, {})
    read = imports.preview(console, imports.EXAMPLE)
    assert (len(read.good), read.bad) == (2, ())


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "heading"),
        ("email\nx@example.org", "heading"),
        ("name,name\nMira,Sol", "heading"),
        ("name,face\nMira,yes", "heading"),
        ("name\n", "nobody in this file"),
        ('name\n"Mira', "not a table"),
        ("name\n" + "Mira\n" * 2_001, "more than 2000"),
        ("name\n" + "x" * 500_001, "larger than 500 kB"),
    ],
)
def test_a_file_that_is_no_table_of_people_says_what_to_do(console: Console, text: str, sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        imports.preview(console, text)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(text=st.text(max_size=400) | st.builds("name,email,groups\n{}".format, st.text(max_size=200)))
def test_no_file_breaks_the_reader_or_adds_anybody(console: Console, text: str) -> None:
    try:
        read = imports.preview(console, text)
    except BadInput:
        pass
    else:
        assert len(read.good) + len(read.bad) == len(read.lines)
    assert people.find(console, Search())[1] == 0


def test_two_thousand_people_come_in_at_once_or_not_at_all(console: Console) -> None:
    read = imports.preview(console, "name\n" + "".join(f"Person {number}\n" for number in range(2_000)))
    twins = {people.fresh(): entry for entry in (*read.good, read.good[0])}
    with pytest.raises(BadInput):
        people.add_all(console, twins)
    assert people.find(console, Search())[1] == 0
    people.add_all(console, {people.fresh(): entry for entry in read.good})
    assert people.find(console, Search())[1] == 2_000
