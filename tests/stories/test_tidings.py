"""What the screen tells of the office, the other doors and the notice; and a new yes to a changed notice."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from device.contract import console, screen
from device.contract.screen import Button, NoEntry, Standing
from device.contract.words import Blob, NoticeText
from device.door.consent import State
from device.door.entry import Let
from device.door.visit.tidings import Alone, ToAll, ToOne, ToReaders
from device.errors import VaultError
from tests.stories.stagehands import Theatre

DAY = datetime(2026, 3, 1, tzinfo=UTC)
ASKED = screen.Asked(reason=console.Reason.THEFT, begins_at=DAY, ends_at=DAY, asked_at=DAY)
LOOK = screen.Look(role=console.Role.OPERATOR, reason=console.LookReason.QUESTION, day=DAY)


class Told(Alone):
    """Tidings as a test wants them."""

    def __init__(self, to_all: ToAll) -> None:
        self.all = to_all
        self.ones: dict[UUID, ToOne] = {}

    def to_all(self, now: datetime) -> ToAll:
        del now
        return self.all

    def to_readers(self, now: datetime) -> ToReaders:
        del now
        return ToReaders(asked=(ASKED,), custodians_on=(DAY,), custodians=Blob(b"k" * 32))

    def to_one(self, person: UUID, now: datetime) -> ToOne:
        del now
        return self.ones.get(person, ToOne())


class SevenDoors(Alone):
    """Seven more, and who was withdrawn at all of them."""

    def __init__(self) -> None:
        self.withdrawn: list[UUID] = []
        self.fails = False

    def others(self) -> int:
        return 7

    def withdraw_everywhere(self, person: UUID, now: datetime) -> int:
        del now
        if self.fails:
            raise VaultError("The vault cannot be read or written.")
        self.withdrawn.append(person)
        return 7

    def unconfirmed(self, person: UUID) -> int:
        return 3 if person in self.withdrawn else 0


def tell(theatre: Theatre, to_all: ToAll) -> Told:
    """From now on this is what comes from the office."""
    told = Told(to_all)
    theatre.visit.parts = replace(theatre.visit.parts, tidings=told)
    theatre.visit.news()
    return told


def doors(theatre: Theatre) -> SevenDoors:
    """From now on there are others."""
    others = SevenDoors()
    theatre.visit.parts = replace(theatre.visit.parts, doors=others)
    return others


def test_news_reaches_the_idle_screen_and_the_same_news_changes_nothing(theatre: Theatre) -> None:
    before = len(theatre.sent)
    tell(theatre, ToAll(testing=True, notice_on=DAY, announced=True))
    idle = theatre.scene(screen.Idle)
    assert (idle.testing, idle.notice_on, idle.announced, idle.alone_since) == (True, DAY, True, None)
    theatre.visit.news()
    assert len(theatre.sent) == before + 1


def test_news_disturbs_nobody_who_is_being_served(theatre: Theatre) -> None:
    theatre.press(Button.PIN)
    tell(theatre, ToAll(testing=True))
    theatre.scene(screen.Keypad)
    theatre.press(Button.STOP)
    assert theatre.scene(screen.Idle).testing


def test_a_month_without_the_console_the_face_stops_and_badge_and_pin_go_on(theatre: Theatre) -> None:
    issued = theatre.enrol(1)
    tell(theatre, ToAll(alone_since=DAY))
    idle = theatre.scene(screen.Idle)
    assert (idle.face, idle.alone_since) == (False, DAY)
    windows = len(theatre.eyes.asked)
    theatre.press(Button.USE_FACE)
    assert len(theatre.eyes.asked) == windows
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)
    theatre.press(Button.STOP, Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.scene(screen.Opened)


def test_everybody_may_read_the_notice_page_without_a_badge(theatre: Theatre) -> None:
    tell(theatre, ToAll(announced=True))
    theatre.press(Button.ANNOUNCED)
    page = theatre.scene(screen.Announced)
    assert (page.asked, page.custodians_on, page.custodians) == ((ASKED,), (DAY,), b"k" * 32)
    assert page.notice == theatre.door.vault.notices.current.text
    theatre.press(Button.STOP)
    theatre.scene(screen.Idle)


def test_a_person_reads_of_the_offices_acts_on_their_own_page_and_nobody_elses(theatre: Theatre) -> None:
    ann, ben = theatre.collect(), None
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    ben = theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    told = tell(theatre, ToAll())
    told.ones[theatre.door.people.by_badge(ann.badge)] = ToOne(looks=(LOOK,), asked=(ASKED,), evidence_asked=(DAY,))
    page = theatre.about_me(ann)
    assert (page.looks, page.asked, page.evidence_asked) == ((LOOK,), (ASKED,), (DAY,))
    theatre.press(Button.STOP)
    page = theatre.about_me(ben)
    assert (page.looks, page.asked, page.evidence_asked) == ((), (), ())


def test_a_changed_notice_asks_for_a_new_yes_on_the_own_page_and_it_is_one_more_hold(theatre: Theatre) -> None:
    """A new notice and its grace: read, ticked, held; the template stays, the receipt is of the new notice."""
    issued = theatre.enrol(1)
    notices = theatre.door.vault.notices
    notices.put_in_force(NoticeText("Another notice."), theatre.clock.now(), 30)
    page = theatre.about_me(issued)
    assert page.renew_by is not None
    theatre.press(Button.RENEW)
    assert theatre.scene(screen.Notice).text == "Another notice."
    windows = len(theatre.eyes.asked)
    theatre.agree()
    theatre.scene(screen.Kept)
    assert len(theatre.eyes.asked) == windows
    theatre.press(Button.STOP)
    page = theatre.about_me(issued)
    assert (page.renew_by, page.standing) == (None, Standing.FACE_TOO)
    theatre.press(Button.STOP, Button.USE_FACE)
    theatre.look(1)
    theatre.scene(screen.Opened)


def test_renewing_needs_no_camera(theatre: Theatre) -> None:
    issued = theatre.enrol(1)
    theatre.door.vault.notices.put_in_force(NoticeText("Another notice."), theatre.clock.now(), 30)
    theatre.about_me(issued)
    theatre.visit.eyes_ready = False
    theatre.press(Button.RENEW)
    theatre.agree()
    theatre.scene(screen.Kept)


def test_whoever_has_no_face_here_is_not_asked_for_a_new_yes(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    theatre.door.vault.notices.put_in_force(NoticeText("Another notice."), theatre.clock.now(), 30)
    assert theatre.about_me(issued).renew_by is None


@pytest.mark.parametrize("face", [True, False])
def test_withdrawing_at_every_door_is_one_press_and_alike_for_everybody(theatre: Theatre, face: bool) -> None:
    """CON-05, promises 8 and 9: the receipt says how many doors have not confirmed, template or not."""
    others = doors(theatre)
    issued = theatre.enrol(1) if face else theatre.collect()
    if not face:
        theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    person = theatre.door.people.by_badge(issued.badge)
    assert theatre.about_me(issued).doors == 7
    theatre.press(Button.WITHDRAW_EVERYWHERE)
    assert theatre.scene(screen.Gone).waiting == 7
    assert others.withdrawn == [person]
    assert theatre.door.vault.state(person) is (State.WITHDRAWN if face else State.BADGE_AND_PIN)
    theatre.press(Button.STOP)
    theatre.about_me(issued)
    theatre.press(Button.WITHDRAW)
    assert theatre.scene(screen.Gone).waiting == 3
    assert others.withdrawn == [person]


def test_withdrawing_here_tells_no_other_door(theatre: Theatre) -> None:
    others = doors(theatre)
    theatre.about_me(theatre.enrol(1))
    theatre.press(Button.WITHDRAW)
    assert theatre.scene(screen.Gone).waiting == 0
    assert others.withdrawn == []


def test_when_the_others_cannot_be_told_nothing_says_that_it_is_gone(theatre: Theatre) -> None:
    others = doors(theatre)
    theatre.about_me(theatre.enrol(1))
    others.fails = True
    theatre.press(Button.WITHDRAW_EVERYWHERE)
    theatre.scene(screen.Fault)


def test_in_test_mode_nothing_opens_and_the_screen_says_that_it_would_have(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP)
    entry = replace(theatre.visit.parts.entry, testing=lambda _: True)
    theatre.visit.parts = replace(theatre.visit.parts, entry=entry)
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    assert theatre.scene(screen.NotOpened).because is NoEntry.TESTING
    assert theatre.lock.openings == 0
    assert entry.admit(theatre.door.people.by_badge(issued.badge), theatre.clock.now()) is Let.TESTED
    theatre.press(Button.STOP)
    assert theatre.about_me(issued).openings == ()
