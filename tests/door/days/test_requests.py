"""Requests of custodians: people are told first, by the door, and nothing is given out for which nobody was told."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from admin.errors import BadInput
from admin.incident import opening
from device.contract import console, screen
from device.contract.console import EvidenceAsked, Reason
from device.contract.wire import MESSAGE_MOST
from device.contract.words import TUPLE_MOST, NoticeText, encode
from device.door.book import Book
from device.door.consent import Event, Who
from device.door.incidents import TOLD_MOST
from device.errors import VaultError
from tests.door.days.made import DAY, NIGHT, OPENINGS_DAYS, Paired, ask, at

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
    assert (told.reason, told.begins_at, told.ends_at) == (Reason.BREAK_IN, asked.begins_at, asked.ends_at)
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


def narrow(paired: Paired) -> list[console.IncidentAsked]:
    """Asks for each hour from eight to noon; in one of them the person opened."""
    asked = [ask(at(hour), at(hour + 1), hour) for hour in range(8, 12)]
    for one in asked:
        paired.requests.incident(one, NIGHT)
    return asked


def spans(paired: Paired, person: UUID) -> list[datetime]:
    return [one.begins_at for one in reversed(paired.requests.of(person))]


def test_whoever_takes_over_a_page_by_a_new_code_learns_nothing_of_openings_from_it(paired: Paired) -> None:
    """A console asks for narrow spans and redeems a new code for somebody: the page lists every one of them."""
    person = paired.door.admit().person
    paired.opens(person, at(9, 30))
    paired.days.end(DAY, NIGHT)
    asked = narrow(paired)
    assert spans(paired, person) == [at(9)]
    code = paired.door.people.invite_again(person, NIGHT, NIGHT + timedelta(days=1))
    paired.door.people.redeem(code, NIGHT)
    assert spans(paired, person) == [one.begins_at for one in asked]


def test_a_new_badge_made_at_another_door_makes_the_page_tell_nothing_either(paired: Paired) -> None:
    person = paired.door.admit().person
    paired.opens(person, at(9, 30))
    paired.days.end(DAY, NIGHT)
    asked = narrow(paired)
    book = Book(paired.door.store)
    known = book.of(person)
    assert known is not None
    book.take(replace(known, digest=bytes(32), made_at=known.made_at + 1, resets=known.resets + 1), NIGHT)
    assert spans(paired, person) == [one.begins_at for one in asked]


def test_an_end_and_an_admission_after_it_make_the_page_tell_nothing(paired: Paired) -> None:
    """Nor is anybody left out who is asked for later: their openings are gone, and stay in the sealed day."""
    person = paired.door.admit().person
    paired.opens(person, at(9, 30))
    paired.days.end(DAY, NIGHT)
    asked = narrow(paired)
    paired.door.forget.forget(person, Event.END, Who.OFFICE, NIGHT)
    paired.door.people.admit(person, NIGHT)
    assert spans(paired, person) == [one.begins_at for one in asked]
    later = ask(at(9), at(10), 99)
    paired.requests.incident(later, NIGHT)
    assert [one for one, _ in paired.passed(later)] == [person]
    assert len(spans(paired, person)) == len(asked) + 1


def test_that_openings_were_dropped_is_known_no_longer_than_openings_are(paired: Paired) -> None:
    """DEL-09."""
    person = paired.door.admit().person
    paired.door.vault.journal.drop_openings(person, at(9))
    for hours, kept in ((0, 1), (1, 0)):
        paired.door.vault.journal.prune(at(9) + timedelta(days=OPENINGS_DAYS, hours=hours), OPENINGS_DAYS)
        assert paired.door.store.row("SELECT count(*) FROM openings_dropped")[0] == kept


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
    for number in range(1, 9):
        paired.requests.incident(ask(at(number), at(number + 1), number), NIGHT)
        assert len(paired.requests.announced(NIGHT)) == len(paired.released()) == min(number, console.ASKED_A_DAY)


def test_no_number_of_requests_pushes_one_off_the_notice_page_within_its_thirty_days(paired: Paired) -> None:
    """A hostile console cannot drown a request; what a page cannot hold is not given out."""
    person = paired.door.admit().person
    paired.opens(person, at(1, 30))
    paired.days.end(DAY, NIGHT)
    first = ask(at(1), at(2), 1)
    paired.requests.incident(first, NIGHT)
    moments = [NIGHT + timedelta(hours=3 * turn) for turn in range(8 * 30)]
    for number, now in enumerate(moments, start=2):
        paired.requests.incident(ask(at(1), at(3), number), now)
    told = paired.requests.announced(moments[-1])
    assert len(told) == len(paired.requests.of(person)) == console.ASKED_A_DAY * 30
    assert (told[-1].begins_at, told[-1].ends_at) == (first.begins_at, first.ends_at)


def test_a_page_with_as_many_requests_as_can_be_fits_a_message() -> None:
    asked = screen.Asked(reason=Reason.COURT_ORDER, begins_at=NIGHT, ends_at=NIGHT, asked_at=NIGHT)
    look = screen.Look(role=console.Role.PRIVACY_OFFICER, reason=console.LookReason.ACCESS_REQUEST, day=NIGHT)
    personal = screen.Personal(
        scene=1,
        standing=screen.Standing.BADGE_AND_PIN,
        made_at=NIGHT,
        gone_at=NIGHT,
        used_at=NIGHT,
        openings=(screen.Opening(at=NIGHT),) * TUPLE_MOST,
        renew_by=NIGHT,
        looks=(look,) * TUPLE_MOST,
        asked=(asked,) * TOLD_MOST,
        evidence_asked=(NIGHT,) * TOLD_MOST,
        doors=7,
    )
    announced = screen.Announced(
        scene=1,
        asked=(asked,) * TOLD_MOST,
        custodians_on=(NIGHT,) * 30,
        doors_on=(NIGHT,) * 30,
        custodians=None,
        version=1,
        notice=NoticeText("n" * 20_000),
    )
    for scene in (personal, announced):
        assert len(encode(scene)) <= MESSAGE_MOST


@pytest.mark.parametrize("ahead", [timedelta(hours=1), timedelta(minutes=3)])
def test_time_to_come_is_not_asked_for(paired: Paired, ahead: timedelta) -> None:
    """A request stands where it can be read from when it is one."""
    now = at(12)
    with pytest.raises(VaultError, match="has passed"):
        paired.requests.incident(ask(at(11), now + ahead), now)
    assert paired.requests.announced(now) == ()


def test_a_console_whose_clock_is_a_little_ahead_is_heard(paired: Paired) -> None:
    paired.requests.incident(ask(at(11), at(12, 1)), at(12))
    assert len(paired.requests.announced(at(12))) == 1


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
    paired.requests.incident(asked, at(1, day=NEXT))
    assert not opening.span(paired.exported(asked), paired.private).whole
    paired.days.end(NEXT, NIGHT + timedelta(days=1))
    assert opening.span(paired.exported(asked), paired.private).whole


def test_a_span_that_ends_at_midnight_is_one_day(paired: Paired) -> None:
    for number in range(2):
        paired.days.end(DAY + timedelta(days=number), NIGHT + timedelta(days=number))
    paired.requests.incident(ask(at(0), at(0, day=NEXT)), NIGHT + timedelta(days=1))
    assert [one.day.date() for one in paired.released()] == [DAY]


@pytest.mark.parametrize("hours", [0, -1, 0.99, 24.01])
def test_a_span_of_less_than_an_hour_or_of_more_than_a_day_is_refused(paired: Paired, hours: float) -> None:
    """Promise 10: a span of a day at most; and none so short that it is about one person."""
    night = NIGHT + timedelta(days=1)
    paired.days.end(DAY, NIGHT)
    with pytest.raises(VaultError, match="schema"):
        paired.requests.incident(ask(at(1), at(1) + timedelta(hours=hours)), night)
    assert paired.released() == []
    paired.requests.incident(ask(at(1), at(1) + timedelta(hours=1)), night)
    assert len(paired.released()) == 1


def test_the_same_request_again_is_one_and_gives_out_the_same(paired: Paired) -> None:
    """A console that was restored has lost what it was given; it counts once more against nothing."""
    for number in range(2):
        paired.days.end(DAY + timedelta(days=number), NIGHT + timedelta(days=number))
    now = NIGHT + timedelta(days=1)
    asked = ask(at(23), at(1, day=NEXT))
    for turn in range(console.ASKED_A_DAY + 1):
        paired.requests.incident(replace(asked, asked_at=asked.asked_at + timedelta(seconds=turn)), now)
        given = [(one.incident, one.day.date(), one.key) for one in paired.released()]
        assert len(given) == 2 * (turn + 1)
        assert len(set(given)) == 2
    assert len(paired.requests.announced(now)) == 1


def test_another_request_under_the_same_number_is_told_of_as_well(paired: Paired) -> None:
    """A console that comes from a backup, or a hostile one, takes no request back and smuggles none in."""
    paired.days.end(DAY, NIGHT)
    paired.requests.incident(ask(at(10), at(11)), NIGHT)
    paired.requests.incident(ask(at(8), at(20)), NIGHT)
    assert len({one.key for one in paired.released()}) == 2
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
    assert [one.asked_at for one in (*paired.requests.announced(NIGHT), *paired.requests.of(person))] == [NIGHT] * 2
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
