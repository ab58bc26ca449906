"""The personal page, withdrawal, and what the office may do."""

import json

from device.contract import office, screen
from device.contract.screen import Button, Standing
from tests.stories.stagehands import Theatre


def test_the_personal_page_wants_badge_and_pin_of_one_person(theatre: Theatre) -> None:
    ann, ben = theatre.enrol(1), theatre.enrol(2)
    page = theatre.about_me(ann)
    assert page.standing is Standing.FACE_TOO
    assert page.gone_at is not None
    theatre.press(Button.STOP, Button.ABOUT_ME)
    theatre.show(ann.badge)
    theatre.type(ben.pin)
    assert theatre.scene(screen.Keypad).wrong


def test_guessing_at_the_personal_page_tells_nothing_and_is_slowed_like_any_other(theatre: Theatre) -> None:
    """A right PIN of somebody else looks like a wrong one, counts like a wrong one, and resets nothing."""
    ann, ben = theatre.enrol(1), theatre.enrol(2)
    theatre.press(Button.ABOUT_ME)
    theatre.show(ann.badge)
    for _ in range(5):
        theatre.type(ben.pin)
    assert theatre.visit.keypad_limit.failures == 5
    assert theatre.scene(screen.Keypad).wait_s > 0
    theatre.type(ann.pin)
    theatre.scene(screen.Keypad)


def test_the_personal_page_shows_ones_own_openings(theatre: Theatre) -> None:
    ann, ben = theatre.enrol(1), theatre.enrol(2)
    for issued in (ann, ben, ann):
        theatre.press(Button.PIN)
        theatre.type(issued.pin)
        theatre.press(Button.STOP)
        theatre.clock.wait(100)
    assert len(theatre.about_me(ann).openings) == 2


def test_withdrawing_is_one_press_from_the_page_and_the_face_is_not_known_after(theatre: Theatre) -> None:
    """CON-05, DEL-01: and badge and PIN go on (CON-07)."""
    issued = theatre.enrol(1)
    theatre.about_me(issued)
    theatre.press(Button.WITHDRAW)
    gone = theatre.scene(screen.Gone)
    assert json.loads(gone.receipt.splitlines()[0])
    theatre.press(Button.STOP, Button.USE_FACE)
    theatre.look(1)
    theatre.scene(screen.NotKnown)
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)


def test_withdrawing_without_the_pin_is_alike_with_and_without_a_template(theatre: Theatre) -> None:
    """Promise 9: the same scene, and a receipt of the same fields and length."""
    enrolled = theatre.enrol(1)
    plain = theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    receipts = []
    for issued in (enrolled, plain):
        theatre.press(Button.ABOUT_ME)
        theatre.show(issued.badge)
        theatre.press(Button.WITHDRAW)
        gone = theatre.scene(screen.Gone)
        receipts.append((sorted(json.loads(gone.receipt.splitlines()[0])), len(gone.receipt), gone.searched))
        theatre.press(Button.STOP)
    assert receipts[0] == receipts[1]


def test_whoever_declined_can_begin_later_by_themselves(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    theatre.about_me(issued)
    theatre.press(Button.MY_FACE_TOO)
    theatre.agree()
    theatre.look(4)
    theatre.scene(screen.Kept)


def test_the_personal_page_goes_by_itself(theatre: Theatre) -> None:
    issued = theatre.enrol(1)
    theatre.about_me(issued)
    theatre.wait(29)
    theatre.scene(screen.Personal)
    theatre.wait(2)
    theatre.scene(screen.Idle)
    assert theatre.visit.person is None


def test_ending_somebody_closes_every_way_in_and_is_answered_alike(theatre: Theatre) -> None:
    """ALT-08: the same answer with and without a template."""
    enrolled, plain = theatre.enrol(1), theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    for issued in (enrolled, plain):
        person = theatre.door.people.by_badge(issued.badge)
        assert theatre.office.answer(office.End(person=person)) == office.Ended(person=person)
        theatre.press(Button.PIN)
        theatre.type(issued.pin)
        assert theatre.scene(screen.Keypad).wrong
        theatre.press(Button.STOP, Button.SHOW_BADGE)
        theatre.show(issued.badge)
        theatre.scene(screen.NotOpened)
        theatre.press(Button.STOP)
    theatre.press(Button.USE_FACE)
    theatre.look(1)
    theatre.scene(screen.NotKnown)


def test_a_new_code_for_a_lost_badge_ends_the_old_one_and_any_template(theatre: Theatre) -> None:
    """Design, the personal page: without the old PIN, any template is erased and history stays shut."""
    issued = theatre.enrol(1)
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.press(Button.STOP)
    person = theatre.door.people.by_badge(issued.badge)
    again = theatre.office.answer(office.InviteAgain(person=person))
    assert isinstance(again, office.Invited)
    fresh = theatre.collect(again.code)
    theatre.press(Button.NEXT)
    theatre.scene(screen.Idle)
    page = theatre.about_me(fresh)
    assert page.made_at is None
    assert page.openings == ()
    theatre.press(Button.STOP, Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.scene(screen.NotOpened)


def test_the_list_of_people_says_nothing_of_choices(theatre: Theatre) -> None:
    enrolled, plain = theatre.enrol(1), theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    people = theatre.office.answer(office.ListPeople(after=None))
    assert isinstance(people, office.People)
    lines = [(line.collected_on, line.ended) for line in people.people]
    assert lines[0] == lines[1]
    assert lines[0][0] is not None
    assert (lines[0][0].hour, lines[0][0].minute) == (0, 0)
    del enrolled, plain
