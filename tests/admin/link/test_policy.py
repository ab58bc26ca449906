"""What doors are told: all that is marked, in order, in messages that fit, and nothing that another door or a copy could use."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from admin import hours, marks, notices, people, settings, visitors
from admin.console import Console
from admin.hours import Span
from admin.link import inbox, policy
from admin.marks import Kind
from device.contract.console import (
    ENTRIES_MOST,
    FRAME_MOST,
    CustodiansAccepted,
    Language,
    LookReason,
    Policy,
    Role,
    frame,
    frames,
    signed,
)
from device.contract.words import Blob, encode
from tests.admin.link.dialling import Dialler, admit, leave_groups


def staff(office: Console, door: UUID, count: int = 1, number: int = 0) -> list[UUID]:
    with office.store.transaction():
        return [admit(office, {door: number}, f"Person {i}") for i in range(count)]


def caught_up(office: Console, door: UUID, after: int = 0) -> list[Policy]:
    found: list[Policy] = []
    while news := policy.news(office, door, after):
        found += news
        after = news[-1].number
    return found


def test_a_change_is_told_in_proportion_to_itself(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired().door
    ids = staff(office, door, 40)
    (before,) = caught_up(office, door)
    people.new_code(office, ids[7])
    (after,) = caught_up(office, door, before.number)
    assert [person.person for person in after.people] == [ids[7]]
    assert (after.after, after.number) == (before.number, before.number + 1)
    assert len(encode(after)) < len(encode(before)) / 8


@examples(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people_count=st.integers(0, 230), notice_chars=st.lists(st.integers(1, 19_000), max_size=5), start=st.integers(0, 40))
def test_messages_fit_and_stand_on_one_another(
    office: Console, paired: Callable[..., Dialler], people_count: int, notice_chars: list[int], start: int
) -> None:
    for table in ("marks", "memberships", "group_doors", "groups", "codes", "people", "notices", "doors"):
        office.store.run(f"DELETE FROM {table}")  # noqa: S608  (our own words)
    door = paired().door
    office.store.run("UPDATE doors SET policy = ?", (start,))
    staff(office, door, people_count)
    for language, chars in zip(Language, notice_chars, strict=False):
        office.store.run("INSERT INTO notices VALUES (1, ?, ?, 1, 1)", (language.value, '"\n' * (chars // 2)))
        marks.mark(office, (door,), Kind.NOTICE, marks.notice_key(1, language))
    told = caught_up(office, door, start)
    at, seen, texts = start, 0, 0
    for message in told:
        assert message.after == at
        assert message.number > message.after
        assert len(frame(message)) <= FRAME_MOST
        assert len(message.people) <= ENTRIES_MOST
        assert frames(frame(message), (Policy,))[0] == [message]
        at, seen, texts = message.number, seen + len(message.people), texts + len(message.notices)
    assert (at, seen, texts) == (policy.newest(office, door), people_count, len(notice_chars))


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["code", "end", "move", "look"]), st.integers(0, 5), st.booleans()), max_size=25))
def test_a_door_that_hears_now_and_then_ends_where_one_that_hears_everything_ends(
    office: Console, paired: Callable[..., Dialler], acts: list[tuple[str, int, bool]]
) -> None:
    for table in ("marks", "looks", "endings", "memberships", "group_doors", "groups", "codes", "people", "doors"):
        office.store.run(f"DELETE FROM {table}")  # noqa: S608  (our own words)
    door = paired().door
    ids = staff(office, door, 6)
    applied: dict[Any, Any] = {}
    after = 0

    def hear() -> None:
        nonlocal after
        for message in caught_up(office, door, after):
            applied.update({person.person: encode_of(person) for person in message.people})
            applied.update({page.number: page for page in message.pages})
            after = message.number

    for act, which, hears in acts:
        if people.one(office, ids[which]).ended_at is None:
            if act == "code":
                people.new_code(office, ids[which])
            elif act == "end":
                people.end(office, ids[which])
            elif act == "move":
                leave_groups(office, ids[which])
            else:
                people.look(office, ids[which], Role.OPERATOR, LookReason.QUESTION)
        if hears:
            hear()
    hear()
    kept, applied, after = applied, {}, 0
    hear()
    assert kept == applied


def encode_of(person: Any) -> tuple[Any, ...]:
    return (person.person, person.ended, person.hours, person.code)


def test_what_is_told_is_signed_for_one_door_and_any_change_breaks_it(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired().door
    (ada,) = staff(office, door)
    (told,) = caught_up(office, door)
    public = office.policy_key.public_key()
    public.verify(told.signature, signed(told))
    ended = replace(told.people[0], ended=True)
    for other in (
        replace(told, door=ada),
        replace(told, after=told.after + 1),
        replace(told, number=told.number + 1),
        replace(told, people=(ended,)),
        replace(told, at=told.at + timedelta(seconds=1)),
    ):
        with pytest.raises(InvalidSignature):
            public.verify(other.signature, signed(other))
    with pytest.raises(InvalidSignature):
        Ed25519PrivateKey.generate().public_key().verify(told.signature, signed(told))


def test_a_person_is_told_as_span_hours_and_code_and_never_by_name(office: Console, paired: Callable[..., Dialler]) -> None:
    """A last day counts to its end, in the office's own time zone."""
    door = paired().door
    number, _ = hours.keep(office, None, "Days", on_holidays=False, spans=[Span(0, 480, 1080)])
    ada = admit(office, {door: number}, begins_on=22_077, ends_on=22_126)
    (told,) = caught_up(office, door)
    (person,) = told.people
    assert (person.person, person.ended, person.hours) == (ada, False, (number,))
    assert person.begins_at == datetime(2030, 6, 11, 22, 0, tzinfo=UTC)
    assert person.ends_at == datetime(2030, 7, 31, 22, 0, tzinfo=UTC)
    assert person.code is not None
    assert len(person.code) == 32
    assert person.code_until == office.clock.now() + timedelta(days=7)
    said = encode(told)
    assert b"Ada" not in said
    assert b"example.org" not in said
    assert office.store.row("SELECT code FROM codes")[0].encode() not in said


def test_whoever_may_come_in_at_any_hour_is_told_so_and_nothing_of_other_hours(
    office: Console, paired: Callable[..., Dialler]
) -> None:
    door = paired().door
    number, _ = hours.keep(office, None, "Days", on_holidays=True, spans=[Span(0, 480, 1080)])
    ada = admit(office, {door: number})
    (everybody,) = office.store.row("SELECT group_id FROM memberships WHERE person = ?", (admit(office, {door: 0}).bytes,))
    office.store.run("INSERT INTO memberships VALUES (?, ?)", (ada.bytes, everybody))
    told = caught_up(office, door)[-1]
    assert [person.hours for person in told.people] == [(0,), (0,)]
    assert [(week.hours, week.gone, len(week.spans), week.on_holidays) for week in told.hours] == [(number, False, 1, True)]


@pytest.mark.parametrize("how", ["ends", "has ended though still in a group", "moves", "is removed from the tables"])
def test_whoever_is_no_longer_admitted_here_is_told_as_ended(office: Console, paired: Callable[..., Dialler], how: str) -> None:
    door = paired().door
    (ada,) = staff(office, door)
    after = caught_up(office, door)[-1].number
    if how == "ends":
        people.end(office, ada)
    elif how == "has ended though still in a group":
        office.store.run("UPDATE people SET ended_at = 1")
        marks.mark_person(office, ada)
    elif how == "moves":
        leave_groups(office, ada)
    else:
        people.end(office, ada)
        office.store.run("DELETE FROM endings")
        office.store.run("DELETE FROM people")
    (told,) = caught_up(office, door, after)
    assert [(person.person, person.ended, person.code, person.hours) for person in told.people] == [(ada, True, None, ())]


def test_a_visitor_who_is_gone_is_told_as_gone(office: Console, paired: Callable[..., Dialler]) -> None:
    door, now = paired().door, office.clock.now()
    visitor, at = uuid4(), int(now.timestamp())
    office.store.run("INSERT INTO visitors VALUES (?, 'Post', 'x', ?, ?, ?, NULL)", (visitor.bytes, bytes(32), at, at + 7200))
    office.store.run("INSERT INTO visitor_doors VALUES (?, ?)", (visitor.bytes, door.bytes))
    marks.mark(office, (door,), Kind.GUEST, visitor.bytes)
    (told,) = caught_up(office, door)
    assert [(guest.visitor, guest.gone, len(guest.digest)) for guest in told.guests] == [(visitor, False, 32)]
    visitors.take_back(office, visitor)
    (after,) = caught_up(office, door, told.number)
    assert [(guest.visitor, guest.gone) for guest in after.guests] == [(visitor, True)]
    office.store.run("DELETE FROM visitors")
    (again,) = caught_up(office, door)
    assert [(guest.visitor, guest.gone) for guest in again.guests] == [(visitor, True)]


def test_a_draft_is_not_told(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired().door
    notices.begin(office, office.clock.now())
    with office.store.transaction():
        policy.mark_everything(office, door)
        marks.mark(office, (door,), Kind.NOTICE, marks.notice_key(1, "en"))
    assert all(message.notices == () for message in caught_up(office, door))


def test_a_door_that_knows_nothing_is_told_everything(office: Console, paired: Callable[..., Dialler]) -> None:
    """A replaced door: people, hours, limits, notices, the other doors; and whoever is still to be ended there."""
    door, other = paired().door, paired("Back door", slot=1).door
    number, _ = hours.keep(office, None, "Days", on_holidays=False, spans=[Span(0, 480, 1080)])
    ada, bob = staff(office, door, 2, number)
    people.end(office, bob)
    notices.begin(office, office.clock.now())
    notices.publish(office, office.clock.now())
    settings.change(office, "open_s", 7, office.clock.now())
    office.store.run("DELETE FROM marks")
    before = policy.newest(office, door)
    with office.store.transaction():
        policy.mark_everything(office, door)
    told = caught_up(office, door, before)
    assert {person.person: person.ended for message in told for person in message.people} == {ada: False, bob: True}
    assert [week.hours for message in told for week in message.hours] == [number]
    assert [limits.open_s for message in told if (limits := message.limits)] == [7]
    assert [notice.language for message in told for notice in message.notices] == [Language.EN]
    (siblings,) = [found for message in told if (found := message.siblings)]
    assert [(sibling.door, sibling.slot) for sibling in siblings.doors] == [(door, 0), (other, 1)]
    assert any(message.holidays is not None for message in told)


def test_a_restored_console_tells_a_door_that_is_ahead_everything_once_more(
    office: Console, paired: Callable[..., Dialler]
) -> None:
    door = paired().door
    ids = staff(office, door, 3)
    applied = policy.newest(office, door) + 500
    policy.overtake(office, door, applied)
    told = caught_up(office, door, applied)
    assert sorted(person.person for message in told for person in message.people) == sorted(ids)
    assert told[0].after == applied


def test_changes_of_custodians_are_told_one_after_the_other(office: Console, paired: Callable[..., Dialler]) -> None:
    """Each is signed by those before it, so a door that slept through two has to take them in order."""
    door = paired().door
    for number in (2, 3):
        keys = [bytes([number]) * 32] * 3
        office.store.run(
            "INSERT INTO custodians (incident, evidence, statement, signature, since) VALUES (?, ?, ?, ?, 1)", (*keys, b"s" * 64)
        )
        marks.mark(office, (door,), Kind.CUSTODIANS)
    (told,) = caught_up(office, door)
    assert told.custodians is not None
    assert told.custodians.incident == b"\2" * 32
    inbox.take(office, door, [CustodiansAccepted(number=1, incident=Blob(b"\2" * 32))])
    (told,) = caught_up(office, door, told.number)
    assert told.custodians is not None
    assert told.custodians.incident == b"\3" * 32
    inbox.take(office, door, [CustodiansAccepted(number=2, incident=Blob(b"\3" * 32))])
    assert caught_up(office, door, told.number) == []
