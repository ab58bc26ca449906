"""The consent table, read as a table; and any walk through it (CON-01, CON-05, CON-15)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.door.consent import LIVE, MAY_RAISE, STEPS, Duty, Event, State, Step, Who, step
from device.errors import VaultError


def test_only_the_person_says_yes_renews_or_sits_again() -> None:
    for event in (Event.GIVE, Event.RENEW, Event.SECOND_SITTING):
        assert MAY_RAISE[event] == {Who.PERSON}


def test_every_event_may_be_raised_by_somebody_and_happens_somewhere() -> None:
    assert set(MAY_RAISE) == set(Event)
    assert {event for _, event in STEPS} == set(Event)
    assert all(MAY_RAISE.values())


def test_every_step_out_of_a_live_state_erases_and_no_other_does() -> None:
    for (state, _), taken in STEPS.items():
        assert (taken.duty is Duty.ERASE) == (state in LIVE and taken.to not in LIVE)


def test_a_live_state_begins_with_the_persons_yes_alone() -> None:
    entered = {event for (state, event), taken in STEPS.items() if state not in LIVE and taken.to in LIVE}
    assert entered == {Event.GIVE}


def test_every_live_state_can_be_left_by_the_person_at_once() -> None:
    for state in LIVE:
        assert step(state, Event.WITHDRAW, Who.PERSON).to is State.WITHDRAWN


@pytest.mark.parametrize("event", [Event.WITHDRAW, Event.CARD_RESET, Event.TAMPER, Event.END, Event.DECOMMISSION])
def test_what_erases_a_face_is_open_to_everybody_and_changes_nothing_without_one(event: Event) -> None:
    """Promise 9: whoever has no face here, or was just ended, may press the same button."""
    for state in set(State) - LIVE:
        ends = event in {Event.END, Event.DECOMMISSION}
        assert STEPS[state, event] == Step(State.ENDED if ends else state, Duty.NOTHING)


def test_every_state_is_reachable() -> None:
    reached = {State.NOT_CHOSEN}
    while more := {taken.to for (state, _), taken in STEPS.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)


def test_what_has_ended_stays_ended() -> None:
    assert {taken.to for (state, _), taken in STEPS.items() if state is State.ENDED} == {State.ENDED}


def test_every_live_state_has_every_reason_to_end() -> None:
    reasons = {Event.WITHDRAW, Event.EXPIRE, Event.NOTICE_CHANGED, Event.CARD_RESET, Event.TAMPER, Event.DECOMMISSION, Event.END}
    for state in LIVE:
        assert all(STEPS[state, event].to not in LIVE for event in reasons)


@given(st.lists(st.tuples(st.sampled_from(Event), st.sampled_from(Who)), max_size=40))
def test_no_walk_is_live_without_the_persons_own_last_word(walk: list[tuple[Event, Who]]) -> None:
    """CON-15: nobody else's event ever leads to a live consent."""
    state, said_yes = State.NOT_CHOSEN, False
    for event, who in walk:
        try:
            taken = step(state, event, who)
        except VaultError:
            assert who not in MAY_RAISE[event] or (state, event) not in STEPS
            continue
        if event is Event.GIVE:
            said_yes = who is Who.PERSON
        elif taken.to not in LIVE:
            said_yes = False
        state = taken.to
        assert (state in LIVE) == said_yes


@pytest.mark.parametrize("who", [Who.OFFICE, Who.DOOR, Who.CLOCK])
def test_nobody_consents_for_another(who: Who) -> None:
    with pytest.raises(VaultError):
        step(State.NOT_CHOSEN, Event.GIVE, who)
