"""A console in the wrong hands, with its certificate and its policy key, and a link in the wrong hands: what they cannot do."""

import contextlib
from base64 import b32decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.config import CAPS
from device.contract import bolt, office, screen, sealed, sight
from device.contract import console as words
from device.contract.console import AlarmRaised, CommandKind
from device.contract.office import LockState
from device.contract.screen import Button
from device.contract.wire import Wire, connect
from device.contract.words import Blob, Digits, Message, NoticeText
from device.door import receipts
from device.errors import WireError
from tests.office import town as towns
from tests.office import walks
from tests.office.hostile import Hostile, instead
from tests.office.town import Door, Town, wait_for
from tests.office.walks import Held

TRIES = 6
VOLATILE = {"outbox", "records_made", "alarms", "cells", "console", "door", "_sqlite_migrations"}
"""Tables that go on by themselves; of `console` and `door`, what is pinned is looked at."""
LIMITS = words.Limits(template_days=100, unused_days=50, openings_days=20, notice_days=10, open_s=7)
CALENDAR_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass
class Taken:
    """A door whose console was taken over after it had been paired."""

    town: Town
    door: Door
    hostile: Hostile
    person: UUID
    held: Held
    room: psutil.Process
    at_s: Iterator[int]

    @property
    def number(self) -> int:
        """Where policy stands at the door."""
        return int(self.door.asks("SELECT number FROM console")[0][0])

    def at(self) -> datetime:
        """A moment later than any before; the door takes nothing older."""
        return datetime.fromtimestamp(next(self.at_s), UTC)

    def now(self) -> datetime:
        """The door's own time."""
        return datetime.fromtimestamp(self.town.clock.now_s(), UTC)

    def next(self, **fields: Any) -> words.Policy:
        """The next policy, of these fields."""
        return self.hostile.policy(self.number, self.number + 1, **({"at": self.at()} | fields))

    def heartbeat(self) -> words.Policy:
        """Nothing new, properly said."""
        return self.hostile.policy(self.number, self.number, at=self.at())

    def known(self) -> list[Any]:
        """All that the vault holds, but for what goes on by itself, and what the screen shows."""
        tables = sorted(name for (name,) in self.door.asks("SELECT name FROM sqlite_master WHERE type = 'table'"))
        kept = [(name, self.door.asks(f"SELECT * FROM {name}")) for name in tables if name not in VOLATILE]  # noqa: S608  # its own names
        pinned = self.door.asks("SELECT console.door, policy, link, number, act, testing_until, device FROM console, door")
        shown = self.door.kiosk.scene()
        return [kept, pinned, shown["scene"], shown["name"], shown["camera_on"], self.opened()]

    def refusals(self) -> int:
        """How often the door said that it refused a policy, and then that this was over."""
        raised = {message.number: message for message in self.hostile.all(AlarmRaised)}
        return sum(one.over for one in raised.values() if one.alarm is words.Alarm.POLICY_REFUSED)

    def say(self, *told: Message, until: Callable[[], bool], what: str) -> None:
        """Say this, and once more whenever the link hung up just then and it was lost; what was heard twice is nothing new."""
        for _ in range(TRIES):
            self.hostile.say(*told)
            with contextlib.suppress(AssertionError):
                wait_for(until, what, towns.START_S / TRIES)
                return
        raise AssertionError(what)

    def refuses(self, *told: Message) -> None:
        """None of this changes anything, and the door says that it refused something."""
        before, refused = self.known(), self.refusals()
        assert before[3:5] == ["Idle", False]
        what = "the door says that it refused a policy"
        self.say(*told, self.heartbeat(), until=lambda: self.refusals() > refused, what=what)
        assert self.known() == before

    def opened(self) -> int:
        """How often the lock opened since the keeper started."""
        wire = connect(self.door.settings.folders.run / "lock.sock", bolt.FROM_KEEPER)
        try:
            wire.send(bolt.AskLock())
            told = wire.receive(10)
        finally:
            wire.close()
        assert isinstance(told, bolt.LockIs)
        return [move.state for move in told.moves].count(LockState.OPEN)


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    with towns.town(tmp_path_factory.mktemp("town")) as town:
        assert town.officer is not None
        door = town.add_door("front door", line=town.lay())
        town.pair(door)
        town.officer.add_group("Studio", {door.id: "0"})
        person = town.officer.add_person("Mira Sol", "1")
        town.rest()
        held = walks.collect(door, town.code_of(person))
        walks.agree(door, "grace")
        town.rest()
        with instead(town.console_folder, UUID(door.id)) as hostile:
            assert door.line is not None
            assert door.process is not None
            door.line.lead_to(("127.0.0.1", hostile.port))
            door.line.cut()
            door.line.mend()
            wait_for(lambda: bool(hostile.streams and hostile.all(words.About)), "the link dials the other console")
            (room,) = (child for child in psutil.Process(door.process.pid).children() if "device.door" in child.cmdline())
            yield Taken(town, door, hostile, person, held, room, count(town.clock.now_s() + 1))


# --- policy ----------------------------------------------------------------------------------------------------------


def _over() -> Iterator[words.Limits]:
    for name in ("template_days", "unused_days", "openings_days", "notice_days", "open_s"):
        least, most, _ = CAPS["lock.open_s" if name == "open_s" else f"keeping.{name}"]
        for value in (least - 1, most + 1):
            yield replace(LIMITS, **{name: value})


def test_no_limit_can_be_set_beyond_its_cap(taken: Taken) -> None:
    """Promise 11: caps are the door's own program's."""
    for limits in _over():
        taken.refuses(taken.next(limits=limits))


def _admitted(**more: Any) -> words.Admitted:
    known: dict[str, Any] = dict.fromkeys(("begins_at", "ends_at", "code", "code_until"))
    known |= {"person": uuid4(), "ended": False, "hours": (0,)}
    return words.Admitted(**(known | more))


def test_what_cannot_be_is_refused_with_all_that_came_with_it(taken: Taken) -> None:
    """LINK: a day at the calendar's end is no way to stop a door, either."""
    now, good = taken.now(), _admitted()
    code, month = Blob(sha256(b"byleave-code-1\0" + b"0123456789").digest()), timedelta(days=30)
    asked = words.IncidentAsked(number=1, reason=words.Reason.THEFT, begins_at=now - month, ends_at=now, asked_at=now)
    wrong: tuple[dict[str, Any], ...] = (
        {"people": (good, _admitted(code=code, code_until=now + month))},
        {"people": (good, _admitted(code=Blob(b"short"), code_until=now))},
        {"people": (good, _admitted(hours=(-1,)))},
        {"people": (_admitted(code=code, code_until=now),), "at": CALENDAR_END},
        {"people": tuple(_admitted() for _ in range(words.ENTRIES_MOST + 1))},
        {"people": (good,), "incidents": (asked,)},
        {"incidents": (replace(asked, begins_at=CALENDAR_END - timedelta(hours=1), ends_at=CALENDAR_END),)},
        {"people": (good,), "notices": (_published("I agree\u202e to nothing"),)},
        {"people": (good,), "notices": (_published(" \n"),)},
    )
    for fields in wrong:
        taken.refuses(taken.next(**fields))


def _published(text: str) -> words.Published:
    return words.Published(version=9, language=words.Language.EN, text=NoticeText(text))


def test_nobody_else_is_made_custodian(taken: Taken) -> None:
    """INC: whoever opens days is changed only by whoever opens them now, whatever the console signs."""
    incident, evidence = (Blob(uuid4().bytes * 2) for _ in range(2))
    own = Ed25519PrivateKey.generate()
    statement = Blob(own.public_key().public_bytes_raw())
    told = sealed.change(incident, evidence, statement)
    for signature in (b"", taken.hostile.policy_key.sign(told), own.sign(told)):
        change = words.Custodians(incident=incident, evidence=evidence, statement=statement, signature=Blob(signature))
        taken.refuses(taken.next(custodians=change, people=(_admitted(),)))


def test_what_is_for_another_door_or_signed_by_another_key_is_refused(taken: Taken) -> None:
    elsewhere = taken.next(people=(_admitted(),), door=uuid4())
    other = replace(taken.hostile, policy_key=Ed25519PrivateKey.generate())
    forged = other.policy(taken.number, taken.number + 1, at=taken.at(), people=(_admitted(),))
    altered = replace(taken.next(people=(_admitted(),)), people=(_admitted(),))
    for policy in (elsewhere, forged, altered):
        taken.refuses(policy)


def test_a_policy_out_of_its_place_changes_nothing_and_the_door_says_where_it_stands(taken: Taken) -> None:
    before, abouts, number = taken.known(), len(taken.hostile.all(words.About)), taken.number
    people = (_admitted(),)
    places = ((number + 1, number + 2), (number - 1, number), (number - 1, number + 1), (number, number - 1))
    out_of_place = [taken.hostile.policy(after, upto, at=taken.at(), people=people) for after, upto in places]
    what = "the door says where policy stands"
    taken.say(*out_of_place, until=lambda: len(taken.hostile.all(words.About)) > abouts, what=what)
    # What is properly said goes through after it, so all of it was heard.
    taken.refuses(taken.next(door=uuid4()))
    assert taken.hostile.all(words.About)[-1].policy == number
    assert taken.known() == before


# --- commands --------------------------------------------------------------------------------------------------------


def _done(taken: Taken, act: int) -> list[bool]:
    return list({one.number: one.done for one in taken.hostile.all(words.CommandDone) if one.act == act}.values())


def test_a_command_opens_once_and_not_when_it_is_late_repeated_older_or_for_another_door(taken: Taken) -> None:
    """ACC: to open now is the one thing a hostile console can have a door do; each time is written down."""
    act, opened = int(taken.door.asks("SELECT act FROM console")[0][0]), taken.opened()
    soon = taken.now() + timedelta(seconds=30)
    late = taken.hostile.command(act + 1, CommandKind.OPEN_ONCE, taken.now() - timedelta(seconds=1))
    taken.say(late, until=lambda: _done(taken, act + 1) == [False], what="the door says that it was too late")
    assert taken.opened() == opened
    good = taken.hostile.command(act + 3, CommandKind.OPEN_ONCE, soon)
    taken.say(good, until=lambda: _done(taken, act + 3) == [True] and taken.opened() == opened + 1, what="the door opens once")
    assert taken.door.asks("SELECT act FROM office_openings") == [(act + 3,)]
    older = taken.hostile.command(act + 2, CommandKind.OPEN_ONCE, soon)
    elsewhere = taken.hostile.command(act + 9, CommandKind.OPEN_ONCE, soon, door=uuid4())
    taken.refuses(good, older, late, elsewhere)
    # Also to a link that was started anew, which remembers nothing.
    streams = len(taken.hostile.streams)
    taken.door.kill("front.link")
    wait_for(lambda: len(taken.hostile.streams) > streams, "the link dials again")
    taken.refuses(good, older, elsewhere)
    assert _done(taken, act + 3) == [True]


# --- words of other rooms --------------------------------------------------------------------------------------------

OTHER_ROOMS: tuple[Callable[[int], Message], ...] = (
    lambda scene: screen.Agree(scene=scene, version=1, ticked=True),
    lambda scene: screen.Press(scene=scene, button=Button.USE_FACE),
    lambda scene: screen.Press(scene=scene, button=Button.MY_FACE_TOO),
    lambda scene: screen.Enter(scene=scene, digits=Digits("0123")),
    lambda _: sight.Look(window=1, mode=sight.Mode.FACE, within_ms=10_000),
    lambda _: office.Invite(),
    lambda _: office.Pair(),
    lambda _: bolt.OpenFor(ms=5_000, not_after_ms=2**50),
)
"""What screen, eyes, office and lock may say or be told: *I agree*, a press, look now, an invitation, open."""


def test_a_word_of_the_screen_in_a_frame_breaks_the_stream_and_reaches_nobody(taken: Taken) -> None:
    """CON-02, promise 3: no console agrees for anybody or opens the camera."""
    before = taken.known()
    for word in OTHER_ROOMS[:2]:
        taken.say(word(before[2]), until=_dialled_again(taken), what="the link hangs up and dials again")
    taken.refuses(taken.next(door=uuid4()))
    assert taken.known() == before


def _dialled_again(taken: Taken) -> Callable[[], bool]:
    streams = len(taken.hostile.streams)
    return lambda: len(taken.hostile.streams) > streams


@pytest.mark.parametrize("word", OTHER_ROOMS)
def test_a_hostile_link_has_no_word_of_another_room_either(taken: Taken, word: Callable[[int], Message]) -> None:
    """LINK: whoever holds the link's own socket is no further than the console."""
    before = taken.known()
    wire = connect(taken.door.settings.folders.run / "link.sock", words.TO_LINK)
    try:
        wire.send(word(before[2]))
        wait_for(lambda: _hung_up(wire), "the door hangs up")
    finally:
        wire.close()
    assert taken.known() == before


def _hung_up(wire: Wire) -> bool:
    try:
        wire.receive(1)
    except WireError:
        return True
    return False


# --- what it hears ---------------------------------------------------------------------------------------------------


def test_it_hears_no_template_badge_pin_key_or_subject(taken: Taken) -> None:
    """Design section 4: what reaches the console, and only this; a day with an opening of each kind included."""
    door, held = taken.door, taken.held
    assert walks.by_pin(door, held)
    assert walks.by_badge(door, held.badge)
    assert walks.by_face(door, "grace")
    for seconds in (60, 3600, 86_400):
        minutes = {minute.at for minute in taken.hostile.all(words.Minute)}
        taken.town.clock.set(taken.town.clock.now_s() + seconds)
        wait_for(lambda minutes=minutes: {one.at for one in taken.hostile.all(words.Minute)} > minutes, "a minute")  # type: ignore[misc]  # bound now
    wait_for(lambda: len(taken.hostile.all(words.BundlePart)) >= 4, "the day's bundles come")
    told = b"".join(taken.hostile.heard)
    ((pin, badge, wrapped, closed),) = door.asks(
        "SELECT pin, digest, wrapped, sealed FROM badges JOIN templates USING (person) WHERE person = ?", taken.person.bytes
    )
    needles = [held.badge, b32decode(held.badge[4:]), b32decode(held.badge[4:])[:16], pin, badge, wrapped, closed]
    needles += [receipts.subject(taken.person).encode(), bytes.fromhex(receipts.subject(taken.person))]
    needles += [path.read_bytes() for path in door.settings.folders.keys.rglob("*") if path.is_file()]
    assert all(len(needle) >= 16 for needle in needles)
    for needle in needles:
        assert not any(form in told for form in _forms(needle))
    # A needle that is there is found: so is the day's bundle, in the form in which it came.
    assert any(form in told for form in _forms(taken.hostile.all(words.BundlePart)[-1].sealed))
    # Nowhere is a PIN a field of its own.
    assert f'"{held.pin}"'.encode() not in told


def _forms(needle: bytes) -> Iterator[bytes]:
    yield needle
    yield needle.hex().encode()
    yield needle.hex().upper().encode()
    for skip in range(3):
        yield b64encode(needle[skip:])[:-4]


# --- time ------------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_ahead_makes_no_code_that_outlives_its_cap(taken: Taken) -> None:
    """The door goes by its own time, whatever the console says of its own."""
    code, years = "5550123456", timedelta(days=3650)
    blob = Blob(sha256(b"byleave-code-1\0" + code.encode()).digest())
    before = taken.number
    admitted = _admitted(code=blob, code_until=taken.now() + years)
    ahead = taken.next(at=taken.now() + years, people=(admitted,))
    taken.say(ahead, until=lambda: taken.number > before, what="the door knows somebody new")
    taken.town.clock.set(taken.town.clock.now_s() + 7 * 86_400 + 1)
    kiosk = walks.leave(taken.door)
    walks.press(kiosk, "invitation", "CodePad")
    kiosk.type(code)
    kiosk.until("CodePad", holds=lambda scene: scene["wrong"], within_s=walks.SHOWN_S)
    walks.leave(taken.door)
    with contextlib.suppress(psutil.NoSuchProcess):
        assert taken.room.is_running()
        assert walks.by_badge(taken.door, taken.held.badge)
