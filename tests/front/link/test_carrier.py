"""The link as it runs: a process of its own, a real TLS console, a real Unix socket as door; killed, hung up on, lied to."""

import json
import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import psutil
import pytest

from device.contract import console
from device.contract.screen import Enter
from device.contract.words import Blob, CellBytes, Digits, NoticeText
from device.errors import WireError
from device.front.link import place
from device.front.link.console import Dial
from tests.front.link import lies
from tests.front.link.conftest import World
from tests.front.link.office import ABOUT, DOOR, Asked, ended, hourly, minute, until


def test_records_and_minutes_go_up_and_what_is_stored_comes_down(paired: World) -> None:
    office, door = paired.office, paired.door
    door.send(minute(1), hourly(1), hourly(2))
    while door.hear(console.Stored).number < 2:
        pass
    assert office.records == {1: hourly(1), 2: hourly(2)}
    assert office.minutes == [minute(1)]
    assert sum(isinstance(one, console.About) for body in office.bodies for one in body) == 1
    assert office.bodies[0][0] == ABOUT


def test_what_the_console_says_comes_to_the_door_in_order(paired: World) -> None:
    paired.office.tell(*(ended(number) for number in range(1, 40)))
    assert paired.door.hear(console.LinkIs).up
    assert [paired.door.hear(console.Policy).number for _ in range(1, 40)] == list(range(1, 40))
    cell = console.CellOf(slot=3, cell=CellBytes(bytes(range(256))))
    paired.office.tell(cell, console.Stored(number=9))
    assert paired.door.hear(console.CellOf) == cell
    assert paired.door.hear(console.Stored) == console.Stored(number=9)


def test_a_policy_larger_than_a_sockets_room_waits_for_a_busy_door(paired: World) -> None:
    """Ten megabytes while the door looks away: the console is slowed, and nothing is lost."""
    text = NoticeText("n" * 20_000)
    notices = tuple(
        console.Published(version=1, language=language, text=text) for language in (console.Language.EN, console.Language.DE)
    )
    several = [replace(ended(number), notices=notices) for number in range(1, 251)]
    for policy in several:
        paired.office.tell(policy)
    time.sleep(1)
    assert [paired.door.hear(console.Policy).number for _ in several] == list(range(1, 251))
    assert paired.office.streams == 1


def test_killed_again_and_again_nothing_is_lost_doubled_or_out_of_number(paired: World) -> None:
    """Twenty kills at any moment; the door sends again what was not stored, the console stores it once."""
    office, door = paired.office, paired.door
    made = 0
    for turn in range(20):
        news = [hourly(made + at) for at in (1, 2, 3)]
        made += 3
        door.about = replace(ABOUT, number=made)
        door.send(minute(turn), *(hourly(number) for number in range(office.stored + 1, made - 2)), *news)
        time.sleep(turn * 0.09 % 1.3)
        paired.kill()
        paired.start()
        door.meet()
    door.send(*(hourly(number) for number in range(office.stored + 1, made + 1)))
    until(lambda: office.stored == made)
    assert office.records == {number: hourly(number) for number in range(1, made + 1)}
    assert office.wrong == []
    numbers = [number for method, _, number in office.asked if method == "POST"]
    assert numbers == sorted(set(numbers))


def test_a_console_away_is_waited_for_and_the_door_hears_of_it(paired: World) -> None:
    assert paired.door.hear(console.LinkIs).up
    paired.close_console()
    assert not paired.door.hear(console.LinkIs).up
    for number in range(1, 4):
        paired.door.send(minute(number), hourly(number))
    paired.open_console()
    assert paired.door.hear(console.LinkIs).up
    until(lambda: paired.office.stored == 3)
    assert paired.office.minutes[-1:] == [minute(3)]
    assert [type(one) for one in paired.office.bodies[-1][:1]] == [console.About]


def test_a_minute_that_did_not_arrive_is_told_again_with_who_the_door_is(paired: World) -> None:
    """Health and the cell of a minute wait for the console as records do, though nothing else is to be told."""
    tries: list[str] = []

    def hangs_up_twice(asked: Asked) -> bool:
        if asked.command == "POST" and len(tries) < 2:
            tries.append(asked.path)
            return lies.hang_up(asked)
        return False

    paired.office.act = hangs_up_twice
    paired.door.send(minute(1))
    until(lambda: paired.office.minutes == [minute(1)])
    assert [type(one) for one in paired.office.bodies[0]] == [console.About, console.Minute]
    assert len(tries) == 2


def test_a_door_that_goes_takes_the_stream_along_and_says_everything_anew(paired: World) -> None:
    paired.door.hear(console.LinkIs)
    paired.door.close()
    paired.door.open()
    paired.door.about = replace(ABOUT, policy=12)
    paired.door.meet()
    assert paired.door.hear(console.LinkIs).up
    assert until(lambda: [path for _, path, _ in paired.office.asked if path.startswith("/link/down")][1:])[-1].endswith("=12")


def test_while_the_door_has_not_said_who_it_is_nothing_is_dialled(world: World) -> None:
    world.open_console()
    world.pair()
    world.door.open()
    world.start()
    world.door.meet(about=False)
    time.sleep(1.5)
    assert world.office.asked == []
    world.door.send(ABOUT)
    assert world.door.hear(console.LinkIs).up


def test_a_stream_that_ended_is_dialled_again_from_where_policy_stands(paired: World) -> None:
    paired.office.tell(ended(1), ended(2))
    while paired.door.hear(console.Policy).number < 2:
        pass
    paired.office.say.put(None)
    until(lambda: paired.office.streams == 2)
    downs = [path for method, path, _ in paired.office.asked if method == "GET"]
    assert downs == ["/link/down?policy=0", "/link/down?policy=2"]


@pytest.mark.parametrize("lie", lies.LIES, ids=lambda lie: lie.__name__)
def test_it_survives_anything_the_console_says(paired: World, lie: Callable[[Asked], bool]) -> None:
    """And goes on by itself as soon as the console speaks sense again; nothing of it reaches door or log."""
    paired.door.hear(console.LinkIs)
    told: list[str] = []

    def once_or_twice(asked: Asked) -> bool:
        told.append(asked.command)
        return lie(asked)

    paired.office.act = once_or_twice
    paired.office.say.put(None)
    paired.door.send(minute(1), hourly(1))
    until(lambda: {"GET", "POST"} <= set(told))
    paired.office.act = None
    until(lambda: paired.office.stored == 1)
    heard = len(paired.door.heard)
    paired.office.tell(ended(1))
    assert paired.door.hear(console.Policy) == ended(1)
    assert {type(one) for one in paired.door.heard[heard:]} <= {console.LinkIs, console.Policy, console.Stored}
    assert paired.link is not None
    assert paired.link.poll() is None
    codes = {tuple(json.loads(line)) for line in paired.errors.read_text().splitlines()}
    assert codes <= {("at", "code", "count")}


def test_never_busier_than_once_a_second_with_a_console_that_hangs_up_at_once(paired: World) -> None:
    paired.door.hear(console.LinkIs)
    times: dict[str, list[float]] = {"GET": [], "POST": []}

    def note(asked: Asked) -> bool:
        times[asked.command].append(time.monotonic())
        return lies.hang_up(asked)

    paired.office.act = note
    paired.office.say.put(None)
    paired.door.send(hourly(1))
    until(lambda: len(times["GET"]) >= 3 and len(times["POST"]) >= 3)
    for lane in times.values():
        assert min(after - before for before, after in pairwise(lane)) >= 0.99


def test_a_console_that_stores_nothing_is_not_asked_ever_faster(paired: World) -> None:
    times: list[float] = []

    def nothing(asked: Asked) -> bool:
        if asked.command == "GET":
            return False
        times.append(time.monotonic())
        asked.tell(200, console.frame(console.Stored(number=0)))
        return True

    paired.office.act = nothing
    paired.door.send(hourly(1))
    until(lambda: len(times) >= 3)
    assert min(after - before for before, after in pairwise(times)) >= 0.99
    paired.office.act = None
    until(lambda: paired.office.stored == 1)


def test_another_certificate_is_not_spoken_to(world: World) -> None:
    """The pin is the trust: not a byte of a request reaches whoever else answers there."""
    world.open_console()
    mine = world.office.place
    place.know(world.state, place.Known(place.Place(mine.host, mine.port, "0" * 64), DOOR))
    asked: list[str] = []

    def heard(one: Asked) -> bool:
        asked.append(one.path)
        return True

    world.office.act = heard
    world.door.open()
    world.start()
    world.door.meet()
    world.door.send(hourly(1))
    assert not world.door.hear(console.LinkIs).up
    assert asked == []


def test_a_retired_door_is_quiet(paired: World) -> None:
    asked: list[str] = []

    def gone(one: Asked) -> bool:
        asked.append(one.command)
        one.tell(410)
        return True

    paired.door.hear(console.LinkIs)
    paired.office.act = gone
    paired.office.say.put(None)
    paired.door.send(hourly(1))
    until(lambda: sorted(asked) == ["GET", "POST"])
    time.sleep(3)
    assert sorted(asked) == ["GET", "POST"]


def test_a_door_that_says_what_is_not_the_links_to_hear_is_hung_up_on(paired: World) -> None:
    assert paired.door.wire is not None
    paired.door.wire.send(Enter(scene=1, digits=Digits("123456")))
    paired.door.meet()
    paired.door.send(hourly(1))
    until(lambda: paired.office.stored == 1)


def test_a_dead_console_never_slows_the_door(paired: World) -> None:
    """Whatever the door sends is read at once, console or not: it never has to wait, and is never dropped for it."""

    def silent(asked: Asked) -> bool:
        del asked
        time.sleep(3)
        return True

    paired.office.act = silent
    paired.office.say.put(None)
    wire = paired.door.wire
    assert wire is not None
    for number in range(1, 151):
        wire.send(minute(number))
        if number % 3 == 0:
            wire.send(hourly(number // 3))
        assert select.select([], [wire], [], 1.0)[1]
    paired.office.act = None
    until(lambda: paired.office.stored == 50)
    assert paired.office.minutes[-1] == minute(150)


def test_a_request_looks_the_same_whatever_its_number_and_however_often_it_was_tried(paired: World) -> None:
    sizes = []

    def measured(asked: Asked) -> bool:
        sizes.append((asked.command, len(str(asked.headers)), asked.headers["Content-Length"]))
        return False

    paired.office.act = measured
    for number in range(1, 4):
        paired.door.send(minute(number))
        while len(paired.office.minutes) < number:
            paired.door.hear(console.Stored)
        if number == 2:
            paired.kill()
            paired.start()
            paired.door.meet()
            paired.door.send(minute(2))
    ups = {size for size in sizes if size[0] == "POST"}
    with_about, without = (len(console.many([*first, minute(1)])) for first in ([ABOUT], []))
    assert {int(length) for _, _, length in ups} <= {with_about, without}
    assert len({headers for _, headers, _ in ups}) == 1


def test_unpaired_it_waits_and_loads_no_library_for_what_is_not_there(world: World) -> None:
    world.start()
    assert world.link is not None
    for _ in range(3):
        assert select.select([world.heard], [], [], 30)[0]
        assert set(os.read(world.heard, 100)) == {ord(".")}
    assert psutil.Process(world.link.pid).net_connections("all") == []
    loaded = {os.path.basename(one.path) for one in psutil.Process(world.link.pid).memory_maps()}  # noqa: PTH119  (a map's name)
    assert not [name for name in loaded if name.startswith(("_ssl", "_rust", "libssl"))]
    assert world.end() == 0
    assert world.errors.read_text() == ""


def test_it_ends_when_nobody_hears_its_heartbeat(paired: World) -> None:
    assert paired.link is not None
    os.close(paired.heard)
    try:
        assert paired.link.wait(30) == 0
    finally:
        paired.heard = os.open(os.devnull, os.O_RDONLY)


def test_no_key_or_word_of_what_it_carries_is_in_its_log_or_folder(paired: World) -> None:
    """A canary: a badge-shaped blob goes up, a signed policy comes down; the folder holds numbers and the link's own."""
    canary = Blob(b"CANARY" * 50)
    part = console.BundlePart(number=1, bundle=console.Bundle.JOURNAL, day=minute(0).at, part=0, of=1, sealed=canary)
    paired.door.send(part)
    until(lambda: paired.office.stored == 1)
    paired.office.tell(ended(1))
    paired.door.hear(console.Policy)
    paired.office.act = lies.garbage
    paired.office.say.put(None)
    paired.door.send(hourly(2))
    while paired.door.hear(console.LinkIs).up:
        pass
    assert {file.name for file in paired.state.iterdir()} == {"link.key", "console.json", "up.number", "down.number"}
    assert {file.stat().st_mode & 0o777 for file in paired.state.iterdir()} == {0o600}
    for text in (paired.errors.read_bytes(), *(file.read_bytes() for file in paired.state.iterdir())):
        assert b"CANARY" not in text
        assert canary.hex().encode() not in text


def test_tls_below_1_3_is_refused(world: World) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    world.open_console()
    context.load_cert_chain(world.folder / "console.pem")
    with socket.create_server(("127.0.0.1", 0)) as sock:
        shaking = threading.Thread(target=_shake, args=(sock, context))
        shaking.start()
        with pytest.raises(WireError):
            Dial(place.Place("127.0.0.1", sock.getsockname()[1], world.office.place.fingerprint)).ask("GET", "/", b"", {})
        shaking.join()


def _shake(sock: socket.socket, context: ssl.SSLContext) -> None:
    peer, _ = sock.accept()
    with peer, pytest.raises((ssl.SSLError, OSError)):
        context.wrap_socket(peer, server_side=True)
