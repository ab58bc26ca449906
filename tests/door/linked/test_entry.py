"""Visitors, test mode, and what a month without the console changes."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from device.contract import console as words
from device.contract import screen
from device.contract.console import CommandKind, Minute
from device.contract.screen import Button, Issued, NoEntry
from device.contract.words import Blob
from tests.door.linked.made import Paired
from tests.stories.stagehands import two_factors

QR = b"BYLV1" + b"A" * 26


def _guest(paired: Paired, visitor: UUID, *, gone: bool = False, qr: bytes = QR) -> None:
    now = paired.clock.now()
    span = (now + timedelta(hours=1), now + timedelta(hours=3))
    guest = words.Guest(visitor=visitor, digest=Blob(sha256(qr).digest()), begins_at=span[0], ends_at=span[1], gone=gone)
    paired.tell(guests=(guest,))


def _shows(paired: Paired, qr: bytes = QR) -> bool:
    before = paired.lock.openings
    paired.visit.home()
    paired.press(Button.SHOW_BADGE)
    paired.show(qr)
    return paired.lock.openings > before


def test_a_visitors_code_opens_within_its_span_and_destroys_itself(paired: Paired) -> None:
    _guest(paired, uuid4())
    assert not _shows(paired)
    paired.clock.wait(3600)
    assert _shows(paired)
    assert not _shows(paired, QR + b"A")
    assert paired.door.store.rows("SELECT * FROM openings") == []
    paired.clock.wait(7199)
    assert _shows(paired)
    paired.clock.wait(1)
    assert not _shows(paired)
    paired.pass_(seconds=1)
    assert paired.door.store.rows("SELECT * FROM guests") == []


def test_a_visitors_code_that_was_taken_back_opens_nothing(paired: Paired) -> None:
    visitor = uuid4()
    _guest(paired, visitor)
    paired.clock.wait(3600)
    assert _shows(paired)
    _guest(paired, visitor, gone=True)
    assert not _shows(paired)


def test_only_the_digest_of_a_code_that_is_marked_as_a_visitors_counts(paired: Paired) -> None:
    _guest(paired, uuid4(), qr=b"X" * 31)
    paired.clock.wait(3600)
    assert not _shows(paired, b"X" * 31)
    assert not paired.door.guests.admits(b"X" * 31, paired.clock.now())


def test_where_two_factors_are_asked_for_a_bearer_code_opens_nothing(tmp_path: Path) -> None:
    paired = Paired(tmp_path, two_factors)
    _guest(paired, uuid4())
    paired.clock.wait(3600)
    assert not _shows(paired)
    paired.close()


def test_a_visitors_code_leads_to_no_personal_page(paired: Paired) -> None:
    _guest(paired, uuid4())
    paired.clock.wait(3600)
    paired.press(Button.ABOUT_ME)
    paired.show(QR)
    paired.scene(screen.NotOpened)


# --- test mode -------------------------------------------------------------------------------------------------------


def test_in_test_mode_nothing_opens_nothing_is_recorded_and_the_screen_says_so(paired: Paired) -> None:
    _, issued = paired.welcome()
    paired.linked.hear(paired.command(CommandKind.TEST_BEGIN))
    paired.visit.news()
    assert paired.scene(screen.Idle).testing
    assert not paired.opens(issued)
    assert paired.scene(screen.NotOpened).because is NoEntry.TESTING
    assert paired.door.store.rows("SELECT * FROM openings") == []
    paired.pass_(seconds=1)
    paired.pass_(minutes=1)
    assert [minute.testing for minute in paired.all(Minute)] == [True]
    paired.linked.hear(paired.command(CommandKind.TEST_END))
    assert paired.opens(issued)


def test_test_mode_ends_by_itself_and_a_clock_set_back_does_not_bring_it_back(paired: Paired) -> None:
    _, issued = paired.welcome()
    paired.linked.hear(paired.command(CommandKind.TEST_BEGIN))
    paired.clock.wait(15 * 60 - 1)
    assert not paired.opens(issued)
    paired.clock.wait(1)
    assert paired.opens(issued)
    paired.clock.wait(-3600)
    assert paired.opens(issued)


def test_in_test_mode_a_face_counts_as_unused(paired: Paired) -> None:
    issued = paired.enrol(1)
    paired.linked.hear(paired.command(CommandKind.TEST_BEGIN))
    paired.press(Button.USE_FACE)
    paired.look(1)
    assert paired.scene(screen.NotOpened).because is NoEntry.TESTING
    paired.visit.home()
    assert paired.about_me(issued).used_at is None


# --- a month without the console -------------------------------------------------------------------------------------


def test_after_thirty_days_without_the_console_the_face_stops_and_the_badge_goes_on(paired: Paired) -> None:
    issued = paired.enrol(1)
    heard_at = paired.clock.now()
    _alone_from(paired, issued, heard_at=heard_at)
    paired.tell()
    paired.visit.news()
    idle = paired.scene(screen.Idle)
    assert idle.alone_since is None
    assert idle.face


def test_a_replayed_word_of_the_console_does_not_make_it_heard(paired: Paired) -> None:
    """THREAT: whoever holds the link cannot keep the face on with yesterday's policy."""
    issued = paired.enrol(1)
    heard_at = paired.clock.now()
    old = paired.signed(replace(paired.policy(), number=0))
    paired.number = 0
    paired.linked.hear(old)
    command = paired.command(CommandKind.TEST_END, good_s=60)
    paired.linked.hear(command)
    paired.clock.wait(29 * 86400)
    paired.linked.hear(old)
    paired.linked.hear(command)
    paired.clock.wait(-29 * 86400)
    _alone_from(paired, issued, heard_at=heard_at)
    paired.linked.hear(old)
    paired.linked.hear(command)
    paired.visit.news()
    assert paired.scene(screen.Idle).alone_since == heard_at


def test_a_policy_that_was_held_back_is_only_as_fresh_as_it_says(paired: Paired) -> None:
    """THREAT: heartbeats collected and told one by one would keep the face on for ever."""
    heard_at = paired.clock.now()
    held = paired.policy(), paired.command(CommandKind.TEST_END, good_s=0)
    paired.clock.wait(29 * 86400)
    for word in held:
        paired.linked.hear(word)
    paired.clock.wait(86400)
    assert paired.door.console.alone_since(paired.clock.now()) == heard_at


def test_a_door_that_was_never_paired_is_not_alone(paired: Paired) -> None:
    paired.door.store.run("DELETE FROM console")
    paired.clock.wait(400 * 86400)
    assert paired.door.console.alone_since(paired.clock.now()) is None


def _alone_from(paired: Paired, issued: Issued, heard_at: object) -> None:
    paired.clock.wait(30 * 86400 - 1)
    paired.visit.home()
    assert paired.scene(screen.Idle).face
    paired.clock.wait(1)
    paired.visit.news()
    idle = paired.scene(screen.Idle)
    assert idle.alone_since == heard_at
    assert not idle.face
    paired.press(Button.USE_FACE)
    paired.scene(screen.Idle)
    assert paired.opens(issued)
    paired.visit.home()


@pytest.mark.parametrize("kind", [CommandKind.OPEN_ONCE, CommandKind.TEST_BEGIN])
def test_the_console_opens_no_camera(paired: Paired, kind: CommandKind) -> None:
    """Promise 3: a hostile console cannot switch the camera on."""
    paired.linked.hear(paired.command(kind))
    paired.admit()
    paired.pass_(minutes=2)
    assert paired.eyes.asked == []


def test_whoever_was_ended_stays_out_while_the_disk_does_not_let_the_rest_be_finished(paired: Paired) -> None:
    """Promise 12 and DEL-02: the end is written down at once; that the erasure cannot be finished opens nothing."""
    person = uuid4()
    paired.door.people.admit(person, paired.clock.now())
    assert paired.door.admission.refusal(person, paired.clock.now()) is None
    paired.door.store.run("INSERT INTO asked VALUES (?, 'end', 'office', 0)", (person.bytes,))
    assert paired.door.admission.refusal(person, paired.clock.now()) is NoEntry.NOT_VALID
