"""Faults: what is shown, what is kept, and that nothing opens."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract import office, screen, sight
from device.contract.screen import Button, Standing
from device.contract.words import Digits
from device.door.forget import Forget
from device.door.visit import table
from device.door.visit.visit import FIRST_FRAME_S, SILENT_S
from device.errors import FaultCode, VaultError
from tests.stories.stagehands import Theatre


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
    again = theatre.office.answer(office.InviteAgain(person=person))
    assert isinstance(again, office.Invited)

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


def test_what_cannot_be_erased_yet_takes_nobodys_badge_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 12: a door whose disk is full opens for badge and PIN, at its start and after, and says so in its log."""
    theatre = Theatre(tmp_path)
    issued = theatre.collect()
    theatre.press(Button.NEXT, Button.STOP)
    theatre.close()

    def full(*_: object) -> int:
        raise VaultError("There is no room.")

    monkeypatch.setattr(Forget, "sweep", full)
    theatre.open()
    assert theatre.door.serve_deadlines(theatre.clock.now()) is FaultCode.VAULT
    theatre.press(Button.PIN)
    theatre.type(issued.pin)
    theatre.scene(screen.Opened)
    theatre.close()
