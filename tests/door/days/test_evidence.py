"""Evidence of consents: bundles of one size, in which only the person's own key finds anything, and never a refusal."""

from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.incident import opening
from device.contract import console, sealed
from device.contract.console import Bundle, EvidenceAsked, EvidenceReleased
from device.door import evidence as module
from device.door.consent import Event, Who
from device.door.evidence import slots
from tests.door.days.made import DAY, NIGHT, Paired, at


def ask(paired: Paired, person: UUID, number: int = 1) -> None:
    paired.requests.evidence(EvidenceAsked(number=number, person=person, asked_at=NIGHT), NIGHT)


def test_two_custodians_read_what_one_person_agreed_to(paired: Paired) -> None:
    """DEL-10, CON-08."""
    ada, bob = (paired.door.admit().person for _ in "ab")
    paired.door.enrol(ada, at(9))
    paired.door.enrol(bob, at(9))
    paired.door.forget.forget(ada, Event.WITHDRAW, Who.PERSON, at(10))
    paired.days.end(DAY, NIGHT)
    ask(paired, ada)
    found = opening.choices(paired.evidence_file(1, ada), paired.private)
    assert [(one.event, one.at) for one in found] == [("give", at(9)), ("store", at(9)), ("withdraw", at(10))]
    assert {one.notice_sha256 for one in found} == {paired.door.notices.current.sha256.hex()}


def test_a_refusal_is_in_no_bundle(paired: Paired) -> None:
    """Promise 9: consent evidence holds no refusals."""
    person = paired.door.admit().person
    paired.door.vault.advance(person, Event.DECLINE, Who.PERSON, at(9))
    paired.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, at(10))
    paired.days.end(DAY, NIGHT)
    ask(paired, person)
    assert opening.choices(paired.evidence_file(1, person), paired.private) == ()
    assert paired.door.store.row("SELECT count(*) FROM choices")[0] == 2


def test_a_bundle_has_one_size_whatever_people_chose(paired: Paired) -> None:
    """Promise 9: no size tells."""
    people = [paired.door.admit().person for _ in range(3)]
    paired.days.end(DAY, NIGHT)
    for person in people:
        paired.door.enrol(person, NIGHT)
    paired.days.end(DAY + timedelta(days=1), NIGHT + timedelta(days=1))
    nobody, everybody = (paired.bundle(Bundle.EVIDENCE, DAY + timedelta(days=number)) for number in (0, 1))
    assert len(nobody) == len(everybody) == sealed.SLOTS_LEAST * sealed.SLOT_BYTES


@given(people=st.integers(0, 5000))
def test_how_many_slots_there_are_follows_from_how_many_are_admitted(people: int) -> None:
    found = slots(people)
    assert found >= max(people, sealed.SLOTS_LEAST)
    assert found & (found - 1) == 0
    assert found == sealed.SLOTS_LEAST or found < 2 * people
    assert found * sealed.SLOT_BYTES % sealed.PART_BYTES == 0


def test_everybody_has_a_key_whatever_they_chose(paired: Paired) -> None:
    people = {paired.door.admit().person for _ in range(4)}
    paired.door.enrol(next(iter(people)), at(9))
    paired.days.end(DAY, NIGHT)
    assert {person for (person,) in paired.door.store.rows("SELECT person FROM evidence_keys")} == {one.bytes for one in people}


def test_one_persons_key_opens_no_other_persons_rows(paired: Paired) -> None:
    """Design, section 4: consent evidence is sealed per person."""
    ada, bob = (paired.door.admit().person for _ in "ab")
    paired.door.enrol(ada, at(9))
    paired.days.end(DAY, NIGHT)
    bundle, bound = paired.bundle(Bundle.EVIDENCE), sealed.slot_seal(paired.id)
    assert len(list(opening._rows(paired.evidence.key(ada), bundle, bound))) == 2
    assert list(opening._rows(paired.evidence.key(bob), bundle, bound)) == []
    assert ada.bytes not in bundle
    assert ada.hex.encode() not in bundle


def test_rows_that_found_no_room_come_the_next_day_and_older_ones_come_again(paired: Paired) -> None:
    """Evidence outlives a door that breaks."""
    person = paired.door.admit().person
    for number in range(6):
        paired.door.enrol(person, at(9) + timedelta(minutes=number))
        paired.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, at(9) + timedelta(minutes=number))
    key, bound = paired.evidence.key(person), sealed.slot_seal(paired.id)
    seen = []
    for number in range(4):
        day = DAY + timedelta(days=number)
        paired.days.end(day, NIGHT + timedelta(days=number))
        seen.append([row[0] for row in opening._rows(key, paired.bundle(Bundle.EVIDENCE, day), bound)])
    # Eighteen rows, eight slots.
    assert seen[0] == list(range(1, 9))
    assert seen[1] == list(range(9, 17))
    assert seen[2] == [17, 18, 1, 2, 3, 4, 5, 6]
    assert seen[3] == [7, 8, 9, 10, 11, 12, 13, 14]


def test_the_door_releases_a_key_only_where_it_tells_the_person(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, promise 9: after the door has told that person. Both, or neither."""
    person = paired.door.admit().person

    def broken(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as fault:
        fault.setattr(paired.outbox, "put", broken)
        with pytest.raises(RuntimeError):
            ask(paired, person)
    assert paired.requests.evidence_of(person) == ()
    ask(paired, person)
    assert paired.requests.evidence_of(person) == (NIGHT,)
    ask(paired, person)
    assert paired.requests.evidence_of(person) == (NIGHT,)


def test_the_same_request_again_gives_out_the_same_and_tells_nothing_new(paired: Paired) -> None:
    """A console that was restored has lost what it was given."""
    person = paired.door.admit().person
    for _ in range(2):
        paired.requests.evidence(EvidenceAsked(number=1, person=person, asked_at=at(0)), NIGHT)
    first, again = (one for one in paired.records() if isinstance(one, EvidenceReleased))
    assert (first.request, first.key) == (again.request, again.key)
    assert paired.requests.evidence_of(person) == (NIGHT,)


def test_what_comes_after_a_request_is_closed_to_whoever_made_it(paired: Paired) -> None:
    """Custodians get what was asked for, and not the person's choices from then on."""
    person = paired.door.admit().person
    paired.door.enrol(person, at(9))
    paired.days.end(DAY, NIGHT)
    given_out = paired.evidence.key(person)
    ask(paired, person, 1)
    next_day, next_night = DAY + timedelta(days=1), NIGHT + timedelta(days=1)
    paired.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, at(9, day=next_day))
    paired.days.end(next_day, next_night)
    bound = sealed.slot_seal(paired.id)
    assert len(list(opening._rows(given_out, paired.bundle(Bundle.EVIDENCE), bound))) == 2
    assert list(opening._rows(given_out, paired.bundle(Bundle.EVIDENCE, next_day), bound)) == []
    found = opening.choices(paired.evidence_file(1, person), paired.private)
    assert [one.event for one in found] == ["give", "store"]
    paired.requests.evidence(EvidenceAsked(number=2, person=person, asked_at=next_night), next_night)
    assert "withdraw" in [one.event for one in opening.choices(paired.evidence_file(2, person), paired.private)]


def test_requests_for_one_person_do_not_push_one_another_off_their_page(paired: Paired) -> None:
    """One too many in a day is told to nobody and gives out nothing; others are asked for all the same."""
    ada, bob = (paired.door.admit().person for _ in "ab")
    for number in range(console.ASKED_A_DAY + 3):
        ask(paired, ada, number)
    ask(paired, bob, 99)
    given = [one.request for one in paired.records() if isinstance(one, EvidenceReleased)]
    assert given == [*range(console.ASKED_A_DAY), 99]
    assert len(paired.requests.evidence_of(ada)) == console.ASKED_A_DAY
    paired.requests.evidence(EvidenceAsked(number=100, person=ada, asked_at=NIGHT), NIGHT + timedelta(days=1))
    assert len(paired.requests.evidence_of(ada)) == console.ASKED_A_DAY + 1


def test_what_is_released_looks_the_same_for_somebody_who_declined(paired: Paired) -> None:
    """Promise 9."""
    agreed, declined = (paired.door.admit().person for _ in "ab")
    paired.door.enrol(agreed, at(9))
    ask(paired, agreed, 1)
    ask(paired, declined, 2)
    keys = [one.key for one in paired.records() if isinstance(one, EvidenceReleased)]
    assert [len(key) for key in keys] == [sealed.SEALED_KEY_BYTES] * 2


def test_three_years_after_an_end_nothing_opens_any_more(paired: Paired) -> None:
    """DEL-10: for a stated period."""
    person = paired.door.admit().person
    paired.door.enrol(person, at(9))
    paired.door.forget.forget(person, Event.END, Who.OFFICE, at(10))
    paired.days.end(DAY, NIGHT)
    assert paired.door.store.row("SELECT count(*) FROM evidence_keys")[0] == 1
    later = timedelta(days=module.KEPT_DAYS)
    paired.days.end(DAY + later, NIGHT + later)
    assert paired.door.store.row("SELECT count(*) FROM evidence_keys")[0] == 0
