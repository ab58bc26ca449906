"""Two factors are two, and where the face is off it is off."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device.config import Settings
from device.contract import screen, sight
from device.contract.screen import Button, Purpose
from device.contract.sight import Mode
from device.door.visit import table
from tests.stories.stagehands import Theatre, no_face, no_face_two_factors, two_factors


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
