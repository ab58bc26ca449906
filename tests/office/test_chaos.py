"""Processes killed, lines cut and slowed by chance, words said again and out of order: in the end both sides know the same."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.cli.officer import Officer
from device.contract import console as words
from device.errors import WireError
from tests.office import town as towns
from tests.office import walks
from tests.office.town import Door, Town, wait_for
from tests.office.walks import Held

HOLDERS = 6
"""People with a PIN; an hour in which five of them came is told."""
PEOPLE_LEAST = 5
HOUR_S = 3_600
DAY_S = 86_400
KILLS, KILLS_LONG = 20, 100
PAUSES_S = (45, 600)
DELAYS_S = (0.0, 0.0, 0.05, 0.2)


@dataclass
class Weather:
    """What befalls an office, by chance that can be repeated."""

    town: Town
    first: Door
    second: Door
    held: list[Held]
    chance: np.random.Generator = field(default_factory=lambda: np.random.default_rng(7))
    admitted: list[UUID] = field(default_factory=list)
    tried: int = 0

    @property
    def doors(self) -> tuple[Door, Door]:
        """Both doors."""
        return self.first, self.second

    def one_of(self, choices: Any) -> Any:
        """One of these."""
        return choices[int(self.chance.integers(len(choices)))]

    def strike(self) -> None:
        """Kill one process while the office is at work, and see that the doors serve all the same."""
        victim = self.one_of(("console", "door", "door", "front.link", "front.link"))
        struck = self.one_of(self.doors)
        self._change_lines()
        self.town.clock.set(self.town.clock.now_s() + int(self.chance.integers(*PAUSES_S)))
        bolt = threading.Timer(float(self.chance.random()) * 0.3, self._kill, (victim, struck))
        bolt.start()
        with contextlib.suppress(WireError):
            self._work()
        bolt.join()
        # A door whose own process was killed is tried once it is back; every other PIN opens at once.
        for door in sorted(self.doors, key=lambda door: victim == "door" and door is struck):
            self.tried += 1
            assert walks.by_pin(door, self.held[self.tried % HOLDERS])
        if self.town.console is None:
            self.town.start_console()

    def calm(self) -> None:
        """Everything is up again, and has time to say what it has to say."""
        for door in self.doors:
            assert door.line is not None
            door.line.delay_s = 0.0
            door.line.mend()
            door.dial_anew()
        self.town.rest()

    def _kill(self, victim: str, door: Door) -> None:
        if victim == "console":
            self.town.kill_console()
        else:
            door.kill(victim)

    def _change_lines(self) -> None:
        for door in self.doors:
            assert door.line is not None
            door.line.delay_s = self.one_of(DELAYS_S)
            if self.chance.random() < 0.25:
                door.line.cut()
            else:
                door.line.mend()

    def _work(self) -> None:
        officer = self.town.officer
        assert officer is not None
        officer.sign_in()
        act: Callable[[Officer], None] = self.one_of((self._add, self._add, self._end, self._renew, self._open, self._hours))
        act(officer)

    def _add(self, officer: Officer) -> None:
        self.admitted.append(officer.add_person(f"Person at {self.town.clock.now_s()}", "1"))

    def _end(self, officer: Officer) -> None:
        if self.admitted:
            officer.end_person(self.admitted.pop())

    def _renew(self, officer: Officer) -> None:
        if self.admitted:
            officer.new_code(self.one_of(self.admitted))

    def _open(self, officer: Officer) -> None:
        officer.open_once(self.one_of(self.doors).id)

    def _hours(self, officer: Officer) -> None:
        officer.add_hours(f"Hours at {self.town.clock.now_s()}", "09:00-17:00", "10:00-12:00")


@pytest.fixture(scope="module")
def weather(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Weather]:
    with towns.town(tmp_path_factory.mktemp("town")) as town:
        assert town.officer is not None
        first, second = (town.add_door(name, line=town.lay()) for name in ("front door", "side door"))
        town.pair(first)
        town.pair(second)
        walks.join(town, second, first)
        town.officer.add_group("Studio", {first.id: "0", second.id: "0"})
        people = [town.officer.add_person(f"Holder {number}", "1") for number in range(HOLDERS)]
        town.rest()
        held = []
        for person in people:
            held.append(walks.collect(first, town.code_of(person)))
            walks.decline(first)
            town.pass_time(60)
        wait_for(lambda: second.asks("SELECT count(*) FROM badges") == [(HOLDERS,)], "both doors know all badges")
        yield Weather(town, first, second, held)


def test_after_twenty_kills_both_sides_know_the_same(weather: Weather) -> None:
    """LINK: nothing lost, nothing doubled, the doors served throughout."""
    _storm(weather, KILLS)


@pytest.mark.long
def test_after_a_hundred_kills_both_sides_know_the_same(weather: Weather) -> None:
    """LINK, at length."""
    _storm(weather, KILLS_LONG)


def _storm(weather: Weather, kills: int) -> None:
    for _ in range(kills):
        weather.strike()
    weather.calm()
    town = weather.town
    # An hour that is told of, and the end of its day.
    town.pass_time(HOUR_S - town.clock.now_s() % HOUR_S)
    for held in weather.held:
        assert walks.by_pin(weather.first, held)
    town.pass_time(HOUR_S)
    town.pass_time(DAY_S)
    town.rest()
    for door in weather.doors:
        _policy_is_equal(town, door)
        _records_are_equal(town, door)
    assert max(count for (count,) in town.asks("SELECT openings FROM hourly")) >= HOLDERS


def _policy_is_equal(town: Town, door: Door) -> None:
    query = "SELECT DISTINCT person FROM memberships JOIN group_doors USING (group_id) WHERE door = ?"
    assert set(door.asks("SELECT person FROM admitted")) == set(town.asks(query, UUID(door.id).bytes))
    assert set(door.asks("SELECT id FROM people WHERE ended_at IS NULL")) == set(door.asks("SELECT person FROM admitted"))
    in_force = set(town.asks("SELECT person FROM codes WHERE until > ?", town.clock.now_s()))
    assert set(door.asks("SELECT person FROM invitations")) == in_force
    spans = "SELECT hours, day, begins_min, ends_min FROM spans ORDER BY hours, day, begins_min"
    assert door.asks(spans) == town.asks(spans)
    assert town.asks("SELECT count(*) FROM endings WHERE confirmed_at IS NULL") == [(0,)]


def _records_are_equal(town: Town, door: Door) -> None:
    own = UUID(door.id).bytes
    ((made,),) = door.asks("SELECT number FROM records_made")
    assert town.asks("SELECT stored FROM doors WHERE id = ?", own) == [(made,)]
    # Every hour, with what the door itself remembers of it.
    told = town.asks("SELECT hour, openings FROM hourly WHERE door = ? ORDER BY hour", own)
    assert [hour for hour, _ in told] == list(range(told[0][0], told[-1][0] + 1, HOUR_S))
    query = "SELECT count(*), count(DISTINCT person) FROM openings WHERE at >= ? AND at < ?"
    for hour, openings in told:
        ((count, people),) = door.asks(query, hour, hour + HOUR_S)
        assert openings == (count if people >= PEOPLE_LEAST else 0)
    # Every command that was done, and no other, opened once.
    done = set(town.asks("SELECT act FROM commands WHERE door = ? AND done", own))
    assert set(door.asks("SELECT act FROM office_openings")) == done
    # Every day, whole.
    days = town.asks("SELECT day, bundle, count(*), max(of) FROM bundles WHERE door = ? GROUP BY day, bundle ORDER BY day", own)
    assert len(days) == 2 * len({day for day, _, _, _ in days}) > 0
    assert all(parts == of for _, _, parts, of in days)
    assert {person for (person,) in door.asks("SELECT person FROM book")} >= {
        person for (person,) in town.asks("SELECT person FROM collections")
    }
    assert town.asks("SELECT count(*) FROM collections") == [(HOLDERS,)]


# --- said again ------------------------------------------------------------------------------------------------------


def _counted(town: Town) -> list[Any]:
    """All that the link's requests may change at the console."""
    tables = ("hourly", "collections", "endings", "bundles", "answers", "alarms", "commands", "joins", "join_parts")
    return [town.asks(f"SELECT * FROM {table}") for table in tables] + town.asks("SELECT id, up, down, stored FROM doors")  # noqa: S608  # our own names


def test_bytes_of_an_earlier_session_said_again_are_nothing(weather: Weather) -> None:
    """LINK: whoever listens on the line and says it again is not heard."""
    town, door = weather.town, weather.first
    weather.calm()
    assert door.line is not None
    tapes: list[bytearray] = []
    door.line.tapes = tapes
    door.dial_anew()
    town.pass_time(60)
    wait_for(lambda: len(tapes) >= 2 and all(map(len, tapes)), "the link dials anew")
    town.rest()
    door.line.tapes = None
    door.line.cut()
    before = _counted(town)
    for tape in tapes:
        with socket.create_connection(("127.0.0.1", town.port), timeout=10) as sock, contextlib.suppress(OSError):
            sock.sendall(tape)
            while sock.recv(65_536):
                pass
    assert _counted(town) == before
    door.line.mend()
    weather.calm()


def _ask(town: Town, door: Door, method: str, path: str, number: int, body: bytes = b"", signed: int | None = None) -> int:
    """One request by the link's own key; `signed` is the number that was signed, where it is another."""
    key = Ed25519PrivateKey.from_private_bytes((door.settings.folders.link / "link.key").read_bytes())
    signature = key.sign(words.request(method, path, UUID(door.id), number if signed is None else signed, body))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    line = http.client.HTTPSConnection("127.0.0.1", town.port, timeout=20, context=context)
    told = {"Byleave-Door": door.id, "Byleave-Number": f"{number:016d}", "Byleave-Signature": b64encode(signature).decode()}
    try:
        line.request(method, path, body, told)
        return line.getresponse().status
    finally:
        line.close()


def test_a_request_said_again_out_of_order_or_altered_is_refused_and_a_record_said_again_is_nothing(weather: Weather) -> None:
    """LINK: numbers are good once and in order; a record counts once, whatever request brings it."""
    town, door = weather.town, weather.first
    weather.calm()
    assert door.line is not None
    door.line.cut()
    time.sleep(0.5)
    ((up, down, stored),) = town.asks("SELECT up, down, stored FROM doors WHERE id = ?", UUID(door.id).bytes)
    hour = datetime.fromtimestamp(town.clock.now_s() // HOUR_S * HOUR_S, UTC)
    body = words.frame(words.Hourly(number=stored, hour=hour, openings=99))
    before = _counted(town)
    for number in (up, up - 1, 1, 0):
        assert _ask(town, door, "POST", "/link/up", number, body) == 401
    for number in (down, 1):
        assert _ask(town, door, "GET", "/link/down?policy=0", number) == 401
    assert _ask(town, door, "POST", "/link/up", up + 1, body, signed=up) == 401
    assert _counted(town) == before
    # Two requests that overtook one another: the later one counts, the earlier one does not any more.
    assert _ask(town, door, "POST", "/link/up", up + 2, body) == 200
    assert _ask(town, door, "POST", "/link/up", up + 1, body) == 401
    assert _ask(town, door, "POST", "/link/up", up + 2, body) == 401
    assert _counted(town)[:-2] == before[:-2]
    assert town.asks("SELECT up, down, stored FROM doors WHERE id = ?", UUID(door.id).bytes) == [(up + 2, down, stored)]
    door.line.mend()
    weather.calm()
    assert walks.by_pin(door, weather.held[0])
