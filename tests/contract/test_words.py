"""The wall: what messages can express, and how strictly they are read."""

import json
import types
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device.contract import bolt, console, office, screen, sight, words
from device.contract.words import Blob, CellBytes, Digits, Hidden, Message, NoticeText, Numbers128, Part, decode, encode
from device.errors import WireError

VOCABULARIES = {
    "eyes": sight.TO_EYES,
    "door, from eyes": sight.TO_DOOR,
    "front": screen.TO_FRONT,
    "door, from front": screen.TO_DOOR,
    "door, from the office": office.TO_DOOR,
    "office": office.TO_OFFICE,
    "link": console.TO_LINK,
    "door, from the link": console.FROM_LINK,
    "keeper": bolt.TO_KEEPER,
    "door, from the keeper": bolt.FROM_KEEPER,
}
EVERY = [(where, kind) for where, kinds in VOCABULARIES.items() for kind in kinds]
PLAIN = {bool, int, UUID, datetime, Digits, Blob, CellBytes, NoticeText, Numbers128}


def _leaves(hint: Any) -> list[Any]:
    """The words a field's type is made of."""
    if get_origin(hint) in {tuple, types.UnionType, Union}:
        return [leaf for arg in get_args(hint) if arg not in {Ellipsis, types.NoneType} for leaf in _leaves(arg)]
    if isinstance(hint, type) and issubclass(hint, Part):
        return [leaf for inner in get_type_hints(hint).values() for leaf in _leaves(inner)]
    return [hint]


@pytest.mark.parametrize(("where", "kind"), EVERY)
def test_a_field_is_a_word_of_the_grammar_and_says_why_it_crosses(where: str, kind: type[Any]) -> None:
    """No text, no float, no dict, no picture can be written (CUS-08, MIN-10)."""
    for name, hint in get_type_hints(kind).items():
        for leaf in _leaves(hint):
            assert leaf in PLAIN or (isinstance(leaf, type) and issubclass(leaf, StrEnum)), f"{where}: {kind.__name__}.{name}"
    for each in fields(kind):
        assert len(each.metadata["why"]) > len("because"), each.name


def test_only_eyes_can_say_an_embedding_and_only_to_the_door() -> None:
    """CUS-08: no role, command or message beyond the two can carry one."""
    sayers = {(where, kind) for where, kind in EVERY if any(Numbers128 in _leaves(h) for h in get_type_hints(kind).values())}
    assert sayers == {("door, from eyes", sight.Seen)}


def test_only_the_screen_can_agree() -> None:
    """CON-15: the office has no word for it."""
    assert [where for where, kind in EVERY if kind is screen.Agree] == ["door, from front"]
    with pytest.raises(WireError):
        decode(encode(screen.Agree(scene=1, version=1, ticked=True)), office.TO_DOOR)


def test_the_office_has_no_word_for_a_choice_or_a_time_of_passing() -> None:
    """ALT-08, promise 9 and 10."""
    told = {name for kind in (*office.TO_OFFICE, office.PersonLine) for name in get_type_hints(kind)}
    assert told == {"person", "code", "until", "people", "more", "invited_at", "collected_on", "ended"} | {
        "eyes", "front", "lock", "swept_at", "paired", "console", "peopled", "stage", "digits",
    }  # fmt: skip


@pytest.mark.parametrize("module", [sight, screen, office, console, bolt])
def test_every_message_of_a_module_is_in_a_vocabulary(module: types.ModuleType) -> None:
    listed = {kind for _, kind in EVERY} | {screen.Scene, console.Record}
    defined = {v for v in vars(module).values() if isinstance(v, type) and issubclass(v, Message) and v is not Message}
    assert defined <= listed


def test_what_is_personal_prints_as_hidden() -> None:
    """MIN-03: nothing of a person gets into a log or a traceback by being printed."""
    for kind in (
        sight.Seen,
        sight.CodeSeen,
        screen.Issued,
        screen.Kept,
        screen.Gone,
        screen.Personal,
        screen.Enter,
        office.Invited,
    ):
        assert issubclass(kind, Hidden)
    assert repr(screen.Enter(scene=1, digits=Digits("482911"))) == "Enter(hidden)"


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    if get_origin(hint) is tuple:
        return st.lists(_strategy(get_args(hint)[0]), max_size=3).map(tuple)
    if get_origin(hint) in {types.UnionType, Union}:
        return st.one_of(st.none(), *(_strategy(a) for a in get_args(hint) if a is not types.NoneType))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    if isinstance(hint, type) and issubclass(hint, Part | Message):
        return st.builds(hint, **{name: _strategy(h) for name, h in get_type_hints(hint).items()})
    plain: dict[Any, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(-(2**53), 2**53),
        UUID: st.uuids(),
        datetime: st.integers(0, 2**32).map(lambda s: datetime.fromtimestamp(s, UTC)),
        Digits: st.text("0123456789", min_size=1, max_size=12),
        Blob: st.binary(max_size=2048),
        CellBytes: st.binary(min_size=256, max_size=256),
        NoticeText: st.text(max_size=500),
        Numbers128: st.binary(min_size=512, max_size=512),
    }
    return plain[hint]


@pytest.mark.parametrize(("where", "kind"), EVERY)
def test_every_message_comes_back_as_it_went(where: str, kind: type[Message]) -> None:
    @given(_strategy(kind))
    def holds(message: Message) -> None:
        assert decode(encode(message), VOCABULARIES[where]) == message

    holds()


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_rubbish_is_refused_in_one_way(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data, tuple(kind for _, kind in EVERY))


@pytest.mark.parametrize(
    "data",
    [
        b'["Press",{"scene":1}]',
        b'["Press",{"scene":1,"button":"pin","person":"x"}]',
        b'["Press",{"scene":true,"button":"pin"}]',
        b'["Press",{"scene":"1","button":"pin"}]',
        b'["Press",{"scene":1,"button":"open_the_door"}]',
        b'["Enter",{"scene":1,"digits":"12a4"}]',
        b'["Enter",{"scene":1,"digits":"1234567890123"}]',
        b'["Enter",{"scene":1,"digits":"\\u0661\\u0662"}]',
        b'["Look",{"window":1,"mode":"face","within_ms":1}]',
        b"[" * 5000,
    ],
)
def test_a_message_that_is_nearly_right_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data, screen.TO_DOOR)


def test_limits_are_kept_in_bytes() -> None:
    for size in (0, 511, 513):
        with pytest.raises(WireError):
            decode(
                words.encode(
                    sight.Seen(window=1, hint=sight.Hint.FINE, x=0, y=0, width=0, track=0, embedding=Numbers128(b"x" * size))
                ),
                sight.TO_DOOR,
            )
    with pytest.raises(WireError):
        decode(words.encode(sight.CodeSeen(window=1, payload=Blob(b"x" * 2049))), sight.TO_DOOR)


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb"])
def test_half_a_letter_is_no_notice(text: str) -> None:
    """It decodes from JSON and cannot be written down again; whoever checks a signature over it would fall over."""
    data = json.dumps(["Notice", {"scene": 1, "version": 1, "text": text, "days": 3}]).encode()
    with pytest.raises(WireError):
        decode(data, screen.TO_FRONT)


@pytest.mark.parametrize("unseen", ["\u00ad", "\ufeff", "\u200b", "\u202e", "\u0085", "\ue000", "\x07"])
def test_what_nobody_sees_is_told_from_what_everybody_reads(unseen: str) -> None:
    """Console and door ask the same function, so that neither takes a notice that the other refuses."""
    assert words.is_seen("Größe: 3 cm\n人の顔 😀")
    assert not words.is_seen(f"Your{unseen}choice")
