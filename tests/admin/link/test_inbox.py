"""What is kept of what doors tell: once, whatever is lost, repeated or cut short on the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import codes, people
from admin.console import Console
from admin.link import inbox
from device.contract.console import (
    RECORDS,
    About,
    Alarm,
    AlarmRaised,
    Answers,
    Bundle,
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
    Record,
)
from device.contract.words import Blob
from tests.admin.link.dialling import Clock, Dialler, admit, minute

DAY = datetime(2030, 6, 11, tzinfo=UTC)
TABLES = ("hourly", "collections", "bundles", "answers", "alarms", "codes", "endings")


def kept(office: Console) -> dict[str, Any]:
    return {table: office.store.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in TABLES} | {  # noqa: S608  (our own words)
        "stored": office.store.rows("SELECT stored FROM doors")
    }


def records(office: Console, door: UUID) -> list[Record]:
    """Some of every kind that a door repeats."""
    ada, bob = admit(office, {door: 0}), admit(office, {door: 0}, "Bob Example")
    people.end(office, bob)
    at = office.clock.now()
    said: list[Record] = [
        Hourly(number=1, hour=DAY, openings=9),
        AlarmRaised(number=2, alarm=Alarm.EYES_DOWN, at=at, over=False),
        EndedHere(number=3, person=bob),
        AlarmRaised(number=4, alarm=Alarm.EYES_DOWN, at=at + timedelta(minutes=1), over=True),
        Collected(number=5, day=DAY, people=(ada, uuid4())),
        AlarmRaised(number=7, alarm=Alarm.EYES_DOWN, at=at + timedelta(minutes=2), over=False),
        *(
            BundlePart(number=8 + part, bundle=bundle, day=DAY, part=part % 2, of=2, sealed=Blob(bytes([part]) * 9))
            for part, bundle in enumerate([Bundle.JOURNAL, Bundle.JOURNAL, Bundle.EVIDENCE, Bundle.EVIDENCE])
        ),
        Answers(number=12, week=DAY, budget_met=None, badge_good=True),
        Hourly(number=20, hour=DAY + timedelta(hours=1), openings=0),
    ]
    return said


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(1, 2), st.booleans()), max_size=12))
def test_records_end_equal_however_often_and_in_whatever_pieces_they_come(
    office: Console, paired: Callable[..., Dialler], turns: list[tuple[int, int, bool]]
) -> None:
    """A door tells everything above what it knows to be stored, in order, as often as it likes; answers get lost."""
    for table in (*TABLES, "marks", "looks", "memberships", "people", "group_doors", "groups", "doors"):
        office.store.run(f"DELETE FROM {table}")  # noqa: S608  (our own words)
    door = paired().door
    said = records(office, door)
    office.store.connection.execute("SAVEPOINT before")
    inbox.take(office, door, said)
    whole = kept(office)
    office.store.connection.execute("ROLLBACK TO before")
    office.store.connection.execute("RELEASE before")
    acknowledged = 0
    for arrive, repeated, answered in [*turns, (12, 1, True)]:
        waiting = [record for record in said if record.number > acknowledged]  # type: ignore[attr-defined]  # every record has one
        told = inbox.take(office, door, waiting[:arrive] * repeated)
        assert told >= acknowledged
        acknowledged = told if answered else acknowledged
    assert acknowledged == 20
    assert kept(office) == whole


def test_a_number_left_out_is_no_gap_to_wait_for(office: Console, paired: Callable[..., Dialler]) -> None:
    """A full outbox lets go of counts; what follows is stored all the same."""
    door = paired().door
    assert inbox.take(office, door, [Hourly(number=5, hour=DAY, openings=6)]) == 5
    assert inbox.take(office, door, [Hourly(number=4, hour=DAY, openings=1), Hourly(number=9, hour=DAY, openings=8)]) == 9
    assert office.store.rows("SELECT openings FROM hourly") == [(8,)]


def test_a_code_that_was_collected_is_gone_and_the_other_doors_are_told(
    office: Console, paired: Callable[..., Dialler], clockwork: Clock
) -> None:
    """The console learns the day and no more."""
    door = paired().door
    person = admit(office, {door: 0})
    before = office.store.row("SELECT policy FROM doors")[0]
    clockwork.forward(86_400)
    inbox.take(office, door, [Collected(number=1, day=datetime(2030, 6, 12, tzinfo=UTC), people=(person,))])
    assert codes.in_force(office, person) is None
    assert office.store.rows("SELECT * FROM collections") == [(person.bytes, 22_077)]
    assert office.store.row("SELECT policy FROM doors")[0] == before + 1


def test_a_code_made_after_the_day_of_collection_stays(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired().door
    person = admit(office, {door: 0})
    inbox.take(office, door, [Collected(number=1, day=DAY, people=(person,))])
    assert codes.in_force(office, person) is not None


def test_a_code_that_was_made_anew_on_the_day_of_collection_stays(
    office: Console, paired: Callable[..., Dialler], clockwork: Clock
) -> None:
    """Collected in the morning, the badge lost at noon: the day says not which code it was. The first one was it."""
    door = paired().door
    once, twice = admit(office, {door: 0}), admit(office, {door: 0})
    clockwork.forward(3_600)
    codes.make(office, twice)
    inbox.take(office, door, [Collected(number=1, day=DAY + timedelta(days=1), people=(once, twice))])
    assert (codes.in_force(office, once), codes.in_force(office, twice) is None) == (None, False)
    inbox.take(office, door, [Collected(number=2, day=DAY + timedelta(days=2), people=(twice,))])
    assert codes.in_force(office, twice) is None


def test_a_door_confirms_its_own_endings_only(office: Console, paired: Callable[..., Dialler]) -> None:
    one, two = paired().door, paired("Back door", slot=1).door
    person = admit(office, {one: 0, two: 0})
    people.end(office, person)
    inbox.take(office, one, [EndedHere(number=1, person=person), EndedHere(number=2, person=uuid4())])
    confirmed = dict(office.store.rows("SELECT door, confirmed_at IS NOT NULL FROM endings"))
    assert confirmed == {one.bytes: 1, two.bytes: 0}


def test_an_alarm_stands_once_until_it_is_over(office: Console, paired: Callable[..., Dialler]) -> None:
    door, at = paired().door, office.clock.now()
    for number, over in enumerate([False, False, True, True, False], 1):
        inbox.take(office, door, [AlarmRaised(number=number, alarm=Alarm.LOCK_SILENT, at=at, over=over)])
    assert [over is None for (over,) in office.store.rows("SELECT over_at FROM alarms ORDER BY id")] == [False, True]


def test_what_is_about_another_door_or_about_nothing_is_left_out(office: Console, paired: Callable[..., Dialler]) -> None:
    """A hostile door learns nothing, fills nothing in for others, and is not stopped either."""
    door, other = paired().door, paired("Back door", slot=1).door
    at = int(office.clock.now().timestamp())
    office.store.run("INSERT INTO incidents VALUES (1, ?, 'theft', ?, ?, ?)", (other.bytes, at - 60, at, at))
    office.store.run("INSERT INTO commands VALUES (1, ?, 'open_once', ?, ?, NULL)", (other.bytes, at, at + 30))
    key = Blob(bytes(32))
    said = [
        DayReleased(number=1, incident=1, day=DAY, key=key),
        DayReleased(number=2, incident=9, day=DAY, key=key),
        EvidenceReleased(number=3, request=9, key=key),
        CommandDone(number=4, act=1, done=True),
        CustodiansAccepted(number=5, incident=key),
        BundlePart(number=6, bundle=Bundle.JOURNAL, day=DAY, part=2, of=2, sealed=key),
        BundlePart(number=7, bundle=Bundle.JOURNAL, day=DAY, part=0, of=9_000_000, sealed=key),
        JoinGranted(number=8, to=other, part=0, of=1, sealed=key),
        Collected(number=9, day=datetime(9999, 12, 31, tzinfo=UTC), people=()),
        Hourly(number=10, hour=DAY, openings=3),
    ]
    assert inbox.take(office, door, said) == 10
    for table in ("released_days", "released_evidence", "bundles", "join_parts"):
        assert office.store.rows(f"SELECT * FROM {table}") == []  # noqa: S608  (our own words)
    assert office.store.row("SELECT done FROM commands") == (None,)
    assert office.store.row("SELECT count(DISTINCT custodians) FROM doors") == (1,)
    assert office.store.rows("SELECT openings FROM hourly") == [(3,)]


def test_what_was_asked_of_this_door_is_kept(office: Console, paired: Callable[..., Dialler]) -> None:
    door, at = paired().door, int(office.clock.now().timestamp())
    person = admit(office, {door: 0})
    office.store.run("INSERT INTO incidents VALUES (1, ?, 'theft', ?, ?, ?)", (door.bytes, at - 60, at, at))
    office.store.run("INSERT INTO evidence_requests VALUES (4, ?, ?)", (person.bytes, at))
    office.store.run("INSERT INTO commands VALUES (1, ?, 'open_once', ?, ?, NULL)", (door.bytes, at, at + 30))
    key = Blob(b"k" * 32)
    inbox.take(
        office,
        door,
        [
            DayReleased(number=1, incident=1, day=DAY, key=key),
            EvidenceReleased(number=2, request=4, key=key),
            CommandDone(number=3, act=1, done=False),
        ],
    )
    assert office.store.rows("SELECT * FROM released_days") == [(1, 22_076, key)]
    assert office.store.rows("SELECT * FROM released_evidence") == [(4, door.bytes, key)]
    assert office.store.row("SELECT done FROM commands") == (0,)


def test_what_is_given_out_again_replaces_nothing(office: Console, paired: Callable[..., Dialler]) -> None:
    """A door gives the same out again to a console that was restored; under a number used twice, the first is kept."""
    door, at = paired().door, int(office.clock.now().timestamp())
    person = admit(office, {door: 0})
    office.store.run("INSERT INTO incidents VALUES (1, ?, 'theft', ?, ?, ?)", (door.bytes, at - 3600, at, at))
    office.store.run("INSERT INTO evidence_requests VALUES (4, ?, ?)", (person.bytes, at))
    first, other = Blob(b"k" * 32), Blob(b"o" * 32)
    for number, key in enumerate((first, first, other)):
        day = DayReleased(number=2 * number + 1, incident=1, day=DAY, key=key)
        evidence = EvidenceReleased(number=2 * number + 2, request=4, key=key)
        assert inbox.take(office, door, [day, evidence]) == 2 * number + 2
        assert office.store.rows("SELECT * FROM released_days") == [(1, 22_076, first)]
        assert office.store.rows("SELECT * FROM released_evidence") == [(4, door.bytes, first)]


def test_health_is_told_by_the_minute_in_the_consoles_own_time(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    inbox.take(office, door.door, [minute(office)])
    told = office.store.row("SELECT minute_at, eyes, front, lock, testing FROM doors")
    assert told == (int(office.clock.now().timestamp()), 1, 1, 1, 0)


def test_a_door_says_which_it_is_and_its_wish_to_join_ends_when_it_has(office: Console, paired: Callable[..., Dialler]) -> None:
    """SAF-13."""
    door = paired().door
    inbox.take(office, door, [JoinAsked(number=1, public=Blob(b"p" * 32), salt=Blob(b"s" * 16), proof=Blob(b"x" * 32))])
    assert office.store.row("SELECT count(*) FROM joins") == (1,)
    inbox.take(office, door, [About(version=(1, 2, 3), factors=2, faces=True, joined=True, policy=0, number=1)])
    assert office.store.row("SELECT version, factors, faces, joined FROM doors") == ("1.2.3", 2, 1, 1)
    assert office.store.row("SELECT count(*) FROM joins") == (0,)


def test_every_word_a_door_may_say_is_kept_somewhere() -> None:
    assert set(inbox._KEPT) >= set(RECORDS)
