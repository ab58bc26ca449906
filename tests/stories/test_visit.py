"""A person's visit, scene by scene, over the real vault: every way in, the choice, the personal page, withdrawal."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config import Settings
from device.contract import console, screen, sight
from device.contract.screen import Button, NoEntry, Purpose, Standing
from device.contract.sight import Mode
from device.contract.words import Digits
from device.door.visit import table
from device.door.visit.visit import FIRST_FRAME_S, SILENT_S
from device.errors import FaultCode, VaultError
from tests.stories.stagehands import Theatre, no_face, no_face_two_factors, two_factors


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    told = Theatre(tmp_path)
    yield told
    told.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Theatre]:
    told = Theatre(tmp_path, two_factors)
    yield told
    told.close()


# --- ways in ---------------------------------------------------------------------------------------------------------


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


# --- two factors -----------------------------------------------------------------------------------------------------


def test_at_a_two_factor_door_badge_and_then_pin_or_face(strict: Theatre) -> None:
    issued = strict.enrol(1)
    for opened, button in enumerate((Button.PIN, Button.USE_FACE)):
        strict.press(Button.SHOW_BADGE)
        strict.show(issued.badge)
        strict.scene(screen.Second)
        assert strict.lock.openings == opened
        strict.press(button)
        if button is Button.PIN:
            strict.type(issued.pin)
        else:
            strict.look(1)
        strict.scene(screen.Opened)
        strict.press(Button.STOP)
    assert strict.lock.openings == 2


def test_a_pin_first_asks_for_the_badge_of_the_same_person(strict: Theatre) -> None:
    ann, ben = strict.enrol(1), strict.enrol(2)
    strict.press(Button.PIN)
    strict.type(ann.pin)
    assert strict.scene(screen.Aiming).purpose is Purpose.SECOND
    strict.show(ben.badge)
    strict.scene(screen.NotOpened)
    strict.press(Button.STOP, Button.PIN)
    strict.type(ann.pin)
    strict.show(ann.badge)
    strict.scene(screen.Opened)


def test_somebody_elses_face_or_pin_with_a_badge_opens_nothing(strict: Theatre) -> None:
    """One to one: another enrolled person's face is as little good as a stranger's."""
    ann, ben = strict.enrol(1), strict.enrol(2)
    strict.press(Button.SHOW_BADGE)
    strict.show(ann.badge)
    strict.press(Button.USE_FACE)
    strict.look(2)
    strict.scene(screen.NotKnown)
    strict.press(Button.STOP, Button.SHOW_BADGE)
    strict.show(ann.badge)
    strict.press(Button.PIN)
    strict.type(ben.pin)
    assert strict.scene(screen.Keypad).wrong
    assert strict.lock.openings == 0


def test_everybody_sees_the_same_two_after_the_badge(strict: Theatre) -> None:
    """Promise 9: whoever declined presses *Use my face* and waits as long as anybody not known."""
    strict.enrol(1)
    declined = strict.collect()
    strict.press(Button.NEXT, Button.BADGE_AND_PIN, Button.SHOW_BADGE)
    strict.show(declined.badge)
    strict.scene(screen.Second)
    strict.press(Button.USE_FACE)
    strict.look(3)
    strict.scene(screen.NotKnown)


def test_the_same_factor_twice_is_one_factor(strict: Theatre) -> None:
    """A badge shown again, a PIN typed again, through a refused face or a fault: the door stays closed."""
    issued = strict.enrol(1)
    strict.press(Button.SHOW_BADGE)
    strict.show(issued.badge)
    strict.press(Button.USE_FACE)
    strict.look(2)
    strict.scene(screen.NotKnown)
    strict.press(Button.SHOW_BADGE)
    strict.show(issued.badge)
    strict.scene(screen.Second)
    strict.press(Button.STOP, Button.PIN)
    strict.type(issued.pin)
    window = strict.eyes.asked[-1][0]
    table.see(strict.visit, sight.WindowClosed(window=window, because=sight.Why.FAULT, fault=None))
    strict.scene(screen.Fault)
    strict.press(Button.PIN)
    strict.type(issued.pin)
    strict.scene(screen.Aiming)
    assert strict.lock.openings == 0


ACTS = ("factor", "face", "fault", "time up", "wait", "stop", "about me")


def _act(strict: Theatre, issued: screen.Issued, factor: Button, act: str) -> None:
    """One thing somebody with one factor may do."""
    if act == "factor":
        strict.press(factor)
        if isinstance(strict.visit.scene, screen.Aiming) and factor is Button.SHOW_BADGE:
            strict.show(issued.badge)
        elif isinstance(strict.visit.scene, screen.Keypad) and factor is Button.PIN:
            strict.type(issued.pin)
    elif act == "face":
        strict.press(Button.USE_FACE)
        if isinstance(strict.visit.scene, screen.Looking):
            strict.look(2)
    elif act == "fault":
        window = strict.eyes.asked[-1][0]
        table.see(strict.visit, sight.WindowClosed(window=window, because=sight.Why.FAULT, fault=None))
    elif act == "time up":
        strict.time_up()
    elif act == "wait":
        strict.wait(7)
    else:
        strict.press(Button.STOP if act == "stop" else Button.ABOUT_ME)


@pytest.mark.parametrize("factor", [Button.SHOW_BADGE, Button.PIN])
@settings(max_examples=60, deadline=None)
@given(walk=st.lists(st.sampled_from(ACTS), max_size=12))
def test_no_walk_with_one_factor_opens_a_two_factor_door(
    tmp_path_factory: pytest.TempPathFactory, factor: Button, walk: list[str]
) -> None:
    """N63B's two factors, as a property: one badge or one PIN, shown as often and in whatever order one likes."""
    strict = Theatre(tmp_path_factory.mktemp("door"), two_factors)
    try:
        issued = strict.enrol(1)
        for act in walk:
            _act(strict, issued, factor, act)
        assert strict.lock.openings == 0
    finally:
        strict.close()


@pytest.mark.parametrize("change", [no_face, no_face_two_factors])
def test_where_the_face_is_off_it_is_neither_offered_nor_asked_nor_used(
    tmp_path: Path, change: Callable[[Settings], Settings]
) -> None:
    theatre = Theatre(tmp_path, change)
    issued = theatre.collect()
    theatre.press(Button.NEXT)
    assert not theatre.scene(screen.Idle).face
    theatre.about_me(issued)
    theatre.press(Button.MY_FACE_TOO)
    theatre.scene(screen.Personal)
    theatre.press(Button.STOP, Button.USE_FACE)
    theatre.scene(screen.Idle)
    theatre.press(Button.SHOW_BADGE)
    theatre.show(issued.badge)
    theatre.press(Button.USE_FACE)
    assert isinstance(theatre.visit.scene, screen.Opened | screen.Keypad)
    assert all(mode is Mode.CODE for _, mode in theatre.eyes.asked)
    theatre.close()


def test_the_face_alone_is_not_even_offered_at_a_two_factor_door(strict: Theatre) -> None:
    strict.enrol(1)
    assert not strict.scene(screen.Idle).face
    windows = len(strict.eyes.asked)
    strict.press(Button.USE_FACE)
    assert len(strict.eyes.asked) == windows


# --- invitation and choice -------------------------------------------------------------------------------------------


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
    again = theatre.office.answer(console.InviteAgain(person=person))
    assert isinstance(again, console.Invited)
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


# --- the personal page -----------------------------------------------------------------------------------------------


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


# --- the office ------------------------------------------------------------------------------------------------------


def test_ending_somebody_closes_every_way_in_and_is_answered_alike(theatre: Theatre) -> None:
    """ALT-08: the same answer with and without a template."""
    enrolled, plain = theatre.enrol(1), theatre.collect()
    theatre.press(Button.NEXT, Button.BADGE_AND_PIN)
    for issued in (enrolled, plain):
        person = theatre.door.people.by_badge(issued.badge)
        assert theatre.office.answer(console.End(person=person)) == console.Ended(person=person)
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
    again = theatre.office.answer(console.InviteAgain(person=person))
    assert isinstance(again, console.Invited)
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
    people = theatre.office.answer(console.ListPeople(after=None))
    assert isinstance(people, console.People)
    lines = [(line.collected_on, line.ended) for line in people.people]
    assert lines[0] == lines[1]
    assert lines[0][0] is not None
    assert (lines[0][0].hour, lines[0][0].minute) == (0, 0)
    del enrolled, plain


# --- faults ----------------------------------------------------------------------------------------------------------


def test_eyes_that_are_not_there_are_a_fault_and_the_pin_is_the_next_step(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP)
    theatre.eyes.there = False
    theatre.press(Button.SHOW_BADGE)
    assert theatre.scene(screen.Fault).code == "camera"
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)


@pytest.mark.parametrize("opened", [False, True])
def test_eyes_that_fall_silent_end_the_window_as_a_fault(theatre: Theatre, *, opened: bool) -> None:
    """ALT-06: frozen before the first frame, or after."""
    theatre.press(Button.USE_FACE)
    if opened:
        table.see(theatre.visit, sight.WindowOpened(window=theatre.eyes.asked[-1][0], first_frame_ms=9))
    theatre.wait((SILENT_S if opened else FIRST_FRAME_S) + 0.1)
    assert theatre.scene(screen.Fault).code == "camera"
    # A frozen process may hold the camera open: the dot stays on until it is gone.
    assert theatre.visit.camera_on is opened
    table.lost(theatre.visit)
    assert not theatre.visit.camera_on


def test_a_fault_in_the_looks_leaves_no_consent_behind(theatre: Theatre) -> None:
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.MY_FACE_TOO)
    theatre.agree()
    window = theatre.eyes.asked[-1][0]
    table.see(theatre.visit, sight.WindowClosed(window=window, because=sight.Why.FAULT, fault=None))
    theatre.scene(screen.Fault)
    theatre.press(Button.STOP)
    assert theatre.about_me(issued).standing is Standing.BADGE_AND_PIN


def test_a_front_that_comes_back_is_told_whether_the_camera_is_on(theatre: Theatre) -> None:
    """TRA-08: the dot does not forget what the camera does."""
    theatre.press(Button.USE_FACE)
    table.see(theatre.visit, sight.WindowOpened(window=theatre.eyes.asked[-1][0], first_frame_ms=9))
    theatre.sent.clear()
    theatre.visit.repeat()
    assert theatre.sent == [theatre.visit.scene, screen.Camera(on=True)]
    theatre.press(Button.STOP)
    assert theatre.visit.camera_on
    theatre.time_up()
    assert not theatre.visit.camera_on


def test_an_opening_whose_record_cannot_be_written_is_an_opening_all_the_same(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen says what the lock did; the fault is noted."""
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP, Button.PIN)

    def full(*_: object) -> None:
        raise VaultError("There is no room.")

    monkeypatch.setattr(theatre.door.vault.journal, "opened", full)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)
    assert screen.Noted(code=FaultCode.VAULT, count=1) in theatre.sent


def test_a_new_badge_is_shown_even_when_the_erasure_with_it_cannot_be_finished(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = theatre.enrol(1)
    person = theatre.door.people.by_badge(issued.badge)
    again = theatre.office.answer(console.InviteAgain(person=person))
    assert isinstance(again, console.Invited)

    def full(*_: object) -> None:
        raise VaultError("There is no room.")

    with monkeypatch.context() as disk:
        disk.setattr(theatre.door.forget, "forget", full)
        theatre.collect(again.code)
    theatre.press(Button.NEXT, Button.USE_FACE)
    theatre.look(1)
    theatre.scene(screen.NotKnown)


def test_what_is_known_of_a_visit_is_gone_with_it(theatre: Theatre) -> None:
    theatre.about_me(theatre.enrol(1))
    theatre.press(Button.STOP)
    assert (theatre.visit.person, theatre.visit.claim, theatre.visit.window) == (None, None, None)


presses = st.one_of(
    st.sampled_from(list(Button)).map(lambda button: ("press", button)),
    st.sampled_from(["0000", "1234567890", "1"]).map(lambda digits: ("type", digits)),
    st.sampled_from([1.0, 5.0, 40.0]).map(lambda seconds: ("wait", seconds)),
    st.booleans().map(lambda ticked: ("agree", ticked)),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(presses, max_size=40))
def test_no_series_of_presses_opens_the_door_or_makes_a_template(
    tmp_path_factory: pytest.TempPathFactory, series: list[tuple[str, object]]
) -> None:
    """SAF-02, CON-01: whatever a stranger presses, types or waits for, with nobody invited."""
    theatre = Theatre(tmp_path_factory.mktemp("door"))
    try:
        for act, what in series:
            scene = theatre.visit.scene.scene  # type: ignore[attr-defined]  # every scene has a serial
            if act == "press":
                table.hear(theatre.visit, screen.Press(scene=scene, button=what))  # type: ignore[arg-type]  # a button
            elif act == "type":
                table.hear(theatre.visit, screen.Enter(scene=scene, digits=Digits(str(what))))
            elif act == "agree":
                table.hear(theatre.visit, screen.Agree(scene=scene, version=1, ticked=bool(what)))
            else:
                theatre.wait(float(str(what)))
        assert theatre.lock.openings == 0
        assert theatre.door.store.row("SELECT count(*) FROM templates")[0] == 0
    finally:
        theatre.close()
