"""A ticket becomes a pairing, or nothing: a real link process, a real TLS console, a door that only listens."""

import time
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable

import pytest

from device.contract import console
from device.contract.words import Blob
from device.errors import SetupError
from device.front.link import place
from tests.front.link.conftest import World
from tests.front.link.office import DOOR, OFFER, SECRET, Asked, hourly, until

INTRODUCTION = console.Introduction(device=Blob(b"d" * 32), commitment=Blob(b"c" * 32), about=False)


def ticket(world: World, secret: bytes = SECRET) -> str:
    """What the console shows."""
    mine = world.office.place
    return f"byleave:{mine.host}:{mine.port}:{mine.fingerprint}:{urlsafe_b64encode(secret).decode().rstrip('=')}"


@pytest.fixture
def meeting(world: World) -> World:
    """Everything runs, and somebody has left a ticket."""
    world.open_console()
    world.door.open()
    world.start()
    place.leave(world.state, ticket(world))
    world.door.meet(about=False)
    return world


def introduce(world: World) -> console.Offered:
    """The door answers, up to the console's offer."""
    assert world.door.hear(console.AskIntroduction).link == world.identity.public
    world.door.send(INTRODUCTION)
    return world.door.hear(console.Offered)


def compare(world: World, *, same: bool) -> bool:
    """Both screens show digits, and the person before the door has looked."""
    world.door.send(console.Revealed(nonce=Blob(b"n" * 32)))
    until(lambda: [told for told in world.office.said if told["path"] == "/link/pair/reveal"])
    world.door.send(console.Compared(same=same))
    return world.door.hear(console.PairedIs).paired


def test_a_ticket_becomes_a_pairing_and_the_link_carries_at_once(meeting: World) -> None:
    """The link adds its own key, tells both sides' words unchanged, and asks again until the console's side has said."""
    offered = introduce(meeting)
    assert {name: bytes(getattr(offered, name)) for name in OFFER} == OFFER
    assert (offered.door, offered.link) == (DOOR, meeting.identity.public)
    assert not (meeting.state / place.CONSOLE).exists()
    assert compare(meeting, same=True)
    first, reveal, *results = meeting.office.said
    link = b64encode(meeting.identity.public).decode()
    told = {"device": INTRODUCTION.device, "commitment": INTRODUCTION.commitment}
    assert first == {
        "path": "/link/pair",
        "secret": b64encode(SECRET).decode(),
        "link": link,
        "about": False,
        **{name: b64encode(value).decode() for name, value in told.items()},
    }
    assert b64decode(reveal["nonce"]) == b"n" * 32
    assert [one["same"] for one in results] == [True, True]
    meeting.door.meet()
    meeting.door.send(hourly(1))
    until(lambda: meeting.office.stored == 1)


@pytest.mark.parametrize("here", [True, False])
def test_whoever_says_different_it_comes_to_nothing(meeting: World, here: bool) -> None:
    meeting.office.paired = [False]
    introduce(meeting)
    assert not compare(meeting, same=not here)
    assert place.known(meeting.state) is None


def test_a_ticket_is_gone_from_the_disk_before_anything_is_said(meeting: World) -> None:
    meeting.door.hear(console.AskIntroduction)
    assert not (meeting.state / place.TICKET).exists()
    assert meeting.office.said == []


def test_another_certificate_gets_neither_ticket_nor_key(world: World) -> None:
    world.open_console()
    world.door.open()
    world.start()
    mine = world.office.place
    place.leave(world.state, ticket(world).replace(mine.fingerprint, "0" * 64))
    world.door.meet(about=False)
    world.door.hear(console.AskIntroduction)
    world.door.send(INTRODUCTION)
    assert not world.door.hear(console.PairedIs).paired
    assert world.office.said == []


def _short_key(asked: Asked) -> bool:
    asked.tell(200, b'{"door": "%s", "policy": "AAAA"}' % DOOR.hex.encode())
    return True


def _a_list(asked: Asked) -> bool:
    asked.tell(200, b"[1]")
    return True


def _nested(asked: Asked) -> bool:
    asked.tell(200, b"[" * 4000)
    return True


def _no_json(asked: Asked) -> bool:
    asked.tell(200, b"\xff\xfe")
    return True


def _refuses(asked: Asked) -> bool:
    asked.tell(401)
    return True


def _hangs_up(asked: Asked) -> bool:
    asked.connection.close()
    return True


@pytest.mark.parametrize(
    "lie", [_short_key, _a_list, _nested, _no_json, _refuses, _hangs_up], ids=lambda lie: lie.__name__.strip("_")
)
def test_whatever_the_console_answers_the_door_hears_that_nothing_came_of_it(
    meeting: World, lie: Callable[[Asked], bool]
) -> None:
    meeting.office.act = lie
    meeting.door.hear(console.AskIntroduction)
    meeting.door.send(INTRODUCTION)
    assert not meeting.door.hear(console.PairedIs).paired
    assert place.known(meeting.state) is None
    assert meeting.link is not None
    assert meeting.link.poll() is None
    meeting.office.act = None
    place.leave(meeting.state, ticket(meeting))
    meeting.door.meet(about=False)
    introduce(meeting)
    assert compare(meeting, same=True)


def test_a_console_away_while_people_compare_is_asked_again(meeting: World) -> None:
    introduce(meeting)
    tries: list[str] = []

    def away_at_first(asked: Asked) -> bool:
        tries.append(asked.path)
        if asked.path.endswith("result") and tries.count(asked.path) == 1:
            asked.connection.close()
            return True
        return False

    meeting.office.act = away_at_first
    assert compare(meeting, same=True)


def test_a_new_ticket_ends_the_carrying_and_a_refused_one_goes_on_with_the_old_console(world: World) -> None:
    world.open_console()
    world.pair()
    world.door.open()
    world.start()
    world.door.meet()
    assert world.door.hear(console.LinkIs).up
    place.leave(world.state, ticket(world, b"x" * 16))
    world.door.meet(about=False)
    world.door.hear(console.AskIntroduction)
    world.door.send(INTRODUCTION)
    assert not world.door.hear(console.PairedIs).paired
    world.door.meet()
    assert world.door.hear(console.LinkIs).up


def test_a_door_that_does_not_answer_spends_no_ticket(meeting: World) -> None:
    """Nobody beside the door asked it to: it says nothing, and the console hears nothing."""
    meeting.door.hear(console.AskIntroduction)
    time.sleep(2)
    assert meeting.office.said == []


@pytest.mark.parametrize(
    "line",
    [
        "",
        "byleave:host:1:" + "0" * 64,
        "byleave:host:0:" + "0" * 64 + ":" + "A" * 22,
        "byleave:host:65536:" + "0" * 64 + ":" + "A" * 22,
        "byleave:host:1:" + "0" * 63 + ":" + "A" * 22,
        "byleave:ho/st:1:" + "0" * 64 + ":" + "A" * 22,
        "byleave:host:1:" + "0" * 64 + ":" + "A" * 22 + "\nmore",
        "https://host",
    ],
)
def test_what_is_no_ticket_is_refused_in_a_sentence(world: World, line: str) -> None:
    with pytest.raises(SetupError, match="This is no ticket"):
        place.leave(world.state, line)
    (world.state / place.TICKET).write_text(line)
    assert place.take(world.state) is None
    assert not (world.state / place.TICKET).exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", "[" * 5000, '{"host": "a", "port": "x", "fingerprint": "", "door": 7}'])
def test_a_damaged_memory_is_none(world: World, content: str) -> None:
    (world.state / place.CONSOLE).write_text(content)
    assert place.known(world.state) is None
