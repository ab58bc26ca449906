"""Pairing at the door: two people compare six digits, and only then a console's keys count. And a new door's twelve digits."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from admin.link import pairing as theirs
from device.contract import console, office, screen
from device.contract.office import Stage
from device.contract.screen import Button
from device.contract.words import Blob, Message
from device.door import pairing
from device.door.console import Pinned
from tests.stories.stagehands import Theatre

LINK, NONCE = bytes(range(32)), b"c" * 32
OFFERED = console.Offered(
    door=UUID(int=9),
    link=Blob(LINK),
    policy=Blob(b"p" * 32),
    incident=Blob(b"i" * 32),
    evidence=Blob(b"e" * 32),
    statement=Blob(b"s" * 32),
    nonce=Blob(NONCE),
)


class Link:
    """The link, as the door hears it."""

    def __init__(self, theatre: Theatre) -> None:
        self.theatre = theatre
        self.told: list[Message] = []
        theatre.door.pairing.say = self.told.append

    def says(self, message: Message) -> None:
        """Whatever it says, the screen follows."""
        self.theatre.door.pairing.hear(message)
        self.theatre.visit.news()

    def introduces(self) -> None:
        """From the office's word to digits on the screen."""
        self.theatre.office.answer(office.Pair())
        self.says(console.AskIntroduction(link=Blob(LINK)))
        self.says(OFFERED)


@pytest.fixture
def link(theatre: Theatre) -> Link:
    return Link(theatre)


def other(name: str, value: bytes) -> console.Offered:
    """The same offer but for one field."""
    told: dict[str, Any] = {name: Blob(value)}
    return replace(OFFERED, **told)


def stage(theatre: Theatre) -> Stage:
    """How far it is, as the office beside the door is told."""
    told = theatre.office.answer(office.AskPairing())
    assert isinstance(told, office.PairingIs)
    return told.stage


def test_both_people_say_the_same_and_only_then_the_consoles_keys_count(theatre: Theatre, link: Link) -> None:
    link.introduces()
    introduction, revealed = link.told
    assert isinstance(introduction, console.Introduction)
    assert isinstance(revealed, console.Revealed)
    device = theatre.door.keys.public
    assert introduction.commitment == pairing.commitment(device, LINK, revealed.nonce)
    assert theatre.scene(screen.Compare).digits == pairing.digits_of(device, OFFERED, revealed.nonce)
    assert stage(theatre) is Stage.COMPARE
    theatre.press(Button.SAME)
    assert link.told[-1] == console.Compared(same=True)
    assert theatre.door.console.pinned is None
    theatre.scene(screen.Idle)
    link.says(console.PairedIs(paired=True))
    pinned, keys = theatre.door.console.pinned, theatre.door.custodians.in_force()
    assert pinned is not None
    assert (pinned.door, pinned.policy, pinned.link) == (OFFERED.door, OFFERED.policy, OFFERED.link)
    assert keys is not None
    assert (keys.incident, keys.evidence, keys.statement) == (OFFERED.incident, OFFERED.evidence, OFFERED.statement)
    assert stage(theatre) is Stage.PAIRED


def test_door_and_console_compute_the_same_promise_and_digits() -> None:
    device, nonce = b"d" * 32, b"n" * 32
    words = ("policy", "incident", "evidence", "statement", "nonce")
    offer = theirs.Offer(door=OFFERED.door, **{name: bytes(getattr(OFFERED, name)) for name in words})
    assert pairing.commitment(device, LINK, nonce) == theirs.committed(device, LINK, nonce)
    assert pairing.digits_of(device, OFFERED, nonce) == theirs.digits_of(device, LINK, offer, nonce)


@pytest.mark.parametrize("name", ["policy", "incident", "evidence", "statement", "nonce"])
def test_a_link_that_changes_any_key_gets_other_digits(name: str) -> None:
    changed = other(name, b"x" * 32)
    assert pairing.digits_of(b"d" * 32, changed, NONCE) != pairing.digits_of(b"d" * 32, OFFERED, NONCE)


def test_different_ends_it_and_what_the_link_says_then_pins_nothing(theatre: Theatre, link: Link) -> None:
    link.introduces()
    theatre.press(Button.DIFFERENT)
    assert link.told[-1] == console.Compared(same=False)
    link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is None
    assert stage(theatre) is Stage.REFUSED
    theatre.scene(screen.Idle)


def test_a_link_that_skips_the_person_before_the_door_pins_nothing(theatre: Theatre, link: Link) -> None:
    link.introduces()
    link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is None
    theatre.scene(screen.Idle)
    theatre.press(Button.SAME)
    link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is None


def test_unless_somebody_beside_the_door_asks_nobody_is_introduced_and_no_digits_are_shown(theatre: Theatre, link: Link) -> None:
    """A hostile link cannot put a question before people who pass by."""
    link.says(console.AskIntroduction(link=Blob(LINK)))
    link.says(OFFERED)
    link.says(console.PairedIs(paired=True))
    assert link.told == []
    theatre.scene(screen.Idle)
    assert stage(theatre) is Stage.NONE


def test_once_the_number_is_told_no_other_offer_is_taken(theatre: Theatre, link: Link) -> None:
    """Else a link could try offers until the digits fit."""
    link.introduces()
    digits = theatre.scene(screen.Compare).digits
    link.says(replace(OFFERED, policy=Blob(b"x" * 32)))
    link.says(console.AskIntroduction(link=Blob(LINK)))
    assert theatre.scene(screen.Compare).digits == digits
    assert len(link.told) == 2
    theatre.press(Button.SAME)
    link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is not None
    assert theatre.door.console.pinned.policy == OFFERED.policy


@pytest.mark.parametrize(("name", "value"), [("link", b"y" * 32), ("policy", b"p" * 31), ("nonce", b"")])
def test_an_offer_that_does_not_fit_is_refused_without_digits(theatre: Theatre, link: Link, name: str, value: bytes) -> None:
    theatre.office.answer(office.Pair())
    link.says(console.AskIntroduction(link=Blob(LINK)))
    link.says(other(name, value))
    assert link.told[-1] == console.Compared(same=False)
    theatre.scene(screen.Idle)


def test_a_paired_door_takes_the_same_console_again_and_no_other(theatre: Theatre, link: Link) -> None:
    """Whoever comes later, with whatever ticket, cannot change who opens this door's days."""
    for _ in range(2):
        link.introduces()
        theatre.press(Button.SAME)
        link.says(console.PairedIs(paired=True))
    for name in ("policy", "incident", "evidence", "statement"):
        theatre.office.answer(office.Pair())
        link.says(console.AskIntroduction(link=Blob(LINK)))
        link.says(other(name, b"x" * 32))
        theatre.scene(screen.Idle)
        assert stage(theatre) is Stage.REFUSED
        link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is not None
    assert theatre.door.console.pinned.policy == OFFERED.policy


def test_after_a_quarter_of_an_hour_it_is_over(theatre: Theatre, link: Link) -> None:
    link.introduces()
    theatre.wait(15 * 60 - 1)
    theatre.scene(screen.Compare)
    theatre.wait(1)
    theatre.scene(screen.Idle)
    link.says(console.PairedIs(paired=True))
    assert theatre.door.console.pinned is None


def test_whoever_is_being_served_is_served_to_the_end_first(theatre: Theatre, link: Link) -> None:
    theatre.press(Button.PIN)
    link.introduces()
    theatre.scene(screen.Keypad)
    theatre.press(Button.STOP)
    theatre.scene(screen.Compare)


def test_the_introduction_says_whether_people_were_invited_here_before(theatre: Theatre, link: Link) -> None:
    theatre.invite()
    link.introduces()
    assert isinstance(link.told[0], console.Introduction)
    assert link.told[0].about


# --- a new door of the office ------------------------------------------------------------------------------------------


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Theatre, Theatre]]:
    """Two doors of one office, the first of which has its key."""
    first, second = Theatre(tmp_path / "first"), Theatre(tmp_path / "second")
    for at, one in enumerate((first, second)):
        one.door.console.pin(replace(_pinned(), door=UUID(int=at + 1)), one.clock.now())
    alone, both = (_siblings(first),), (_siblings(first), _siblings(second, 1))
    with first.door.store.transaction():
        first.door.cells.siblings(alone)
        first.door.cells.siblings(both)
    with second.door.store.transaction():
        second.door.cells.siblings(both)
    second.visit.news()
    yield first, second
    for one in (first, second):
        one.close()


def _pinned() -> Pinned:
    return Pinned(UUID(int=1), b"p" * 32, LINK)


def _siblings(theatre: Theatre, slot: int = 0) -> console.Sibling:
    return console.Sibling(door=UUID(int=slot + 1), slot=slot, public=Blob(theatre.door.keys.public))


def _asked(theatre: Theatre) -> console.JoinAsked:
    found = [one for one in theatre.door.outbox.waiting(0, 100) if isinstance(one, console.JoinAsked)]
    return found[-1]


def _carry(first: Theatre, second: Theatre) -> None:
    asked = _asked(second)
    wanted = console.JoinWanted(door=UUID(int=2), public=asked.public, salt=asked.salt, proof=asked.proof)
    first.door.joining.wanted(wanted, first.clock.now())
    first.door.joining.expect(first.clock.now())


def test_a_new_door_shows_digits_and_typed_at_another_they_bring_its_badges(two: tuple[Theatre, Theatre]) -> None:
    first, second = two
    first.collect()
    first.press(Button.NEXT, Button.STOP)
    digits = second.scene(screen.Joining).digits
    _carry(first, second)
    first.press(Button.INVITATION)
    first.type(digits)
    first.scene(screen.Joined)
    first.press(Button.STOP)
    first.scene(screen.Idle)
    for one in first.door.outbox.waiting(0, 100):
        if isinstance(one, console.JoinGranted):
            sealed = console.JoinSealed(part=one.part, of=one.of, sealed=one.sealed)
            second.door.joining.sealed(sealed, second.clock.now())
    second.visit.news()
    second.scene(screen.Idle)
    assert second.door.joining.joined
    assert second.door.keys.office_key == first.door.keys.office_key


def test_wrong_digits_slow_the_pad_like_any_wrong_code(two: tuple[Theatre, Theatre]) -> None:
    first, second = two
    _carry(first, second)
    right = second.scene(screen.Joining).digits
    wrong = f"{(int(right) + 1) % 10**12:012}"
    first.press(Button.INVITATION)
    for _ in range(5):
        first.type(wrong)
    assert first.scene(screen.CodePad).wrong
    assert first.scene(screen.CodePad).wait_s > 0
    first.type(right)
    first.scene(screen.CodePad)


def test_the_new_doors_digits_can_be_put_aside_and_are_always_good(two: tuple[Theatre, Theatre]) -> None:
    _, second = two
    before = second.scene(screen.Joining).digits
    second.press(Button.STOP)
    second.scene(screen.Idle)
    second.press(Button.PIN, Button.STOP)
    assert second.scene(screen.Joining).digits == before
    second.wait(15 * 60)
    after = second.scene(screen.Joining).digits
    assert after != before
    assert second.door.joining.until(second.clock.now()) is not None
