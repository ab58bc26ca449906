"""Requests of custodians: people are told first, by the door, and nothing is given out for which nobody was told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from admin.errors import BadInput
from admin.incident import opening
from device.contract.console import EvidenceAsked, Reason
from device.errors import VaultError
from tests.door.days.made import DAY, NIGHT, Paired, ask, at

NEXT = DAY + timedelta(days=1)


def test_who_came_in_the_span_reads_of_it_and_who_did_not_does_not(paired: Paired) -> None:
    """Promise 10: the people concerned are told."""
    inside, before, after = (paired.door.admit().person for _ in range(3))
    paired.opens(before, at(9, 59))
    paired.opens(inside, at(10))
    paired.opens(after, at(11))
    paired.days.end(DAY, NIGHT)
    asked = ask(at(10), at(11), reason=Reason.BREAK_IN)
    paired.requests.incident(asked, NIGHT)
    (told,) = paired.requests.of(inside)
    assert (told.reason, told.begins_at, told.ends_at, told.asked_at) == (
        Reason.BREAK_IN, asked.begins_at, asked.ends_at, asked.asked_at
    )  # fmt: skip
    assert paired.requests.of(before) == paired.requests.of(after) == ()
    assert [person for person, _ in paired.passed(asked)] == [inside]


def test_whoever_made_a_badge_anew_since_is_told_all_the_same(paired: Paired) -> None:
    """Their openings went with the old badge, and stay in the sealed day."""
    person = paired.door.admit().person
    paired.opens(person, at(10))
    paired.days.end(DAY, NIGHT)
    code = paired.door.people.invite_again(person, NIGHT, NIGHT + timedelta(days=1))
    paired.door.people.redeem(code, NIGHT)
    assert paired.door.vault.journal.openings(person) == ()
    asked = ask(at(10), at(11))
    paired.requests.incident(asked, NIGHT)
    assert [one for one, _ in paired.passed(asked)] == [person]
    assert len(paired.requests.of(person)) == 1


def test_telling_and_giving_out_are_one(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """Design, section 4: once the request stands in the journal. A power cut between the two leaves neither."""
    person = paired.door.admit().person
    paired.opens(person, at(10))
    paired.days.end(DAY, NIGHT)

    def broken(_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as fault:
        fault.setattr(paired.outbox, "put", broken)
        with pytest.raises(RuntimeError):
            paired.requests.incident(ask(at(10), at(11)), NIGHT)
    assert paired.requests.announced(NIGHT) == paired.requests.of(person) == ()
    assert paired.released() == []


def test_nothing_is_given_out_for_which_the_notice_page_says_nothing(paired: Paired) -> None:
    """Every key in the outbox has its line on the notice page."""
    paired.days.end(DAY, NIGHT)
    for number in range(1, 4):
        paired.requests.incident(ask(at(number), at(number + 1), number), NIGHT)
        assert len(paired.requests.announced(NIGHT)) == len(paired.released()) == number


def test_a_day_that_is_not_over_is_told_of_at_once_and_given_out_at_its_end(paired: Paired) -> None:
    person = paired.door.admit().person
    paired.opens(person, at(10))
    asked = ask(at(10), at(11))
    paired.requests.incident(asked, at(12))
    assert len(paired.requests.of(person)) == 1
    assert paired.released() == []
    paired.days.end(DAY, NIGHT)
    assert [one for one, _ in paired.passed(asked)] == [person]


def test_a_span_over_midnight_takes_both_days_and_no_third(paired: Paired) -> None:
    person = paired.door.admit().person
    paired.opens(person, at(23, 30))
    paired.opens(person, at(0, 30, NEXT))
    paired.opens(person, at(2, 30, NEXT))
    for number in range(3):
        paired.days.end(DAY + timedelta(days=number), NIGHT + timedelta(days=number))
    asked = ask(at(23), at(1, day=NEXT))
    paired.requests.incident(asked, NIGHT + timedelta(days=2))
    assert [one.day.date() for one in paired.released()] == [DAY, NEXT]
    assert [when for _, when in paired.passed(asked)] == [at(23, 30), at(0, 30, NEXT)]


def test_of_a_span_over_midnight_the_part_that_is_over_comes_first_and_says_so(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    asked = ask(at(23), at(1, day=NEXT))
    paired.requests.incident(asked, NIGHT)
    assert not opening.span(paired.exported(asked), paired.private).whole
    paired.days.end(NEXT, NIGHT + timedelta(days=1))
    assert opening.span(paired.exported(asked), paired.private).whole


def test_a_span_that_ends_at_midnight_is_one_day(paired: Paired) -> None:
    for number in range(2):
        paired.days.end(DAY + timedelta(days=number), NIGHT + timedelta(days=number))
    paired.requests.incident(ask(at(0), at(0, day=NEXT)), NIGHT + timedelta(days=1))
    assert [one.day.date() for one in paired.released()] == [DAY]


@pytest.mark.parametrize("hours", [0, -1, 25])
def test_a_span_of_none_or_of_more_than_a_day_is_refused(paired: Paired, hours: int) -> None:
    """Promise 10: a span of a day at most."""
    paired.days.end(DAY, NIGHT)
    with pytest.raises(VaultError):
        paired.requests.incident(ask(at(0), at(0) + timedelta(hours=hours)), NIGHT)
    assert paired.released() == []


def test_the_same_request_again_is_one(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    asked = ask(at(10), at(11))
    for _ in range(2):
        paired.requests.incident(asked, NIGHT)
    assert len(paired.released()) == len(paired.requests.announced(NIGHT)) == 1


def test_another_request_under_the_same_number_is_told_of_as_well(paired: Paired) -> None:
    """A console that comes from a backup, or a hostile one, takes no request back and smuggles none in."""
    paired.days.end(DAY, NIGHT)
    paired.requests.incident(ask(at(10), at(11)), NIGHT)
    paired.requests.incident(ask(at(8), at(20)), NIGHT)
    assert len(paired.requests.announced(NIGHT)) == 2


def test_a_file_with_a_wider_span_than_people_were_told_of_opens_nothing(paired: Paired) -> None:
    """The door signs what it told; custodians are shown that and nothing more."""
    person = paired.door.admit().person
    paired.opens(person, at(20))
    paired.days.end(DAY, NIGHT)
    asked = ask(at(10), at(11))
    paired.requests.incident(asked, NIGHT)
    file = paired.exported(asked)
    assert opening.span(file, paired.private).passed == ()
    for changed in (
        {"ends_at": file.ends_at + 36_000},
        {"begins_at": file.begins_at - 1},
        {"reason": Reason.SAFETY},
        {"incident": 2},
    ):
        with pytest.raises(BadInput, match="another request"):
            opening.span(replace(file, **changed), paired.private)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE incidents_told SET reason = 'safety'",
        "DELETE FROM incidents_told",
        "UPDATE evidence_told SET at = 0",
        "DELETE FROM evidence_told",
        "UPDATE sealed_days SET release = zeroblob(32)",
    ],
)
def test_what_was_told_and_sealed_is_neither_changed_nor_removed(paired: Paired, statement: str) -> None:
    person = paired.door.admit().person
    paired.days.end(DAY, NIGHT)
    paired.requests.incident(ask(at(10), at(11)), NIGHT)
    paired.requests.evidence(EvidenceAsked(number=1, person=person, asked_at=NIGHT), NIGHT)
    with pytest.raises(VaultError):
        paired.door.store.run(statement)


def test_a_request_stands_on_the_notice_page_for_thirty_days_and_on_peoples_pages_for_a_year(paired: Paired) -> None:
    """By the door's own clock: what the console says of its own counts for nothing here."""
    person = paired.door.admit().person
    paired.opens(person, at(10))
    paired.days.end(DAY, NIGHT)
    paired.requests.incident(replace(ask(at(10), at(11)), asked_at=at(0) - timedelta(days=300)), NIGHT)
    assert len(paired.requests.announced(NIGHT + timedelta(days=29))) == 1
    assert paired.requests.announced(NIGHT + timedelta(days=30)) == ()
    for passed, told in ((364, 1), (367, 0)):
        paired.days.end(DAY + timedelta(days=passed), NIGHT + timedelta(days=passed))
        assert len(paired.requests.of(person)) == told


def test_a_file_without_a_day_or_with_one_twice_opens_nothing(paired: Paired) -> None:
    """Nobody came is said only where the door has said so."""
    paired.days.end(DAY, NIGHT)
    asked = ask(at(10), at(11))
    paired.requests.incident(asked, NIGHT)
    file = paired.exported(asked)
    for days in ((), file.days * 2):
        with pytest.raises(BadInput):
            opening.span(replace(file, days=days), paired.private)
