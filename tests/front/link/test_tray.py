"""What waits to go up, and where policy stands."""

import pytest

from device.contract import console
from device.contract.words import Blob
from device.errors import WireError
from device.front.link import tray
from device.front.link.carrier import to_slot_s
from device.front.link.patience import LEAST_S, MOST_S, SLOT_S, Patience
from device.front.link.tray import Tray
from tests.front.link.office import ABOUT, NOW, hourly, minute


class Told:
    """A tray, its clock, and how often the door stood behind."""

    def __init__(self) -> None:
        self.at_s = 0.0
        self.behind = 0
        self.tray = Tray(self._stood_behind, lambda: self.at_s)
        self.tray.put(ABOUT)

    def _stood_behind(self) -> None:
        self.behind += 1


def test_who_the_door_is_goes_first_once_and_again_to_a_console_that_was_away() -> None:
    told = Told()
    told.tray.put(minute(1))
    told.tray.put(hourly(2))
    told.tray.put(hourly(1))
    assert told.tray.take(fresh=True) == [ABOUT, minute(1), hourly(1), hourly(2)]
    assert told.tray.take(fresh=False) == [hourly(1), hourly(2)]
    assert told.tray.take(fresh=True) == [ABOUT, hourly(1), hourly(2)]


def test_a_minute_that_did_not_arrive_waits_on_unless_a_newer_one_came() -> None:
    told = Told()
    told.tray.put(minute(1))
    told.tray.give_back(told.tray.take(fresh=True))
    assert told.tray.take(fresh=False) == [minute(1)]
    told.tray.put(minute(2))
    told.tray.give_back([minute(1)])
    assert told.tray.take(fresh=False) == [minute(2)]


def test_records_stay_until_they_are_stored() -> None:
    told = Told()
    for number in (1, 2, 3):
        told.tray.put(hourly(number))
    assert told.tray.stored(2)
    assert not told.tray.stored(2)
    assert told.tray.take(fresh=False) == [ABOUT, hourly(3)]
    assert told.tray.wait(0.0)
    assert told.tray.stored(3)
    assert not told.tray.wait(0.0)


def test_one_request_has_no_more_than_the_console_takes() -> None:
    told = Told()
    sealed = Blob(b"s" * 2048)
    for number in range(1, 151):
        part = console.BundlePart(number=number, bundle=console.Bundle.EVIDENCE, day=NOW, part=number, of=256, sealed=sealed)
        told.tray.put(part)
    taken = told.tray.take(fresh=True)
    assert len(console.many(taken)) < 512 * 1024
    numbers = [one.number for one in taken if isinstance(one, console.BundlePart)]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) >= 50


def test_a_door_that_sends_without_end_is_refused() -> None:
    told = Told()
    for number in range(1, tray.RECORDS_MOST + 1):
        told.tray.put(hourly(number))
    with pytest.raises(WireError):
        told.tray.put(hourly(tray.RECORDS_MOST + 1))


def test_a_door_that_has_not_taken_what_it_was_told_is_told_again() -> None:
    """A minute that was said before the policy came is no sign; one that comes long after is."""
    told = Told()
    told.tray.forwarded(5)
    told.at_s = tray.SETTLED_S - 1
    told.tray.put(minute(1, policy=4))
    assert (told.tray.policy, told.behind) == (5, 0)
    told.at_s = tray.SETTLED_S
    told.tray.put(minute(2, policy=4))
    assert (told.tray.policy, told.behind) == (4, 1)
    told.tray.put(minute(3, policy=7))
    assert (told.tray.policy, told.behind) == (7, 1)


def test_another_door_begins_with_nothing() -> None:
    told = Told()
    told.tray.put(minute(1))
    told.tray.put(hourly(1))
    told.tray.forwarded(5)
    told.tray.begin()
    assert not told.tray.told.is_set()
    assert not told.tray.wait(0.0)
    assert told.tray.take(fresh=True) == []
    assert told.tray.policy == 0


def test_patience_is_never_under_a_second_never_over_a_minute_and_never_in_step() -> None:
    waits = []
    for _ in range(50):
        patience = Patience()
        several = [patience.failed() for _ in range(12)]
        assert all(LEAST_S <= wait_s <= MOST_S for wait_s in several)
        waits.append(tuple(several))
    assert len(set(waits)) == 50
    assert max(wait[0] for wait in waits) <= 2 * LEAST_S
    assert max(wait[-1] for wait in waits) > MOST_S / 2


@pytest.mark.parametrize("phase_s", [0.0, 0.3, 0.644, 0.948, 1.02])
def test_whenever_in_its_first_second_a_minute_was_said_it_goes_up_at_the_same_moment(phase_s: float) -> None:
    """Promise 10: a touch at the screen moves the door's minute by a part of a second; the line does not show it."""
    full = 1_804_233_600.0
    for door in range(0, 1000, 7):
        own_s = SLOT_S * (0.3 + 0.6 * door / 1000)
        said_s = full + phase_s
        assert said_s + to_slot_s(said_s - own_s) == pytest.approx(full + own_s)


def test_no_slot_is_used_twice() -> None:
    """Even when one answer came back within no time."""
    assert to_slot_s(1_804_233_600.0) == SLOT_S
