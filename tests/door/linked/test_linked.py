"""The door's end of the link: what is said, when, and again; what is heard, once."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.beat import Beat
from device.contract import console as words
from device.contract.console import About, CommandDone, CommandKind, EndedHere, Hourly, Minute, Record
from device.contract.wire import Wire, connect
from device.contract.words import Blob, CellBytes, encode
from device.door import linked as module
from device.door.loop import Loop
from device.errors import VaultError, WireError
from tests.door.linked.made import WELL, Paired


def _fill(paired: Paired, number: int) -> list[int]:
    """So many records wait; their numbers."""
    outbox = paired.door.outbox
    outbox.stored(outbox.last)
    before = outbox.last
    with paired.door.store.transaction():
        for _ in range(number):
            outbox.put(lambda number: EndedHere(number=number, person=uuid4()))
    return list(range(before + 1, before + 1 + number))


def _tick(paired: Paired, seconds: float = 1) -> None:
    paired.clock.wait(seconds)
    paired.linked.tick(WELL)


def _told(paired: Paired) -> list[int]:
    return [record.number for record in paired.all(EndedHere)]


# --- out -------------------------------------------------------------------------------------------------------------


def test_a_link_that_connects_is_told_which_door_this_is_and_then_what_waits(paired: Paired) -> None:
    numbers = _fill(paired, 3)
    paired.told.clear()
    paired.linked.came()
    _tick(paired)
    about, *records = paired.told
    assert isinstance(about, About)
    assert (about.factors, about.faces, about.policy, about.number) == (1, True, 0, numbers[-1])
    assert [record.number for record in records] == numbers  # type: ignore[attr-defined]  # every record has one


def test_before_pairing_a_link_is_told_nothing(paired: Paired) -> None:
    _fill(paired, 1)
    paired.door.store.run("DELETE FROM console")
    paired.told.clear()
    paired.linked.came()
    _tick(paired, 61)
    assert paired.told == []


def test_a_minute_is_told_in_every_minute_of_the_clock_and_after_a_jump_once(paired: Paired) -> None:
    _tick(paired)
    for _ in range(180):
        _tick(paired)
    assert [minute.at.minute for minute in paired.all(Minute)] == [1, 2, 3]
    _tick(paired, 3600)
    assert [minute.at.minute for minute in paired.all(Minute)] == [1, 2, 3, 3]
    for _ in range(3):
        paired.clock.at -= timedelta(seconds=30)
        _tick(paired)
    assert len(paired.all(Minute)) == 4
    paired.clock.at -= timedelta(hours=5)
    _tick(paired)
    assert len(paired.all(Minute)) == 5


def test_a_clock_that_stands_still_tells_no_minutes(paired: Paired) -> None:
    for _ in range(5):
        paired.clock.passed += 60
        paired.linked.tick(WELL)
    assert paired.all(Minute) == []


def test_every_minute_has_the_same_size_whatever_the_door_has_to_say(paired: Paired) -> None:
    """ALT-08: a cell is 256 bytes, with or without matters in it."""
    _tick(paired)
    own = words.Sibling(door=paired.id, slot=0, public=Blob(paired.door.keys.public))
    other = words.Sibling(door=uuid4(), slot=1, public=Blob(Ed25519PrivateKey.generate().public_key().public_bytes_raw()))
    person, _ = paired.welcome()
    for doors in ((own,), (own, other)):
        paired.tell(siblings=words.Siblings(doors=doors))
        _tick(paired, 60)
    paired.door.cells.withdraw_everywhere(person, paired.clock.now())
    _tick(paired, 60)
    told = paired.all(Minute)
    assert len(told) == 3
    assert {len(words.frame(minute)) for minute in told} == {len(words.frame(told[0]))}
    assert len({bytes(minute.cell) for minute in told}) == 3


def test_no_more_is_under_way_than_a_socket_takes_at_once(paired: Paired) -> None:
    numbers = _fill(paired, 120)
    _tick(paired)
    assert _told(paired) == numbers[:50]
    _tick(paired)
    assert len(_told(paired)) == 50
    paired.linked.hear(words.Stored(number=numbers[9]))
    assert _told(paired) == numbers[:60]
    for _ in range(3):
        paired.store()
    assert _told(paired) == numbers
    assert paired.door.outbox.count() == 0


def test_large_records_are_counted_by_their_bytes(paired: Paired) -> None:
    outbox = paired.door.outbox
    outbox.stored(outbox.last)
    day = paired.clock.now()
    for _ in range(30):
        outbox.put(
            lambda number: words.BundlePart(
                number=number, bundle=words.Bundle.JOURNAL, day=day, part=0, of=1, sealed=Blob(bytes(2048))
            )
        )
    _tick(paired)
    sent = paired.all(words.BundlePart)
    assert 1 < len(sent) < 30
    assert sum(len(encode(part)) for part in sent) <= module.IN_FLIGHT_BYTES
    while outbox.count():
        paired.store()
    assert len(paired.all(words.BundlePart)) == 30


def test_what_was_not_stored_is_sent_again_to_the_next_link_and_after_a_while_to_this_one(paired: Paired) -> None:
    numbers = _fill(paired, 2)
    paired.linked.hear(words.LinkIs(up=True))
    _tick(paired)
    paired.linked.came()
    paired.linked.hear(words.LinkIs(up=True))
    _tick(paired)
    assert _told(paired) == numbers * 2
    _tick(paired, module.AGAIN_S - 1)
    assert _told(paired) == numbers * 2
    _tick(paired)
    assert _told(paired) == numbers * 3
    paired.linked.hear(words.Stored(number=numbers[-1]))
    _tick(paired, module.AGAIN_S * 2)
    assert _told(paired) == numbers * 3


def test_a_console_that_answers_again_is_told_all_anew(paired: Paired) -> None:
    numbers = _fill(paired, 2)
    for up in (True, False, True):
        paired.linked.hear(words.LinkIs(up=up))
        _tick(paired)
    assert _told(paired) == numbers * 2
    assert len(paired.all(About)) == 2


def test_a_link_that_does_not_read_loses_nothing_and_holds_nothing_up(paired: Paired) -> None:
    numbers = _fill(paired, 2)
    paired.reads = False
    for _ in range(5):
        _tick(paired, 60)
    assert paired.told[1:] == []
    _, issued = paired.welcome()
    assert paired.opens(issued)
    paired.reads = True
    paired.linked.came()
    _tick(paired)
    assert _told(paired) == numbers


def test_a_disk_that_refuses_stops_no_tick_and_nothing_is_lost(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    _tick(paired)
    monkeypatch.setattr(paired.door.outbox, "put", _cannot)
    _tick(paired, 7200)
    assert paired.all(Hourly) == []
    monkeypatch.undo()
    _tick(paired)
    assert [hourly.hour.hour for hourly in paired.all(Hourly)] == [9, 10]


def test_a_loop_that_turns_for_the_camera_looks_no_oftener(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """A window turns the loop thirty times a second, and nobody waits for what the link has to look at."""
    _tick(paired)
    looks: list[object] = []
    monkeypatch.setattr(paired.door.reports, "serve", looks.append)
    for _ in range(90):
        paired.clock.wait(1 / 30)
        paired.linked.tick(WELL)
    assert 5 <= len(looks) <= 7


def test_thirty_days_alone_and_nothing_is_lost_or_doubled(paired: Paired) -> None:
    """ISSUE: it works for 30 days without the console."""
    _tick(paired)
    paired.linked.gone()
    paired.told.clear()
    for _ in range(30 * 24):
        paired.clock.wait(3600)
        paired.linked.tick(WELL)
    paired.linked.came()
    paired.linked.tick(WELL)
    while paired.door.outbox.count():
        paired.store()
    hours = [hourly.hour for hourly in paired.all(Hourly)]
    assert len(hours) == len(set(hours)) == 30 * 24
    numbers = [record.number for record in paired.told if isinstance(record, Record)]  # type: ignore[attr-defined]  # every record has one
    assert numbers == list(range(1, numbers[-1] + 1))


# --- in --------------------------------------------------------------------------------------------------------------


def test_a_disk_that_refuses_a_policy_hangs_up_so_that_it_comes_again(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    person = uuid4()
    told = paired.policy(people=(paired.admitted(person),))
    monkeypatch.setattr(paired.door.console, "applied", _cannot, raising=False)
    monkeypatch.setattr(type(paired.door.console), "applied", _cannot)
    paired.linked.hear(told)
    assert paired.dropped == 1
    assert not paired.door.people.active(person)
    monkeypatch.undo()
    paired.linked.hear(told)
    assert paired.door.people.active(person)


@pytest.mark.parametrize(
    "message",
    [
        words.Stored(number=10**15),
        words.Stored(number=-1),
        words.CellOf(slot=99, cell=CellBytes(bytes(256))),
        words.CellOf(slot=1, cell=CellBytes(b"")),
        words.JoinSealed(part=5, of=2, sealed=Blob(b"")),
        words.JoinWanted(door=uuid4(), public=Blob(b""), salt=Blob(b""), proof=Blob(b"")),
        words.PairedIs(paired=True),
        words.AskIntroduction(link=Blob(bytes(32))),
        words.LinkIs(up=True),
    ],
)
@pytest.mark.parametrize("pinned", [True, False])
def test_whatever_comes_over_the_link_the_door_goes_on(paired: Paired, message: Any, pinned: bool) -> None:
    _, issued = paired.welcome()
    if not pinned:
        paired.door.store.run("DELETE FROM console")
    paired.linked.hear(message)
    _tick(paired)
    assert paired.opens(issued)
    assert (paired.door.console.pinned is not None) is pinned


def test_before_pairing_nobody_commands_this_door(paired: Paired) -> None:
    paired.door.store.run("DELETE FROM console")
    paired.linked.hear(paired.command(CommandKind.OPEN_ONCE))
    paired.admit()
    assert paired.lock.openings == 0
    assert paired.door.people.count() == 0


# --- commands --------------------------------------------------------------------------------------------------------


def _done(paired: Paired) -> list[tuple[int, bool]]:
    return [(told.act, told.done) for told in paired.waiting(CommandDone)]


def test_open_once_opens_once_and_names_nobody(paired: Paired) -> None:
    command = paired.command(CommandKind.OPEN_ONCE)
    paired.linked.hear(command)
    paired.linked.hear(command)
    assert paired.lock.openings == 1
    assert _done(paired) == [(1, True)]
    assert paired.door.store.rows("SELECT * FROM openings") == []
    assert len(paired.door.store.rows("SELECT * FROM office_openings")) == 1


def test_a_command_that_comes_too_late_is_not_done(paired: Paired) -> None:
    command = paired.command(CommandKind.OPEN_ONCE, good_s=30)
    paired.clock.wait(31)
    paired.linked.hear(command)
    assert paired.lock.openings == 0
    assert _done(paired) == [(1, False)]


def test_an_older_command_does_not_count_after_a_newer_one(paired: Paired) -> None:
    old, new = paired.command(CommandKind.OPEN_ONCE), paired.command(CommandKind.OPEN_ONCE)
    for command in (new, old):
        paired.linked.hear(command)
    assert paired.lock.openings == 1


def test_a_command_that_somebody_else_signed_or_for_another_door_opens_nothing(paired: Paired) -> None:
    command = paired.command(CommandKind.OPEN_ONCE)
    paired.linked.hear(paired.signed(command, Ed25519PrivateKey.generate()))
    paired.id = uuid4()
    paired.linked.hear(paired.command(CommandKind.OPEN_ONCE))
    assert paired.lock.openings == 0


def test_a_lock_that_does_not_answer_was_not_opened(paired: Paired) -> None:
    paired.lock.broken = True
    paired.linked.hear(paired.command(CommandKind.OPEN_ONCE))
    assert _done(paired) == [(1, False)]
    assert paired.door.store.rows("SELECT * FROM office_openings") == []


def test_a_command_in_test_mode_opens_nothing(paired: Paired) -> None:
    paired.linked.hear(paired.command(CommandKind.TEST_BEGIN))
    paired.linked.hear(paired.command(CommandKind.OPEN_ONCE))
    assert paired.lock.openings == 0
    assert _done(paired) == [(1, True), (2, False)]


def test_a_command_that_a_power_cut_interrupted_is_not_done_again(paired: Paired, monkeypatch: pytest.MonkeyPatch) -> None:
    """SAF: the lock opens at most once, and the console is told what is known."""
    command = paired.command(CommandKind.OPEN_ONCE)

    def cut(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(paired.lock, "open_for", cut)
    with pytest.raises(KeyboardInterrupt):
        paired.linked.hear(command)
    monkeypatch.undo()
    paired.close()
    paired.open()
    assert _done(paired) == [(1, False)]
    paired.linked.hear(command)
    assert paired.lock.openings == 0


# --- the socket ------------------------------------------------------------------------------------------------------


def _served(loop: Loop, turns: Any) -> None:
    """Run the loop; each turn is one step of this test."""

    def tick() -> float:
        try:
            next(turns)
        except StopIteration:
            loop.end()
        return 0.0

    loop.on_tick = tick
    loop.run()


def test_the_newest_link_counts_and_each_is_heard_as_it_comes(tmp_path: Path) -> None:
    """The loop over real sockets."""
    loop = Loop(tmp_path, Beat(None))
    heard: list[Any] = []
    loop.on_link = heard.append
    links: list[Wire] = []

    def turns() -> Any:
        for _ in range(2):
            links.append(connect(tmp_path / "link.sock", words.TO_LINK))
            yield
            links[-1].send(words.LinkIs(up=True))
            yield
        assert loop.link.send(words.Compared(same=True))
        yield
        with pytest.raises(WireError):
            links[0].receive(20)
        assert isinstance(links[1].receive(20), words.Compared)
        loop.link.drop()
        with pytest.raises(WireError):
            links[1].receive(1)

    _served(loop, turns())
    assert [type(message) for message in heard] == [type(None), words.LinkIs, type(None), words.LinkIs]
    for link in links:
        link.close()


@pytest.mark.parametrize(
    "rubbish", [b"not json", b'["Agree",{"scene":1,"version":1,"ticked":true}]', b'["Invite",{}]', b"[" * 5000]
)
def test_a_link_that_says_what_is_not_its_vocabulary_is_dropped(tmp_path: Path, rubbish: bytes) -> None:
    """Design section 3: on the link's socket the door takes the link's commands only, *I agree* least of all."""
    loop = Loop(tmp_path, Beat(None))
    heard: list[Any] = []
    loop.on_link = heard.append

    def turns() -> Any:
        link = connect(tmp_path / "link.sock", words.TO_LINK)
        yield
        link._sock.send(rubbish)
        yield
        yield
        assert loop.link.wire is None
        link.close()

    _served(loop, turns())
    assert heard == [None]


def _cannot(*_: object) -> None:
    raise VaultError("The disk is full.")
