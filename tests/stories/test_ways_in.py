"""Ways in at a one-factor door: badge, PIN and face, alike for everybody."""

from device.contract import screen
from device.contract.screen import Button, NoEntry, Purpose
from tests.stories.stagehands import Theatre


def test_badge_pin_and_face_open_the_same_door(theatre: Theatre) -> None:
    issued = theatre.enrol(1)
    theatre.press(Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.scene(screen.Opened)
    theatre.press(Button.STOP, Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)
    theatre.press(Button.STOP, Button.USE_FACE)
    theatre.look(1)
    theatre.scene(screen.Opened)
    assert theatre.lock.openings == 3


def test_the_screen_says_the_same_whatever_the_way_in(theatre: Theatre) -> None:
    """ALT-08, promise 9: the openings differ in nothing but their number."""
    issued = theatre.enrol(1)
    theatre.sent.clear()
    theatre.press(Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.press(Button.STOP, Button.PIN)
    theatre.type(issued.pin)
    theatre.press(Button.STOP, Button.USE_FACE)
    theatre.look(1)
    opened = [message for message in theatre.sent if isinstance(message, screen.Opened)]
    assert len(opened) == 3
    assert {message.for_s for message in opened} == {theatre.settings.lock.open_s}


def test_a_stranger_is_not_known_and_the_next_step_is_offered(theatre: Theatre) -> None:
    theatre.enrol(1)
    theatre.press(Button.USE_FACE)
    theatre.look(2)
    theatre.scene(screen.NotKnown)
    theatre.press(Button.SHOW_BADGE)
    assert theatre.scene(screen.Aiming).purpose is Purpose.OPEN
    assert theatre.lock.openings == 0


def test_a_badge_and_a_pin_win_while_the_camera_looks(theatre: Theatre) -> None:
    """Promise 11: the window ends at once, and nobody waits for it."""
    issued = theatre.enrol(1)
    theatre.press(Button.USE_FACE)
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)


def test_nothing_is_matched_after_the_window_was_stopped(theatre: Theatre) -> None:
    """Promise 3: what comes late from eyes opens nothing."""
    theatre.enrol(1)
    theatre.press(Button.USE_FACE, Button.STOP)
    theatre.look(1)
    theatre.scene(screen.Idle)
    assert theatre.lock.openings == 0
    assert theatre.eyes.stopped[-1] == theatre.eyes.asked[-1][0]


def test_the_camera_is_asked_for_by_a_press_alone(theatre: Theatre) -> None:
    """MIN-01: no window without a deliberate act, whatever time passes."""
    for _ in range(600):
        theatre.wait(1)
    assert theatre.eyes.asked == []


def test_nobody_before_the_camera_leads_home_and_counts_as_no_failure(theatre: Theatre) -> None:
    theatre.press(Button.USE_FACE)
    theatre.time_up()
    theatre.scene(screen.Idle)
    assert theatre.visit.face_limit.failures == 0


def test_after_five_failures_the_face_waits_and_the_badge_does_not(theatre: Theatre) -> None:
    """ACC-10, ALT-07."""
    issued = theatre.enrol(1)
    for _ in range(5):
        theatre.press(Button.USE_FACE)
        theatre.look(2)
        theatre.press(Button.STOP)
    theatre.press(Button.USE_FACE)
    assert theatre.scene(screen.NotOpened).because is NoEntry.TOO_MANY
    theatre.press(Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.scene(screen.Opened)
    theatre.wait(31)
    theatre.press(Button.USE_FACE)
    theatre.scene(screen.Looking)


def test_wrong_pins_slow_the_keypad_and_then_the_right_one_opens(theatre: Theatre) -> None:
    """ACC-11: and while it waits, a right PIN is not even looked up."""
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP, Button.PIN)
    wrong = "0000" if issued.pin != "0000" else "0001"
    for _ in range(6):
        theatre.clock.wait(2)
        theatre.type(wrong)
    keypad = theatre.scene(screen.Keypad)
    assert keypad.wrong
    assert keypad.wait_s > 0
    theatre.type(issued.pin)
    theatre.scene(screen.Keypad)
    theatre.clock.wait(60)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)


def test_a_lock_that_does_not_answer_is_a_fault_and_no_opening_is_recorded(theatre: Theatre) -> None:
    """SAF-02."""
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP)
    theatre.lock.broken = True
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    assert theatre.scene(screen.Fault).code == "lock"
    theatre.lock.broken = False
    theatre.press(Button.STOP)
    assert theatre.about_me(issued).openings == ()
