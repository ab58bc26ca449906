"""Two doors of one office: what is done at one is done at the other, within two minutes, and by nobody's leave but a person's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from device.cli.officer import Officer
from tests.office import town as towns
from tests.office import walks
from tests.office.line import Line
from tests.office.town import Door, Town, wait_for
from tests.office.walks import Held

MINUTE_S = 60
CONFIRMED_AFTER_S = 60


@dataclass
class Office:
    """Two doors that share their people."""

    town: Town
    first: Door
    second: Door
    people: int = 0

    def operator(self) -> Officer:
        """The operator, who comes back a minute later."""
        assert self.town.officer is not None
        self.town.pass_time(MINUTE_S)
        self.town.officer.sign_in()
        return self.town.officer

    def add(self) -> tuple[UUID, str]:
        """Somebody new, whom both doors know; and their code."""
        self.people += 1
        person = self.operator().add_person(f"Person {self.people}", "1")
        self.town.rest()
        return person, self.town.code_of(person)

    def welcome(self) -> tuple[UUID, Held]:
        """Somebody new, with badge and PIN from the first door, which the second knows."""
        person, code = self.add()
        held = walks.collect(self.first, code)
        walks.decline(self.first)
        self.two_minutes(lambda: walks.by_badge(self.second, held.badge))
        return person, held

    def two_minutes(self, holds: Callable[[], bool]) -> None:
        """Two minutes of the clock pass, and then it holds."""
        for _ in range(2):
            self.town.pass_time(MINUTE_S)
        wait_for(holds, "what was done at one door is done at the other")

    def confirmed(self, person: UUID) -> list[int | None]:
        """When the doors confirmed that this person is ended."""
        return [at for (at,) in self.town.asks("SELECT confirmed_at FROM endings WHERE person = ?", person.bytes)]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with towns.town(tmp_path_factory.mktemp("town")) as town:
        assert town.officer is not None
        first, second = town.add_door("front door"), town.add_door("side door", line=town.lay())
        town.pair(first)
        town.pair(second)
        walks.join(town, second, first)
        town.officer.add_group("Studio", {first.id: "0", second.id: "0"})
        yield Office(town, first, second)


def test_a_badge_and_a_pin_of_one_door_open_the_other_within_two_minutes(office: Office) -> None:
    """Issue: a second door serves a badge made at the first within two minutes."""
    _, code = office.add()
    held = walks.collect(office.first, code)
    walks.decline(office.first)
    assert not walks.by_badge(office.second, held.badge)
    office.two_minutes(lambda: walks.by_badge(office.second, held.badge))
    assert walks.by_pin(office.second, held)
    assert walks.by_badge(office.first, held.badge)


def test_a_badge_made_anew_kills_the_old_one_at_both_doors(office: Office) -> None:
    person, old = office.welcome()
    office.operator().new_code(person)
    office.town.rest()
    new = walks.collect(office.second, office.town.code_of(person))
    walks.decline(office.second)
    assert not walks.by_badge(office.second, old.badge)
    office.two_minutes(lambda: walks.by_badge(office.first, new.badge))
    assert not walks.by_badge(office.first, old.badge)
    assert not walks.by_pin(office.first, old)
    assert walks.by_pin(office.first, new)


def test_a_withdrawal_for_every_door_is_done_at_both_within_two_minutes(office: Office) -> None:
    """DEL-01, promise 8: no administrator is involved."""
    _, code = office.add()
    held = walks.collect(office.first, code)
    walks.agree(office.first, "grace")
    office.two_minutes(lambda: walks.by_badge(office.second, held.badge))
    walks.read_page(office.second, held)
    walks.agree(office.second, "grace")
    assert walks.by_face(office.second, "grace")
    receipt = walks.withdraw(office.first, held, everywhere=True)
    assert (receipt["kind"], receipt["doors_not_confirmed"]) == ("erasure", 1)
    assert not walks.by_face(office.first, "grace")
    office.two_minutes(lambda: not templates(office.second))
    assert not walks.by_face(office.second, "grace")
    assert walks.by_badge(office.second, held.badge)
    office.town.pass_time(MINUTE_S)
    assert walks.withdraw(office.first, held, everywhere=False)["doors_not_confirmed"] == 0


def test_a_receipt_counts_the_doors_that_have_not_confirmed(office: Office) -> None:
    """Promise 8; the count is the same for somebody of whom no face is anywhere."""
    _, held = office.welcome()
    line = office.second.line
    assert isinstance(line, Line)
    line.cut()
    assert walks.withdraw(office.first, held, everywhere=True)["doors_not_confirmed"] == 1
    for _ in range(3):
        office.town.pass_time(MINUTE_S)
    assert walks.withdraw(office.first, held, everywhere=False)["doors_not_confirmed"] == 1
    line.mend()
    # Two minutes from when the door hears the console again; until then its lane down may wait longer than its lane up.
    office.second.dial_anew()
    office.two_minutes(lambda: not office.first.asks("SELECT 1 FROM matters"))
    assert walks.withdraw(office.first, held, everywhere=False)["doors_not_confirmed"] == 0


def test_ending_somebody_ends_them_at_both_doors_and_is_confirmed_alike_with_and_without_a_template(office: Office) -> None:
    """Promise 9, design section 4: what the console hears of an end does not depend on a face."""
    plain, badge = office.welcome()
    person, code = office.add()
    faced = walks.collect(office.first, code)
    walks.agree(office.first, "eileen")
    office.two_minutes(lambda: walks.by_badge(office.second, faced.badge))
    operator = office.operator()
    for one in (person, plain):
        operator.end_person(one)
    ended_at = office.town.clock.now_s()
    office.town.rest()
    for door in (office.first, office.second):
        assert not any(walks.by_badge(door, held.badge) for held in (badge, faced))
    assert not templates(office.first)
    office.town.pass_time(CONFIRMED_AFTER_S - 1)
    assert office.confirmed(plain) == office.confirmed(person) == [None, None]
    office.town.pass_time(1)
    wait_for(lambda: None not in office.confirmed(plain) + office.confirmed(person), "both doors confirm")
    assert office.confirmed(plain) == office.confirmed(person) == [ended_at + CONFIRMED_AFTER_S] * 2


def test_a_broken_doors_successor_gets_policy_and_badges_back_and_no_template(office: Office) -> None:
    """Issue: `byleave device replace` brings policy and badges back, templates never."""
    town, broken = office.town, office.second
    _, code = office.add()
    held = walks.collect(broken, code)
    walks.agree(broken, "grace")
    assert walks.by_face(broken, "grace")
    office.two_minutes(lambda: walks.by_badge(office.first, held.badge))
    _, unused = office.add()
    town.throw_away(broken)
    office.operator()
    office.second = town.add_door("side door again", line=town.lay())
    town.pair(office.second, again=broken.id)
    walks.join(town, office.second, office.first)
    town.rest()
    assert walks.by_badge(office.second, held.badge)
    assert walks.by_pin(office.second, held)
    assert not walks.by_face(office.second, "grace")
    assert not templates(office.second)
    assert walks.collect(office.second, unused).pin
    walks.decline(office.second)
    # What the broken door signed counts on, and the first door confirms with the new one.
    assert walks.by_badge(office.first, held.badge)


def templates(door: Door) -> int:
    return int(door.asks("SELECT count(*) FROM templates")[0][0])
