"""What reaches a listening door, as it becomes due; over real sockets and TLS."""

import itertools
from collections.abc import Callable
from datetime import timedelta

import gevent
import pytest
from flask import Flask

from admin import doors, people
from admin.console import Console
from admin.link import stream
from admin.link.relay import relay
from device.contract.console import (
    CellOf,
    Command,
    CommandKind,
    JoinAsked,
    JoinGranted,
    JoinSealed,
    JoinWanted,
    Policy,
    Stored,
    frame,
    signed,
)
from device.contract.words import Blob
from tests.admin.link.dialling import Clock, Dialler, admit, minute

MINE, YOURS = b"m" * 256, b"y" * 256


def test_a_new_stream_begins_with_a_signed_sign_that_the_console_was_heard(
    office: Console, paired: Callable[..., Dialler]
) -> None:
    """A door counts its 30 days from what the policy key signed, not from what the link says."""
    door = paired()
    told = door.listen().first(Policy)
    assert (told.after, told.number, told.people, told.at) == (0, 0, (), office.clock.now())
    office.policy_key.public_key().verify(told.signature, signed(told))


def test_a_day_later_a_stream_that_is_still_up_says_so_again(
    office: Console, paired: Callable[..., Dialler], clockwork: Clock
) -> None:
    door = paired()
    listening = door.listen()
    listening.first(Policy)
    clockwork.forward(86_400)
    door.up(minute(office))
    listening.first(Policy, at=office.clock.now())
    assert [message.number for message in listening.came if isinstance(message, Policy)] == [0, 0]


def test_an_ended_person_is_told_to_a_listening_door_at_once(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    ada = admit(office, {door.door: 0})
    listening = door.listen()
    listening.first(Policy)
    office.wake(people.end(office, ada))
    listening.until(lambda heard: [p for m in heard.came if isinstance(m, Policy) for p in m.people if p.ended])


def test_cells_go_to_the_others_of_the_group_and_nobody_else(office: Console, paired: Callable[..., Dialler]) -> None:
    one, two, three = (paired(f"Door {slot}", group=1, slot=slot) for slot in range(3))
    elsewhere = paired("Elsewhere", group=2)
    listening = [door.listen() for door in (one, two, three, elsewhere)]
    for heard in listening:
        heard.first(Policy)
    one.up(minute(office, MINE))
    three.up(minute(office, YOURS))
    assert listening[1].first(CellOf, slot=0).cell == MINE
    assert listening[1].first(CellOf, slot=2).cell == YOURS
    assert listening[2].first(CellOf, slot=0).cell == MINE
    assert listening[0].first(CellOf, slot=2).cell == YOURS
    gevent.sleep(0.05)
    cells = [[m.slot for m in heard.came if isinstance(m, CellOf)] for heard in listening]
    assert cells == [[2], [0, 2], [0], []]


def test_a_door_that_listens_later_gets_the_newest_cell_of_each_once(office: Console, paired: Callable[..., Dialler]) -> None:
    one, two = paired(), paired("Back door", slot=1)
    for cell in (YOURS, MINE):
        one.up(minute(office, cell))
    listening = two.listen()
    assert listening.first(CellOf).cell == MINE
    listening.close()
    again = two.listen()
    again.first(Policy)
    gevent.sleep(0.05)
    assert [m.cell for m in (*listening.came, *again.came) if isinstance(m, CellOf)] == [MINE]


def test_a_retired_door_is_passed_nothing_and_passes_nothing_on(office: Console, paired: Callable[..., Dialler]) -> None:
    one, two = paired(), paired("Back door", slot=1)
    listening = two.listen()
    listening.first(Policy)
    office.wake(doors.retire(office, two.door, office.clock.now()))
    listening.until(lambda heard: heard.ended)
    one.up(minute(office, MINE))
    assert not any(isinstance(m, CellOf) for m in listening.came)
    assert two.send("GET", "/link/down?policy=0", b"", two.signed("GET", "/link/down?policy=0"))[0] == 410


def test_a_newer_stream_ends_the_older_one_of_that_door_only(office: Console, app: Flask, paired: Callable[..., Dialler]) -> None:
    door, other = paired(), paired("Back door", slot=1)
    beside, older = other.listen(), door.listen()
    beside.first(Policy)
    older.first(Policy)
    newer = door.listen()
    newer.first(Policy)
    older.until(lambda heard: heard.ended)
    other.up(minute(office, MINE))
    assert newer.first(CellOf).cell == MINE
    assert not beside.ended
    assert relay(app).up(door.door)


def test_a_door_that_does_not_read_costs_nobody_anything(app: Flask, paired: Callable[..., Dialler]) -> None:
    """What it has not read is replaced by what is newer; the others hear everything at once."""
    one, two, three = (paired(f"Door {slot}", slot=slot) for slot in range(3))
    slow = two.dial_and_never_read()
    heard = three.listen()
    heard.first(Policy)
    last = bytes(256)
    for number in range(3_000):
        last = number.to_bytes(2, "big") * 128
        relay(app).minute(one.door, last)
        gevent.sleep(0)
    heard.first(CellOf, cell=last)
    assert relay(app)._cells[two.door] == {0: last}
    newer = two.listen()
    assert newer.first(CellOf).cell == last
    slow.close()


def test_a_replaced_doors_old_link_is_let_go_of(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    listening = door.listen()
    listening.first(Policy)
    office.store.run("UPDATE doors SET link = ?", (bytes(32),))
    office.wake((door.door,))
    listening.until(lambda heard: heard.ended)


def test_a_command_is_told_once_signed_and_never_too_late(
    office: Console, paired: Callable[..., Dialler], clockwork: Clock
) -> None:
    door = paired()
    door.up(minute(office))
    doors.tell(office, door.door, CommandKind.TEST_BEGIN, office.clock.now())
    clockwork.forward(31)
    listening = door.listen()
    listening.first(Policy)
    act = doors.tell(office, door.door, CommandKind.OPEN_ONCE, office.clock.now())
    office.wake((door.door,))
    command = listening.first(Command)
    office.policy_key.public_key().verify(command.signature, signed(command))
    assert (command.act, command.kind, command.door) == (act, CommandKind.OPEN_ONCE, door.door)
    assert command.until == office.clock.now() + timedelta(seconds=30)
    office.wake((door.door,))
    gevent.sleep(0.05)
    assert len([m for m in listening.came if isinstance(m, Command)]) == 1


def test_a_new_doors_wish_reaches_the_others_and_the_grant_reaches_it_whole(paired: Callable[..., Dialler]) -> None:
    old, new, elsewhere = paired(), paired("New door", slot=1), paired("Elsewhere", group=2)
    at_old, at_new, at_other = old.listen(), new.listen(), elsewhere.listen()
    new.up(JoinAsked(number=1, public=Blob(b"p" * 32), salt=Blob(b"s" * 16), proof=Blob(b"x" * 32)))
    wanted = at_old.first(JoinWanted)
    assert (wanted.door, wanted.public, wanted.salt, wanted.proof) == (new.door, b"p" * 32, b"s" * 16, b"x" * 32)
    old.up(JoinGranted(number=1, to=new.door, part=0, of=2, sealed=Blob(b"one")))
    gevent.sleep(0.05)
    assert not any(isinstance(m, JoinSealed) for m in at_new.came)
    old.up(JoinGranted(number=2, to=new.door, part=1, of=2, sealed=Blob(b"two")))
    at_new.first(JoinSealed, part=1)
    assert [m.sealed for m in at_new.came if isinstance(m, JoinSealed)] == [b"one", b"two"]
    elsewhere.up(JoinGranted(number=1, to=new.door, part=0, of=1, sealed=Blob(b"forged")))
    gevent.sleep(0.05)
    assert [m.sealed for m in at_new.came if isinstance(m, JoinSealed)] == [b"one", b"two"]
    assert not any(isinstance(m, JoinWanted) for m in (*at_new.came, *at_other.came))


def test_a_wish_to_join_is_forgotten_after_a_quarter_of_an_hour(paired: Callable[..., Dialler], clockwork: Clock) -> None:
    old, new = paired(), paired("New door", slot=1)
    new.up(JoinAsked(number=1, public=Blob(b"p" * 32), salt=Blob(b"s" * 16), proof=Blob(b"x" * 32)))
    clockwork.forward(901)
    listening = old.listen()
    listening.first(Policy)
    gevent.sleep(0.05)
    assert not any(isinstance(m, JoinWanted) for m in listening.came)


def test_a_quiet_stream_gives_signs_of_life_and_then_ends(office: Console, app: Flask, paired: Callable[..., Dialler]) -> None:
    door = paired()
    office.store.run("UPDATE doors SET stored = 12")
    told = list(itertools.islice(stream.Stream(office, relay(app), door.door, 0).frames(lives_s=0.35, quiet_s=0.1), 9))
    assert told[1:] == [frame(Stored(number=12))] * 3
    assert not relay(app).up(door.door)


def test_a_stream_lives_ten_minutes_and_is_quiet_for_seventy_seconds_at_most() -> None:
    """What link and door count on."""
    assert (stream.LIVES_S, stream.QUIET_S) == (600.0, 70.0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_whoever_hangs_up_first_leaves_nothing_behind(
    office: Console, app: Flask, paired: Callable[..., Dialler], order: tuple[int, ...]
) -> None:
    dialled = [paired(f"Door {slot}", slot=slot) for slot in range(3)]
    listening = [door.listen() for door in dialled]
    for heard in listening:
        heard.first(Policy)
    for number in order:
        listening[number].close()
    # A stream notices at its next word.
    for turn in range(3):
        for door in dialled:
            door.up(minute(office, bytes([turn]) * 256))
        gevent.sleep(0.02)
    with gevent.Timeout(5):
        while any(relay(app).up(door.door) for door in dialled):
            office.wake([door.door for door in dialled])
            for door in dialled:
                door.up(minute(office))
            gevent.sleep(0.02)
