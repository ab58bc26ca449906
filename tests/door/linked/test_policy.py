"""A signed policy does all that it says, once, or nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config import CAPS
from device.contract import console as words
from device.contract import screen, sealed
from device.contract.console import Alarm, AlarmRaised, EndedHere
from device.contract.screen import Button, NoEntry
from device.contract.words import Blob, NoticeText
from device.door.consent import State
from device.errors import VaultError
from tests.door.linked.made import LIMITS, Paired, digest


def test_somebody_admitted_with_a_code_collects_badge_and_pin_and_gets_in(paired: Paired) -> None:
    person, code = paired.admit()
    issued = paired.collect(code)
    paired.visit.home()
    assert paired.opens(issued)
    assert paired.door.people.by_badge(issued.badge) == person


def test_the_door_keeps_neither_a_code_nor_what_the_console_told_of_it(paired: Paired) -> None:
    """What the console knows of a code finds nothing in the vault's files."""
    _, code = paired.admit()
    found = b"".join(path.read_bytes() for path in paired.settings.folders.data.iterdir())
    assert code.encode() not in found
    assert bytes(digest(code)) not in found


def test_a_code_that_was_used_here_stays_used_however_often_policy_tells_of_it(paired: Paired) -> None:
    person, code = paired.admit()
    paired.collect(code)
    paired.visit.home()
    paired.tell(people=(paired.admitted(person, code, hours=(0, 3)),))
    paired.press(Button.INVITATION)
    paired.type(code)
    assert paired.scene(screen.CodePad).wrong


def test_another_code_counts_in_place_of_the_one_before(paired: Paired) -> None:
    person, old = paired.admit()
    paired.tell(people=(paired.admitted(person, "0123456789"),))
    paired.press(Button.INVITATION)
    paired.type(old)
    assert paired.scene(screen.CodePad).wrong
    paired.type("0123456789")
    paired.scene(screen.Issued)


def test_a_code_that_is_taken_back_is_good_no_more(paired: Paired) -> None:
    person, code = paired.admit()
    paired.tell(people=(paired.admitted(person),))
    paired.press(Button.INVITATION)
    paired.type(code)
    assert paired.scene(screen.CodePad).wrong


# --- who may say so --------------------------------------------------------------------------------------------------


def test_what_the_pinned_key_did_not_sign_changes_nothing_and_is_told_once(paired: Paired) -> None:
    """LINK: neither the link nor anybody between can make policy up."""
    person = uuid4()
    made_up = paired.signed(paired.policy(people=(paired.admitted(person),)), Ed25519PrivateKey.generate())
    paired.linked.hear(made_up)
    paired.linked.hear(made_up)
    paired.number -= 1
    assert not paired.door.people.active(person)
    assert [(told.alarm, told.over) for told in paired.waiting(AlarmRaised)] == [(Alarm.POLICY_REFUSED, False)]
    paired.tell()
    assert [told.over for told in paired.waiting(AlarmRaised)] == [False, True]


def test_a_policy_changed_on_its_way_is_refused(paired: Paired) -> None:
    person = uuid4()
    told = paired.policy(people=(paired.admitted(person),))
    paired.linked.hear(replace(told, people=(paired.admitted(uuid4()),)))
    assert paired.door.people.count() == 0


def test_a_policy_for_another_door_is_refused(paired: Paired) -> None:
    person = uuid4()
    told = paired.signed(replace(paired.policy(people=(paired.admitted(person),)), door=uuid4()))
    paired.linked.hear(told)
    assert not paired.door.people.active(person)
    assert paired.door.console.number == 0
    assert paired.waiting(AlarmRaised)


def test_a_replayed_policy_is_nothing(paired: Paired) -> None:
    person, _ = paired.admit()
    again = paired.policy(people=(paired.admitted(person),))
    paired.linked.hear(again)
    paired.tell(people=(paired.admitted(person, ended=True),))
    paired.linked.hear(again)
    assert not paired.door.people.active(person)
    assert paired.door.console.number == paired.number


def test_a_policy_out_of_its_place_waits_for_the_one_before_and_the_link_is_told_where_policy_stands(paired: Paired) -> None:
    first, second = paired.policy(people=(paired.admitted(uuid4()),)), paired.policy(people=(paired.admitted(uuid4()),))
    before = len(paired.all(words.About))
    paired.linked.hear(second)
    assert paired.door.people.count() == 0
    assert [about.policy for about in paired.all(words.About)[before:]] == [0]
    paired.linked.hear(first)
    paired.linked.hear(second)
    assert paired.door.people.count() == 2


@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_policy_ends_equal_whatever_the_order_loss_and_repetition(data: st.DataObject) -> None:
    """ISSUE: replay, delay and reorder messages; policy ends equal, nothing lost or doubled."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        straight, crooked = Paired(Path(one)), Paired(Path(other))
        crooked.id, crooked.signing = straight.id, straight.signing
        pinned = straight.door.console.pinned
        assert pinned is not None
        crooked.door.console.pin(pinned, crooked.clock.now())
        people = [uuid4() for _ in range(4)]
        told = []
        for _ in range(6):
            person = data.draw(st.sampled_from(people))
            hours = (data.draw(st.integers(0, 3)),)
            told.append(straight.policy(people=(straight.admitted(person, ended=data.draw(st.booleans()), hours=hours),)))
        for message in told:
            straight.linked.hear(message)
        for at in data.draw(st.lists(st.integers(0, 5), max_size=20)):
            crooked.linked.hear(told[at])
        for message in told:
            crooked.linked.hear(message)
        shown = [_shown(door) for door in (straight, crooked)]
        for door in (straight, crooked):
            door.close()
        assert shown[0] == shown[1]


def _shown(door: Paired) -> Any:
    people = "SELECT id, ended_at IS NULL FROM people ORDER BY id"
    hours = "SELECT person, hours FROM admitted_hours ORDER BY person"
    endings = "SELECT person FROM endings ORDER BY person"
    return door.door.console.number, *(door.door.store.rows(query) for query in (people, hours, endings))


# --- caps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["template_days", "unused_days", "openings_days", "notice_days", "open_s"])
@pytest.mark.parametrize("side", [0, 1])
def test_a_value_over_a_cap_refuses_all_that_came_with_it(paired: Paired, name: str, side: int) -> None:
    """Threat model: a hostile console cannot exceed a cap; not even what is harmless beside it is done."""
    least, most, _ = CAPS["lock.open_s" if name == "open_s" else f"keeping.{name}"]
    cap, beyond = ((least, least - 1), (most, most + 1))[side]
    person = uuid4()
    over = replace(LIMITS, **{name: beyond})
    paired.tell(limits=over, people=(paired.admitted(person),))
    assert not paired.door.people.active(person)
    assert paired.door.vault.keeping == paired.settings.keeping
    assert paired.waiting(AlarmRaised)
    paired.number -= 1
    paired.tell(limits=replace(LIMITS, **{name: cap}), people=(paired.admitted(person),))
    assert paired.door.people.active(person)


def test_what_cannot_be_is_refused(paired: Paired) -> None:
    now, person = paired.clock.now(), uuid4()
    guest = words.Guest(visitor=uuid4(), digest=Blob(b"short"), begins_at=now, ends_at=now + timedelta(days=1), gone=False)
    span = words.Span(day=0, begins_min=60, ends_min=60)
    day = timedelta(days=1)
    asked = words.IncidentAsked(
        number=1, reason=words.Reason.THEFT, begins_at=now, ends_at=now + day + timedelta(seconds=1), asked_at=now
    )
    refused: list[dict[str, Any]] = [
        {"people": (paired.admitted(person, "0123456789", code_until=now + timedelta(days=8)),)},
        {"people": (replace(paired.admitted(person), code=Blob(bytes(31)), code_until=now),)},
        {"people": (paired.admitted(person, code_until=now),)},
        {"people": (paired.admitted(person, hours=(-1,)),)},
        {"people": (paired.admitted(person, begins_at=now + day, ends_at=now),)},
        {"people": (paired.admitted(person, "0123456789"), paired.admitted(uuid4(), "0123456789"))},
        {"people": tuple(paired.admitted(uuid4()) for _ in range(words.ENTRIES_MOST + 1))},
        {"guests": (guest,)},
        {"hours": (words.Hours(hours=0, spans=(), on_holidays=False, gone=False),)},
        {"hours": (words.Hours(hours=1, spans=(span,), on_holidays=False, gone=False),)},
        {"notices": (words.Published(version=1, language=words.Language.EN, text=NoticeText(" \n")),)},
        {"notices": (words.Published(version=1, language=words.Language.EN, text=NoticeText("\u202ehidden")),)},
        {"notices": (words.Published(version=1, language=words.Language.ZH, text=NoticeText("门" * 10_000)),)},
        {"incidents": (asked,)},
    ]  # fmt: skip
    for fields in refused:
        paired.tell(**fields)
        paired.number -= 1
        assert paired.door.console.number == 0, fields
    assert paired.door.people.count() == 0


def test_custodians_change_only_with_the_signature_of_those_before(paired: Paired) -> None:
    """Threat model: a hostile console cannot change the incident key."""
    keys = (bytes([1]) * 32, bytes([2]) * 32, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    before = paired.door.custodians.in_force()
    for by, taken in ((paired.signing, False), (paired.statement, True)):
        incident, evidence, statement = map(Blob, keys)
        signature = Blob(by.sign(sealed.change(*keys)))
        change = words.Custodians(incident=incident, evidence=evidence, statement=statement, signature=signature)
        paired.tell(custodians=change)
        if not taken:
            paired.number -= 1
        assert (paired.door.custodians.in_force() != before) is taken
        assert paired.door.console.number == int(taken)


# --- ends ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["badge", "face", "unknown"])
def test_an_end_is_done_at_once_and_confirmed_after_a_minute_whoever_it_was(paired: Paired, who: str) -> None:
    """ALT-08: alike, and after the same delay, whether or not there was a face, or even a person."""
    person = uuid4()
    if who != "unknown":
        person, code = paired.admit()
        issued = paired.collect(code)
        if who == "face":
            paired.press(Button.NEXT, Button.MY_FACE_TOO)
            paired.agree()
            paired.look(1)
        paired.visit.home()
    paired.tell(people=(paired.admitted(person, ended=True),))
    if who != "unknown":
        assert not paired.opens(issued)
        assert paired.door.vault.state(person) is State.ENDED
    paired.pass_(seconds=59)
    assert paired.all(EndedHere) == []
    paired.pass_(seconds=1)
    paired.pass_(seconds=120)
    assert [told.person for told in paired.all(EndedHere)] == [person]


def test_an_end_that_is_not_finished_is_not_confirmed(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEL-08: it is told when it is true."""
    person, issued = paired.welcome()
    monkeypatch.setattr(paired.door.keys, "add", _cannot)
    paired.tell(people=(paired.admitted(person, ended=True),))
    paired.pass_(minutes=5)
    assert paired.all(EndedHere) == []
    monkeypatch.undo()
    paired.pass_(minutes=1)
    assert [told.person for told in paired.all(EndedHere)] == [person]
    assert not paired.opens(issued)


def test_nobody_who_is_admitted_is_told_as_ended(paired: Paired) -> None:
    """What is told is true, whatever was noted."""
    person, _ = paired.admit()
    paired.door.store.run("INSERT INTO endings VALUES (?, 0)", (person.bytes,))
    paired.pass_(minutes=5)
    assert paired.all(EndedHere) == []


def test_whoever_comes_back_begins_anew(paired: Paired) -> None:
    person, issued = paired.welcome()
    paired.tell(people=(paired.admitted(person, ended=True),))
    paired.tell(people=(paired.admitted(person, "0123456789"),))
    assert paired.door.people.active(person)
    assert not paired.opens(issued)
    paired.visit.home()
    again = paired.collect("0123456789")
    assert paired.door.vault.state(person) is State.NOT_CHOSEN
    paired.visit.home()
    assert paired.opens(again)
    paired.pass_(minutes=2)
    assert paired.all(EndedHere) == []


def test_whoever_is_still_being_erased_does_not_come_back_yet(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _ = paired.welcome()
    monkeypatch.setattr(paired.door.keys, "add", _cannot)
    paired.tell(people=(paired.admitted(person, ended=True),))
    back = paired.policy(people=(paired.admitted(person),))
    paired.linked.hear(back)
    assert paired.dropped == 1
    monkeypatch.undo()
    paired.door.serve_deadlines(paired.clock.now())
    paired.linked.hear(back)
    assert paired.door.people.active(person)


def test_a_span_begins_and_ends_by_itself(paired: Paired) -> None:
    """DEL-02: at its end everything goes as if the office had said so."""
    now = paired.clock.now()
    begins_at, ends_at = now + timedelta(days=1), now + timedelta(days=3)
    person, code = paired.admit(begins_at=begins_at, ends_at=ends_at)
    paired.press(Button.INVITATION)
    paired.type(code)
    assert paired.scene(screen.CodePad).wrong
    paired.pass_(days=1)
    issued = paired.collect(code)
    paired.visit.home()
    assert paired.opens(issued)
    paired.clock.wait(2 * 86400 - 1)
    assert paired.opens(issued)
    paired.clock.wait(1)
    assert not paired.opens(issued)
    assert paired.scene(screen.NotOpened).because is NoEntry.NOT_VALID
    paired.pass_(seconds=30)
    assert paired.door.vault.state(person) is State.ENDED
    paired.pass_(seconds=90)
    assert [told.person for told in paired.all(EndedHere)] == [person]


def test_a_badge_whose_span_was_shortened_does_not_open_before_it_begins(paired: Paired) -> None:
    person, issued = paired.welcome()
    paired.tell(people=(paired.admitted(person, begins_at=paired.clock.now() + timedelta(hours=1)),))
    assert not paired.opens(issued)


# --- limits and notices ----------------------------------------------------------------------------------------------


def test_limits_count_at_once_and_after_a_restart(paired: Paired) -> None:
    _, issued = paired.welcome()
    paired.tell(limits=LIMITS)
    assert paired.door.vault.keeping.template_days == 100
    assert "At most 100 days" in paired.door.vault.notices.current.text
    assert paired.opens(issued)
    assert paired.scene(screen.Opened).for_s == 7
    paired.close()
    paired.open()
    assert paired.door.vault.keeping.unused_days == 50
    assert "At most 100 days" in paired.door.vault.notices.current.text


def test_a_yes_to_the_notice_before_lives_through_its_grace_and_can_be_renewed(paired: Paired) -> None:
    """CON-04: nobody's face stops the day a notice changes, and nobody's goes on without a new yes."""
    issued = [paired.enrol(seed) for seed in (1, 2)]
    _publish(paired, 1)
    paired.tell(limits=LIMITS)
    assert len(paired.door.vault.gallery(paired.clock.now()).people) == 2
    page = paired.about_me(issued[0])
    assert page.renew_by == paired.clock.now() + timedelta(days=30)
    assert page.gone_at == page.renew_by
    paired.press(Button.RENEW)
    paired.agree()
    paired.scene(screen.Kept)
    paired.visit.home()
    assert paired.about_me(issued[0]).renew_by is None
    paired.visit.home()
    paired.pass_(days=29)
    assert len(paired.door.vault.gallery(paired.clock.now()).people) == 2
    paired.pass_(days=1)
    assert len(paired.door.vault.gallery(paired.clock.now()).people) == 1
    assert paired.door.store.row("SELECT count(*) FROM templates")[0] == 1


def test_the_grace_that_was_told_is_not_prolonged_by_a_setting_or_a_later_notice(paired: Paired) -> None:
    issued = paired.enrol(1)
    paired.tell(limits=LIMITS)
    told_at = paired.clock.now()
    _publish(paired, 1)
    paired.tell(limits=replace(LIMITS, notice_days=60))
    paired.pass_(days=5)
    _publish(paired, 2)
    assert paired.about_me(issued).renew_by == told_at + timedelta(days=LIMITS.notice_days)


def test_looks_under_the_notice_before_still_make_a_template(paired: Paired) -> None:
    """A notice that changes while somebody stands there takes nothing from them."""
    paired.collect()
    paired.press(Button.NEXT, Button.MY_FACE_TOO)
    paired.agree()
    _publish(paired, 1)
    paired.look(1)
    paired.scene(screen.Kept)


def test_the_idle_screen_tells_everyone_for_thirty_days_that_the_notice_changed(paired: Paired) -> None:
    assert paired.scene(screen.Idle).notice_on is None
    _publish(paired, 1)
    changed_at = paired.clock.now()
    paired.visit.news()
    assert paired.scene(screen.Idle).notice_on == changed_at
    paired.pass_(days=30)
    paired.visit.news()
    assert paired.scene(screen.Idle).notice_on is None


def test_the_newest_notice_is_in_force_in_english_where_there_is_one(paired: Paired) -> None:
    for version, language, text in ((2, "de", "Zwei"), (2, "en", "Two"), (1, "en", "One"), (2, "fr", "Deux")):
        told = words.Published(version=version, language=words.Language(language), text=NoticeText(text))
        paired.tell(notices=(told,))
    assert paired.door.vault.notices.current.text == "Two"
    paired.close()
    paired.open()
    assert paired.door.vault.notices.current.text == "Two"


def test_a_person_reads_who_opened_their_page_and_nobody_elses(paired: Paired) -> None:
    """TRA: role, reason and day, at the door."""
    (one, issued), (other, _) = paired.welcome(), paired.welcome()
    day = paired.clock.now().replace(hour=0)
    reason, role = words.LookReason.QUESTION, words.Role.FRONT_DESK
    looks = tuple(
        words.PageOpened(number=number, person=person, role=role, reason=reason, day=day)
        for number, person in enumerate((one, other, uuid4()), start=1)
    )
    paired.tell(pages=looks)
    paired.tell(pages=looks)
    assert [(look.role, look.reason, look.day) for look in paired.about_me(issued).looks] == [(role, reason, day)]


def _publish(paired: Paired, version: int) -> None:
    text = NoticeText(f"What is done with your face, version {version}.")
    paired.tell(notices=(words.Published(version=version, language=words.Language.EN, text=text),))


def _cannot(*_: object) -> None:
    raise VaultError("The disk is full.")
