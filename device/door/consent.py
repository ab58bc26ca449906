"""Owns consent as one table: everything about transitions lives here, and what is not in the table cannot happen.

What never happens here: a clock, a disk, randomness, or an act; the vault does what a step's duty says.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from device.errors import VaultError


class State(StrEnum):
    """Where a person stands with their face at this door."""

    NOT_CHOSEN = "not_chosen"
    BADGE_AND_PIN = "badge_and_pin"
    GIVEN = "given"
    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    LAPSED = "lapsed"
    ENDED = "ended"


class Event(StrEnum):
    """What may happen to a consent."""

    DECLINE = "decline"
    GIVE = "give"
    STORE = "store"
    RENEW = "renew"
    SECOND_SITTING = "second_sitting"
    LEAVE = "leave"
    """The looks were left before there was a template."""
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    DISUSE = "disuse"
    NOTICE_CHANGED = "notice_changed"
    MODEL_CHANGED = "model_changed"
    CARD_RESET = "card_reset"
    """The badge was made again without the old PIN."""
    TAMPER = "tamper"
    DECOMMISSION = "decommission"
    END = "end"


class Who(StrEnum):
    """Who may raise an event."""

    PERSON = "person"
    CLOCK = "clock"
    DOOR = "door"
    OFFICE = "office"


class Duty(StrEnum):
    """What a step obliges the vault to do in the same transaction."""

    NOTHING = "nothing"
    ERASE = "erase"


@dataclass(frozen=True, slots=True)
class Step:
    """Where an event leads, and what it obliges to."""

    to: State
    duty: Duty


LIVE: Final = frozenset({State.GIVEN, State.ENROLLED})
"""States in which a template may exist."""

MAY_RAISE: Final[dict[Event, frozenset[Who]]] = {
    Event.DECLINE: frozenset({Who.PERSON}),
    Event.GIVE: frozenset({Who.PERSON}),
    Event.STORE: frozenset({Who.DOOR}),
    Event.RENEW: frozenset({Who.PERSON}),
    Event.SECOND_SITTING: frozenset({Who.PERSON}),
    Event.LEAVE: frozenset({Who.PERSON, Who.CLOCK, Who.DOOR}),
    Event.WITHDRAW: frozenset({Who.PERSON}),
    Event.EXPIRE: frozenset({Who.CLOCK}),
    Event.DISUSE: frozenset({Who.CLOCK}),
    Event.NOTICE_CHANGED: frozenset({Who.DOOR}),
    Event.MODEL_CHANGED: frozenset({Who.DOOR}),
    Event.CARD_RESET: frozenset({Who.DOOR}),
    Event.TAMPER: frozenset({Who.DOOR}),
    Event.DECOMMISSION: frozenset({Who.OFFICE}),
    Event.END: frozenset({Who.OFFICE}),
}

_NO_FACE = (State.NOT_CHOSEN, State.BADGE_AND_PIN, State.WITHDRAWN, State.EXPIRED, State.LAPSED)
_NO_MORE = (*_NO_FACE, State.ENDED)


def _stay(state: State) -> Step:
    return Step(state, Duty.NOTHING)


def _erase(to: State) -> Step:
    return Step(to, Duty.ERASE)


STEPS: Final[dict[tuple[State, Event], Step]] = {
    # The choice, once asked for, and later whenever the person likes.
    **{(state, Event.DECLINE): _stay(State.BADGE_AND_PIN) for state in _NO_FACE},
    **{(state, Event.GIVE): _stay(State.GIVEN) for state in _NO_FACE},
    # From a consent to a template, and on.
    (State.GIVEN, Event.STORE): _stay(State.ENROLLED),
    (State.GIVEN, Event.LEAVE): _erase(State.BADGE_AND_PIN),
    (State.ENROLLED, Event.RENEW): _stay(State.ENROLLED),
    (State.ENROLLED, Event.SECOND_SITTING): _stay(State.ENROLLED),
    # Every way out of a live state erases.
    **{(state, Event.WITHDRAW): _erase(State.WITHDRAWN) for state in LIVE},
    **{(state, Event.EXPIRE): _erase(State.EXPIRED) for state in LIVE},
    (State.ENROLLED, Event.DISUSE): _erase(State.EXPIRED),
    **{(state, Event.NOTICE_CHANGED): _erase(State.LAPSED) for state in LIVE},
    (State.ENROLLED, Event.MODEL_CHANGED): _erase(State.LAPSED),
    **{(state, Event.CARD_RESET): _erase(State.LAPSED) for state in LIVE},
    **{(state, Event.TAMPER): _erase(State.LAPSED) for state in LIVE},
    **{(state, event): _erase(State.ENDED) for state in LIVE for event in (Event.END, Event.DECOMMISSION)},
    # Whoever uses no face may do the same, and nothing about them changes: nobody can be told apart by it.
    **{(state, event): _stay(state) for state in _NO_MORE for event in (Event.WITHDRAW, Event.CARD_RESET, Event.TAMPER)},
    **{(state, event): _stay(State.ENDED) for state in _NO_MORE for event in (Event.END, Event.DECOMMISSION)},
}


def known(state: State, event: Event, who: Who) -> bool:
    """Whether this event may come from them in this state."""
    return who in MAY_RAISE[event] and (state, event) in STEPS


def step(state: State, event: Event, who: Who) -> Step:
    """
    Where this event leads.

    Raises: VaultError when the event may not be raised by them, or does not exist in this state.
    """
    if who not in MAY_RAISE[event]:
        raise VaultError(f"A consent's {event.value} cannot come from the {who.value}.")
    found = STEPS.get((state, event))
    if found is None:
        raise VaultError(f"A consent that is {state.value} knows no {event.value}.")
    return found
