"""What goes through HTTPS: whole messages with their lengths, cells as they are, and nothing else."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract import console, screen
from device.contract.console import CellOf, Minute, Policy, Stored, frame, frames, many, request, signed
from device.contract.words import CELL_BYTES, Blob, CellBytes, Digits
from device.errors import WireError

DOOR = UUID(int=7)
AT = datetime(2027, 3, 1, 8, 30, tzinfo=UTC)


def minute(cell: bytes = bytes(CELL_BYTES)) -> Minute:
    return Minute(at=AT, policy=12, eyes=True, front=True, lock=True, testing=False, cell=CellBytes(cell))


def policy() -> Policy:
    return Policy(
        door=DOOR, after=3, number=4, at=AT, people=(), guests=(), hours=(), holidays=None, notices=(), limits=None, pages=(),
        incidents=(), evidence=(), siblings=None, custodians=None, signature=Blob(b"s" * 64),
    )  # fmt: skip


@given(st.lists(st.one_of(st.binary(min_size=256, max_size=256), st.integers(0, 2**40)), max_size=6), st.data())
def test_messages_come_out_as_they_went_in_however_they_are_cut(told: list[bytes | int], data: st.DataObject) -> None:
    sent = [CellOf(slot=3, cell=CellBytes(each)) if isinstance(each, bytes) else Stored(number=each) for each in told]
    line = many(sent)
    cut = data.draw(st.integers(0, len(line)))
    first, rest = frames(line[:cut], console.FROM_CONSOLE)
    second, end = frames(rest + line[cut:], console.FROM_CONSOLE)
    assert first + second == sent
    assert end == b""


@given(st.binary(max_size=600))
def test_garbage_is_refused_or_waited_for_and_nothing_else_happens(data: bytes) -> None:
    try:
        found, rest = frames(data, console.FROM_CONSOLE)
    except WireError:
        return
    assert found == []
    assert rest == data


@given(st.binary(min_size=CELL_BYTES, max_size=CELL_BYTES))
def test_a_minute_has_one_size_whatever_its_cell_says(cell: bytes) -> None:
    """Promise 9: no size tells."""
    assert len(frame(minute(cell))) == len(frame(minute()))


def test_an_idle_minute_of_a_group_of_eight_leaves_room_in_four_thousand_bytes() -> None:
    assert len(frame(minute())) + 7 * len(frame(CellOf(slot=7, cell=CellBytes(bytes(CELL_BYTES))))) < 2600


@pytest.mark.parametrize(
    "message", [screen.Agree(scene=1, version=1, ticked=True), screen.Enter(scene=1, digits=Digits("482911"))]
)
def test_the_console_has_no_word_of_the_screen(message: screen.Agree | screen.Enter) -> None:
    """CON-15: nobody agrees, presses or types from elsewhere."""
    with pytest.raises(WireError):
        frames(frame(message), console.FROM_CONSOLE)


def test_a_length_that_nothing_has_is_refused_at_once() -> None:
    with pytest.raises(WireError):
        frames(b"\xff\xff\xff-", console.FROM_CONSOLE)


def test_a_cell_beside_a_message_that_has_none_is_refused() -> None:
    plain = frame(Stored(number=1))
    with pytest.raises(WireError):
        frames(plain[:3] + b"C" + plain[4:] + bytes(CELL_BYTES), console.FROM_CONSOLE)


def test_a_signature_is_over_everything_but_itself() -> None:
    whole = policy()
    assert signed(whole) == signed(replace(whole, signature=Blob(b"")))
    for other in (replace(whole, door=UUID(int=8)), replace(whole, after=2), replace(whole, number=5)):
        assert signed(other) != signed(whole)


def test_a_request_s_signature_is_over_door_number_path_and_body() -> None:
    said = {
        request("POST", "/link/up", DOOR, 1, b"x"),
        request("GET", "/link/up", DOOR, 1, b"x"),
        request("POST", "/link/down", DOOR, 1, b"x"),
        request("POST", "/link/up", UUID(int=8), 1, b"x"),
        request("POST", "/link/up", DOOR, 2, b"x"),
        request("POST", "/link/up", DOOR, 1, b"y"),
    }
    assert len(said) == 6


def test_no_word_that_leaves_the_building_could_hold_a_choice_or_a_way_in() -> None:
    """ALT-08, promises 9 and 10: every field that leaves is on this list, which somebody read."""
    told = {
        (kind.__name__, name)
        for kind in console.TO_CONSOLE
        for name in kind.__dataclass_fields__  # type: ignore[attr-defined]  # words are dataclasses
        if name not in {"number", "part", "of", "sealed"}
    }
    assert told == {
        ("About", "version"), ("About", "factors"), ("About", "faces"), ("About", "joined"), ("About", "policy"),
        ("Minute", "at"), ("Minute", "policy"), ("Minute", "eyes"), ("Minute", "front"), ("Minute", "lock"),
        ("Minute", "testing"), ("Minute", "cell"),
        ("Hourly", "hour"), ("Hourly", "openings"),
        ("Collected", "day"), ("Collected", "people"),
        ("EndedHere", "person"),
        ("BundlePart", "bundle"), ("BundlePart", "day"),
        ("Answers", "week"), ("Answers", "budget_met"), ("Answers", "badge_good"),
        ("AlarmRaised", "alarm"), ("AlarmRaised", "at"), ("AlarmRaised", "over"),
        ("CommandDone", "act"), ("CommandDone", "done"),
        ("DayReleased", "incident"), ("DayReleased", "day"), ("DayReleased", "key"),
        ("EvidenceReleased", "request"), ("EvidenceReleased", "key"),
        ("JoinAsked", "public"), ("JoinAsked", "salt"), ("JoinAsked", "proof"),
        ("JoinGranted", "to"),
        ("CustodiansAccepted", "incident"),
    }  # fmt: skip
