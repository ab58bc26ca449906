"""People: added with a code, changed at the right doors, ended at all of them; what the office sees of them is a day."""

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import codes, doors, entries, groups, people, times
from admin.console import Console
from admin.entries import Entry
from admin.errors import BadInput, NotThere
from admin.people import Search, Standing
from device.contract.console import Language, LookReason, Role
from tests.admin.conftest import NOON, Clockwork
from tests.admin.people.conftest import added, collected, told


def test_a_new_person_has_a_code_that_their_doors_are_told_of(console: Console, studio: int) -> None:
    person = people.fresh()
    marked = people.add(console, person, Entry(name="Mira Sol", groups=frozenset({studio})))
    code = codes.in_force(console, person)
    assert code
    assert code.until == NOON + timedelta(days=7)
    assert (len(code.digits), code.digits.isdigit()) == (10, True)
    assert told(console) == {("Front door", person.bytes)}
    assert marked == tuple(groups.one(console, studio).doors)
    assert people.one(console, person).standing is Standing.INVITED


def test_doors_get_a_digest_of_the_code_and_never_the_code(console: Console, mira: UUID) -> None:
    code = codes.in_force(console, mira)
    assert code
    kept = console.store.row("SELECT digest FROM codes WHERE person = ?", (mira.bytes,))[0]
    assert kept == codes.digest(code.digits) == sha256(b"byleave-code-1\0" + code.digits.encode()).digest()


def test_a_code_dies_after_seven_days_and_when_it_is_made_anew(console: Console, mira: UUID, clockwork: Clockwork) -> None:
    """Design section 4: an invitation lives 7 days and dies when reissued."""
    first = codes.in_force(console, mira)
    second, marked = people.new_code(console, mira)
    assert first
    assert first.digits != second.digits
    assert len(marked) == 1
    assert codes.in_force(console, mira) == second
    clockwork.set(second.until - timedelta(seconds=1))
    assert codes.in_force(console, mira) == second
    assert codes.prune(console) == 0
    clockwork.set(second.until)
    assert codes.in_force(console, mira) is None
    assert people.one(console, mira).standing is Standing.WITHOUT
    assert codes.prune(console) == 1
    assert console.store.rows("SELECT * FROM codes") == []


def test_whoever_begins_after_a_code_would_have_died_gets_theirs_later(console: Console) -> None:
    soon = added(console, Entry(name="Soon", begins_on=NOON.date() + timedelta(days=6)))
    later = added(console, Entry(name="Later", begins_on=NOON.date() + timedelta(days=7)))
    assert people.one(console, soon).standing is Standing.INVITED
    assert people.one(console, later).standing is Standing.WITHOUT


def test_a_lost_badge_gets_a_new_code_and_the_day_of_the_first_stands(console: Console, mira: UUID) -> None:
    collected(console, mira)
    assert people.one(console, mira).standing is Standing.COLLECTED
    people.new_code(console, mira)
    found = people.one(console, mira)
    assert (found.standing, found.collected_on) == (Standing.INVITED, NOON.date())


def test_the_same_person_is_not_added_twice_and_a_namesake_is(console: Console) -> None:
    added(console, Entry(name="Jürgen Weiß", email="j@example.org"))
    with pytest.raises(BadInput, match="in the list already"):
        added(console, Entry(name="jurgen WEISS", email="J@example.org"))
    other = added(console, Entry(name="Jürgen Weiß"))
    with pytest.raises(BadInput, match="in the list already"):
        people.change(console, other, Entry(name="Jürgen Weiß", email="j@example.org"))
    people.change(console, other, Entry(name="Jürgen Weiß", email="other@example.org"))


def test_whoever_was_ended_can_be_added_anew(console: Console, mira: UUID) -> None:
    entry = people.one(console, mira).entry
    people.end(console, mira)
    again = added(console, entry)
    assert again != mira


def test_moving_to_another_group_tells_the_doors_of_both(console: Console, mira: UUID, a_door: Callable[..., UUID]) -> None:
    yard = groups.add(console, "Yard", {a_door("Yard door"): groups.ALWAYS})
    console.store.run("UPDATE marks SET number = 0")
    people.change(console, mira, Entry(name="Mira Sol", groups=frozenset({yard})))
    assert told(console) == {("Front door", mira.bytes), ("Yard door", mira.bytes)}


def test_a_new_name_tells_no_door(console: Console, mira: UUID) -> None:
    entry = people.one(console, mira).entry
    before = console.store.rows("SELECT number FROM marks")
    assert people.change(console, mira, Entry(name="Mira Luna", email=entry.email, groups=entry.groups)) == ()
    assert console.store.rows("SELECT number FROM marks") == before
    assert people.one(console, mira).entry.name == "Mira Luna"


def test_ending_is_one_act_at_every_door_that_ever_knew_them(console: Console, mira: UUID, a_door: Callable[..., UUID]) -> None:
    yard = groups.add(console, "Yard", {a_door("Yard door"): groups.ALWAYS})
    people.change(console, mira, Entry(name="Mira Sol", groups=frozenset({yard})))
    console.store.run("UPDATE marks SET number = 0")
    assert len(people.end(console, mira)) == 2
    assert console.store.rows("SELECT count(*) FROM marks WHERE kind = 'person' AND number > 0") == [(2,)]
    assert [(ending.door, ending.confirmed_at) for ending in people.endings(console, mira)] == [
        ("Front door", None),
        ("Yard door", None),
    ]
    ended = people.one(console, mira)
    assert (ended.standing, ended.entry.groups, codes.in_force(console, mira)) == (Standing.ENDED, frozenset(), None)


def test_ending_twice_is_once_and_nobody_ended_gets_a_code_or_a_change(console: Console, mira: UUID) -> None:
    people.end(console, mira)
    assert people.end(console, mira) == ()
    with pytest.raises(BadInput, match="has ended"):
        people.new_code(console, mira)
    with pytest.raises(BadInput, match="has ended"):
        people.change(console, mira, Entry(name="Mira Sol"))
    assert codes.in_force(console, mira) is None


def test_no_confirmation_is_waited_for_from_a_door_that_is_not_in_use(
    console: Console, mira: UUID, a_door: Callable[..., UUID], studio: int
) -> None:
    unpaired, retired = doors.add(console, "New door", None), a_door("Old door")
    front = next(iter(groups.one(console, studio).doors))
    groups.change(console, studio, "Studio", {front: 0, unpaired: 0, retired: 0})
    doors.retire(console, retired, console.clock.now())
    people.end(console, mira)
    assert [ending.door for ending in people.endings(console, mira)] == ["Front door"]


@pytest.mark.parametrize(("hour", "left"), [(21, 1), (22, 0)])
def test_whoever_had_their_last_day_leaves_when_it_is_over_in_the_office(
    console: Console, studio: int, clockwork: Clockwork, hour: int, left: int
) -> None:
    """DEL-02. The office is in Berlin, where the day ends at 22:00 UTC in summer."""
    entry = Entry(name="Jonas", begins_on=date(2030, 6, 1), ends_on=NOON.date(), groups=frozenset({studio}))
    added(console, entry)
    added(console, Entry(name="Stays", ends_on=NOON.date() + timedelta(days=1), groups=frozenset({studio})))
    clockwork.set(NOON.replace(hour=hour))
    assert len(people.end_due(console)) == 1 - left
    assert people.counts(console)[Standing.ENDED] == 1 - left


def test_opening_a_page_is_written_down_and_told_at_their_doors(console: Console, mira: UUID) -> None:
    """The person reads role, reason and day at the door."""
    marked = people.look(console, mira, Role.PRIVACY_OFFICER, LookReason.ACCESS_REQUEST)
    today = times.day_number(NOON.date())
    assert console.store.rows("SELECT * FROM looks") == [(1, mira.bytes, "privacy_officer", "access_request", today)]
    assert told(console, "page") == {("Front door", (1).to_bytes(8, "big"))}
    assert len(marked) == 1
    with pytest.raises(NotThere):
        people.look(console, uuid4(), Role.OPERATOR, LookReason.QUESTION)


def test_people_are_found_by_pieces_of_name_and_address_without_accents(console: Console) -> None:
    for name, email in (("Jürgen Müller", None), ("Ana Núñez", "ana@100%.example"), ("Bo_b", "b@example.org")):
        added(console, Entry(name=name, email=email))

    def found(words: str) -> list[str]:
        lines, count = people.find(console, Search(words=words))
        assert count == len(lines)
        return [person.entry.name for person in lines]

    assert found("muller jur") == ["Jürgen Müller"]
    assert found("NUNEZ") == ["Ana Núñez"]
    assert found("100%") == ["Ana Núñez"]
    assert found("o_b") == ["Bo_b"]
    assert found("o%b") == []
    assert found("") == ["Ana Núñez", "Bo_b", "Jürgen Müller"]


def test_people_are_counted_and_listed_by_standing_group_and_page(console: Console, studio: int, clockwork: Clockwork) -> None:
    made = [added(console, Entry(name=f"Person {n:03}", groups=frozenset({studio} if n < 10 else ()))) for n in range(120)]
    for person in made[:3]:
        people.end(console, person)
    for person in made[3:10]:
        collected(console, person)
    assert people.counts(console) == {
        Standing.INVITED: 110,
        Standing.COLLECTED: 7,
        Standing.WITHOUT: 0,
        Standing.ENDED: 3,
    }
    lines, count = people.find(console, Search(standing=Standing.INVITED, page=3))
    assert (len(lines), count, lines[-1].entry.name) == (10, 110, "Person 119")
    assert people.find(console, Search(standing=Standing.INVITED, page=99))[0] == lines
    assert [len(people.find(console, Search(group=studio))[0]), people.find(console, Search())[1]] == [7, 117]
    clockwork.forward(8 * 86_400)
    assert people.counts(console)[Standing.WITHOUT] == 110
    assert people.waiting_counts(console) == (110, {})
    assert [person.entry.name for person in people.waiting(console, None, 2)] == ["Person 010", "Person 011"]
    assert people.waiting(console, studio, 2) == ()


def test_whoever_begins_too_late_for_a_code_waits_for_no_letter(console: Console, studio: int) -> None:
    for name, days in (("Soon", 6), ("Later", 7)):
        added(console, Entry(name=name, begins_on=NOON.date() + timedelta(days=days), groups=frozenset({studio})))
    assert people.waiting_counts(console) == (1, {studio: 1})
    assert [person.entry.name for person in people.waiting(console, studio, 9)] == ["Soon"]


TYPED = {
    "name": ("", "N" * 81, "\x07"),
    "email": ("not an address", "a@b@c", "x" * 300 + "@example.org"),
    "language": ("it", "english"),
    "begins": ("03/04/2026", "2026-02-30", "tomorrow", "1999-12-31", "2026-2-3"),
    "ends": ("31.4.2026", "2026", "9999-01-01"),
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in TYPED.items() for value in values])
def test_what_cannot_be_read_says_which_field_and_what_to_do(field: str, value: str) -> None:
    entry, faults = entries.read({"name": "Mira", field: value}, (), ())
    assert entry is None
    assert [fault.field for fault in faults] == [field]


def test_all_that_is_wrong_is_told_at_once() -> None:
    typed = {"name": "", "email": "x", "language": "q", "begins": "2026-03-02", "ends": "1.3.2026"}
    _, faults = entries.read(typed, (7,), (1,))
    assert [fault.field for fault in faults] == ["name", "email", "language", "ends", "groups"]


def test_what_was_typed_well_is_kept_as_it_was_meant() -> None:
    typed = {"name": "  Mira   Sol ", "email": "Mira@Example.org", "language": "DE", "begins": "1.3.2026", "ends": "2026-03-01"}
    entry, faults = entries.read(typed, (1,), (1, 2))
    assert faults == ()
    assert entry == Entry(
        name="Mira Sol",
        email="Mira@example.org",
        language=Language.DE,
        begins_on=date(2026, 3, 1),
        ends_on=date(2026, 3, 1),
        groups=frozenset({1}),
    )


@given(typed=st.fixed_dictionaries({field: st.text(max_size=300) for field in TYPED}))
def test_nothing_that_is_typed_breaks_the_reader(typed: dict[str, str]) -> None:
    entry, faults = entries.read(typed, (), ())
    assert (entry is None) is bool(faults)


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "move", "end", "doors"]), st.integers(0, 5), st.sets(st.integers(0, 2))), max_size=20
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_every_door_that_ever_admitted_somebody_hears_of_every_change(
    console: Console, a_door: Callable[..., UUID], steps: list[tuple[str, int, set[int]]]
) -> None:
    """Whatever the order: a door that once had to know a person has a mark of them, and is told again when anything changes."""
    if not groups.names(console):
        for number in range(3):
            groups.add(console, f"Group {number}", {a_door(f"Door {number}"): 0})
    ids = sorted(groups.names(console))
    at = sorted(groups.doors(console))
    there: list[UUID] = []
    ever: dict[UUID, set[UUID]] = {}
    for what, who, which in steps:
        chosen = frozenset(ids[one] for one in which)
        if what == "add":
            person = added(console, Entry(name=f"N{uuid4()}", groups=chosen))
            there.append(person)
            ever[person] = set()
        elif what == "doors":
            groups.change(console, ids[who % 3], f"Group {who % 3}", {at[one]: 0 for one in which})
        elif there:
            person = there[who % len(there)]
            before = _marks(console, person)
            if what == "end":
                people.end(console, person)
                there.remove(person)
                assert all(number > before.get(door, -1) for door, number in _marks(console, person).items())
                assert set(_marks(console, person)) == ever[person]
            else:
                people.change(console, person, Entry(name=people.one(console, person).entry.name, groups=chosen))
        for person in there:
            ever[person] |= _admitting(console, person)
            assert set(_marks(console, person)) == ever[person]


def _admitting(console: Console, person: UUID) -> set[UUID]:
    query = "SELECT DISTINCT door FROM memberships JOIN group_doors USING (group_id) WHERE person = ?"
    return {UUID(bytes=door) for (door,) in console.store.rows(query, (person.bytes,))}


def _marks(console: Console, person: UUID) -> dict[UUID, int]:
    rows = console.store.rows("SELECT door, number FROM marks WHERE kind = 'person' AND key = ?", (person.bytes,))
    return {UUID(bytes=door): number for door, number in rows}
