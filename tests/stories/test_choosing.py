"""From an invitation to a receipt, and every way out of it."""

import pytest

from device.contract import office, screen
from device.contract.screen import Button, Standing
from device.contract.sight import Mode
from tests.stories.stagehands import Theatre


def test_badge_and_pin_come_before_the_question_and_open_at_once(theatre: Theatre) -> None:
    """ALT-04, promise 2: leaving at the choice changes nothing about them."""
    issued = theatre.collect()
    theatre.press(Button.NEXT)
    theatre.scene(screen.Choice)
    theatre.press(Button.STOP, Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)


def test_a_code_is_good_once(theatre: Theatre) -> None:
    invited = theatre.invite()
    theatre.collect(invited.code)
    theatre.press(Button.NEXT, Button.STOP, Button.INVITATION)
    theatre.type(invited.code)
    assert theatre.scene(screen.CodePad).wrong


def test_an_invitation_may_be_shown_to_the_camera(theatre: Theatre) -> None:
    theatre.press(Button.INVITATION, Button.SHOW_INVITATION)
    theatre.show(theatre.invite().code.encode())
    theatre.scene(screen.Issued)


@pytest.mark.parametrize("more", [{"ticked": False}, {"version": 99}, {"scene": 1}])
def test_an_agreement_that_is_not_one_begins_nothing(theatre: Theatre, more: dict[str, int]) -> None:
    """CON-02, CON-04: unticked, to another notice, or made on another scene."""
    theatre.collect()
    theatre.press(Button.NEXT, Button.MY_FACE_TOO)
    theatre.agree(**more)
    theatre.scene(screen.Notice)
    assert theatre.eyes.asked == []


def test_consent_is_recorded_before_the_first_frame(theatre: Theatre, monkeypatch: pytest.MonkeyPatch) -> None:
    """CON-11, CON-13: when eyes are asked, the yes is in the log already."""
    theatre.collect()
    theatre.press(Button.NEXT, Button.MY_FACE_TOO)
    events: list[object] = []
    asked = theatre.eyes.look

    def look(window: int, mode: Mode, within_ms: int) -> bool:
        events.append(theatre.door.store.rows("SELECT event FROM choices ORDER BY number DESC LIMIT 1"))
        return asked(window, mode, within_ms)

    monkeypatch.setattr(theatre.eyes, "look", look)
    theatre.agree()
    assert events == [[("give",)]]


def test_leaving_the_looks_leaves_no_template_and_no_consent(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.MY_FACE_TOO)
    theatre.agree()
    theatre.look(1, frames=25)
    assert theatre.scene(screen.Sitting).done == 3
    theatre.press(Button.STOP)
    assert theatre.about_me(issued).standing is Standing.BADGE_AND_PIN
    assert theatre.door.store.row("SELECT count(*) FROM templates")[0] == 0


def test_looks_that_never_come_end_by_themselves_without_a_reason(theatre: Theatre) -> None:
    """ALT-05."""
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.MY_FACE_TOO)
    theatre.agree()
    for _ in range(6):
        theatre.scene(screen.Sitting)
        theatre.time_up()
    theatre.scene(screen.Idle)
    assert theatre.about_me(issued).standing is Standing.BADGE_AND_PIN


def test_whoever_declined_is_not_asked_again(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    theatre.scene(screen.Idle)
    person = theatre.door.people.by_badge(issued.badge)
    again = theatre.office.answer(office.InviteAgain(person=person))
    assert isinstance(again, office.Invited)
    theatre.collect(again.code)
    theatre.press(Button.NEXT)
    theatre.scene(screen.Idle)


def test_the_order_of_the_choice_is_drawn(theatre: Theatre) -> None:
    orders = set()
    for _ in range(40):
        theatre.collect()
        theatre.press(Button.NEXT)
        orders.add(theatre.scene(screen.Choice).face_first)
        theatre.press(Button.STOP)
    assert orders == {True, False}
