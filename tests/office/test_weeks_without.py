"""Weeks without the console: the door goes on, says so after thirty days, and catches up when the line is mended."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest

from tests.office import town as towns
from tests.office import walks
from tests.office.line import Line
from tests.office.town import Door, Town, wait_for
from tests.office.walks import Held

DAY_S = 86_400
HOUR_S = 3_600
ALONE_DAYS = 30


@dataclass
class Apart:
    """One door, and a line of its own that is cut."""

    town: Town
    door: Door
    line: Line
    faced: Held
    held: Held
    plain: UUID
    cut_at: int

    def later(self, seconds: int) -> None:
        """So much later at both ends; the door serves what has come due meanwhile."""
        self.town.clock.set(self.town.clock.now_s() + seconds)
        # An hour that ended is noted, or the day; only then has the door seen the new time.
        wait_for(lambda: self.noted() >= self.town.clock.now_s() // HOUR_S - 1, "the door lives on")

    def noted(self) -> int:
        """The last hour that the door has told of, or would."""
        return int(self.door.asks("SELECT hour FROM console")[0][0])


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apart]:
    with towns.town(tmp_path_factory.mktemp("town")) as town:
        assert town.officer is not None
        line = town.lay()
        door = town.add_door("front door", line=line)
        town.pair(door)
        town.officer.add_group("Studio", {door.id: "0"})
        mira, plain = (town.officer.add_person(name, "1") for name in ("Mira Sol", "Ben Lang"))
        town.rest()
        faced = walks.collect(door, town.code_of(mira))
        walks.agree(door, "grace")
        held = walks.collect(door, town.code_of(plain))
        walks.decline(door)
        town.pass_time(DAY_S)
        town.rest()
        line.cut()
        yield Apart(town, door, line, faced, held, plain, town.clock.now_s())


def test_a_month_without_the_console_and_the_month_after(apart: Apart) -> None:
    """LINK, promise 12: one story, in the order in which it happens."""
    _weeks_pass(apart)
    _the_face_stops(apart)
    _the_line_is_mended(apart)


def _weeks_pass(apart: Apart) -> None:
    """The line is cut, and nobody notices at the door."""
    for week in range(1, 5):
        apart.later(7 * DAY_S)
        if week % 2:
            assert walks.by_pin(apart.door, apart.held)
            assert walks.by_badge(apart.door, apart.faced.badge)
        else:
            assert walks.by_face(apart.door, "grace")
    idle = apart.door.kiosk.until("Idle")
    assert idle["alone_since"] is None
    assert idle["face"]


def _the_face_stops(apart: Apart) -> None:
    """Thirty days after the console was last heard; badge and PIN go on."""
    ((heard_at,),) = apart.door.asks("SELECT heard_at FROM console")
    apart.later(heard_at + ALONE_DAYS * DAY_S - apart.town.clock.now_s())
    idle = apart.door.kiosk.until("Idle", holds=lambda scene: scene["alone_since"] is not None, within_s=walks.SHOWN_S)
    assert not idle["face"]
    assert "use_face" not in idle["buttons"]
    assert walks.by_pin(apart.door, apart.faced)
    assert walks.by_badge(apart.door, apart.held.badge)
    apart.later(5 * DAY_S)
    assert walks.by_pin(apart.door, apart.held)


def _the_line_is_mended(apart: Apart) -> None:
    """What the office decided meanwhile holds at once; every record arrives, once, in its order."""
    town, door = apart.town, apart.door
    assert town.officer is not None
    town.officer.sign_in()
    town.officer.end_person(apart.plain)
    newcomer = town.officer.add_person("Ada Koch", "1")
    made = door.asks("SELECT number FROM records_made")[0][0]
    waiting = [number for (number,) in door.asks("SELECT number FROM outbox ORDER BY number")]
    stored = town.asks("SELECT stored FROM doors")[0][0]
    assert waiting == list(range(stored + 1, made + 1))
    apart.line.mend()
    town.rest()
    assert town.asks("SELECT stored FROM doors")[0][0] == door.asks("SELECT number FROM records_made")[0][0]
    assert not walks.by_pin(door, apart.held)
    assert walks.collect(door, town.code_of(newcomer)).pin
    walks.decline(door)
    idle = door.kiosk.until("Idle", holds=lambda scene: scene["alone_since"] is None, within_s=walks.SHOWN_S)
    assert idle["face"]
    assert walks.by_face(door, "grace")
    town.pass_time(60)
    wait_for(lambda: town.asks("SELECT count(*) FROM endings WHERE confirmed_at IS NOT NULL") == [(1,)], "the end is confirmed")
    _every_day_arrived_once(apart)


def _every_day_arrived_once(apart: Apart) -> None:
    """A bundle of each kind for each day, none missing and none twice, and hours in a row from after the pause."""
    days = (apart.town.clock.now_s() + HOUR_S) // DAY_S - (apart.cut_at + HOUR_S) // DAY_S
    for bundle in ("journal", "evidence"):
        rows = apart.town.asks("SELECT day, count(*), max(of) FROM bundles WHERE bundle = ? GROUP BY day ORDER BY day", bundle)
        assert len([day for day, _, _ in rows if day >= (apart.cut_at + HOUR_S) // DAY_S]) == days
        assert [day for day, _, _ in rows] == list(range(rows[0][0], rows[-1][0] + 1))
        assert all(parts == of for _, parts, of in rows)
    hours = [hour // HOUR_S for (hour,) in apart.town.asks("SELECT hour FROM hourly ORDER BY hour")]
    assert len(hours) == len(set(hours))
    assert hours[-1] == apart.town.clock.now_s() // HOUR_S - 1
