"""Owns the grammar of every message: which types a field may have, and the one strict encoder and decoder.

A field may be a truth value, a whole number, an id, a time, a member of a closed list, a string of digits,
a bounded blob, the notice's own text, a part made of these, a tuple of these, or nothing. There is no
word for a picture, a floating-point number, a score, a name or free text. `Numbers128`, an embedding, is
a word of `sight` alone. Every field carries `why`, the reason it crosses.

What never happens here: reading a clock, a disk or a socket.
"""

import json
import types
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NewType, TypeVar, Union, dataclass_transform, get_args, get_origin, get_type_hints
from uuid import UUID

from device.errors import WireError

T = TypeVar("T")

Digits = NewType("Digits", str)
"""One to twelve decimal digits: a PIN or an invitation code on its way."""

Blob = NewType("Blob", bytes)
"""At most 2,048 bytes that only the door made or only the door can read: a badge, a receipt, a code's payload."""

NoticeText = NewType("NoticeText", str)
"""The notice, exactly as it came in with the policy or the package; at most 20,000 characters."""

CellBytes = NewType("CellBytes", bytes)
"""A cell between doors: exactly 256 bytes, or none where the bytes travel beside the message. Only `console` may say it."""

Numbers128 = NewType("Numbers128", bytes)
"""An embedding: 128 little-endian float32, 512 bytes. Only `sight` may say it."""

DIGITS_MOST = 12
BLOB_MOST = 2048
NOTICE_MOST = 20_000
NUMBERS_BYTES = 512
CELL_BYTES = 256
TUPLE_MOST = 200
WHOLE_MOST = 2**53


def why(reason: str, **more: Any) -> Any:
    """A field that says why it crosses."""
    return field(metadata={"why": reason}, **more)


class Message:
    """Base of every message that crosses a socket."""

    __slots__ = ()


class Part:
    """Base of a value that crosses only inside a message."""

    __slots__ = ()


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(why, field))
def word(cls: type[T]) -> type[T]:
    """Make a message or part: frozen, keyword-only, slotted, hidden when printed."""
    return dataclass(frozen=True, slots=True, kw_only=True, repr=False)(cls)


class Hidden:
    """Mixin: prints as its class only, so that nothing personal gets into a log or a traceback."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"


def encode(message: Message) -> bytes:
    """The bytes of one message: JSON with its name first."""
    body = {f.name: _pack(getattr(message, f.name)) for f in fields(message)}  # type: ignore[arg-type]  # words are dataclasses
    return json.dumps([type(message).__name__, body], separators=(",", ":"), ensure_ascii=False).encode()


def decode(data: bytes, accepts: tuple[type[Message], ...]) -> Message:
    """The message in these bytes, if it is one of `accepts`.

    Raises: WireError for anything unknown, missing, superfluous, oversized or of the wrong type.
    """
    try:
        name, body = json.loads(data)
        kind = next(k for k in accepts if k.__name__ == name)
        message: Message = _build(kind, body)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError, StopIteration, RecursionError):
        raise WireError("A message came that the contract does not know.") from None
    return message


def is_text(told: str) -> bool:
    """Whether this can be written down as UTF-8: half of a surrogate pair cannot."""
    return not any("\ud800" <= letter <= "\udfff" for letter in told)


def is_seen(told: str) -> bool:
    """Whether all of this shows, in lines; what cannot be seen, or turns round what is, is agreed to by nobody."""
    return not any(unicodedata.category(letter) in _UNSEEN for letter in told.replace("\n", ""))


def _pack(value: Any) -> Any:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, StrEnum | str):
        return str(value)
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, bytes | bytearray):
        return value.hex()
    if isinstance(value, tuple):
        return [_pack(v) for v in value]
    return {f.name: _pack(getattr(value, f.name)) for f in fields(value)}


def _build(kind: type[Any], body: Any) -> Any:
    hints = get_type_hints(kind)
    known = {f.name: f for f in fields(kind)}
    if not isinstance(body, dict) or set(body) != set(known):
        raise ValueError
    return kind(**{name: _unpack(hints[name], value) for name, value in body.items()})


def _unpack(hint: Any, value: Any) -> Any:
    if get_origin(hint) in _UNIONS:
        inner = next(a for a in get_args(hint) if a is not types.NoneType)
        return None if value is None else _unpack(inner, value)
    if get_origin(hint) is tuple:
        _only(value, isinstance(value, list) and len(value) <= TUPLE_MOST)
        return tuple(_unpack(get_args(hint)[0], v) for v in value)
    if hint in _READERS:
        return _READERS[hint](value)
    if issubclass(hint, StrEnum):
        return hint(value)
    _only(hint, issubclass(hint, Part))
    return _build(hint, value)


def _whole(value: Any) -> Any:
    return _only(value, type(value) is int and abs(value) <= WHOLE_MOST)


def _digits(value: Any) -> Any:
    return _only(value, isinstance(value, str) and 0 < len(value) <= DIGITS_MOST and value.isascii() and value.isdigit())


def _bytes(value: Any, holds: Callable[[int], bool]) -> bytes:
    raw = bytes.fromhex(value)
    return _only(raw, holds(len(raw)))


def _only(value: T, holds: bool) -> T:
    if not holds:
        raise ValueError
    return value


_READERS: dict[Any, Callable[[Any], Any]] = {
    bool: lambda v: _only(v, isinstance(v, bool)),
    int: _whole,
    Digits: _digits,
    NoticeText: lambda v: _only(v, isinstance(v, str) and len(v) <= NOTICE_MOST and is_text(v)),
    Blob: lambda v: _bytes(v, lambda n: n <= BLOB_MOST),
    CellBytes: lambda v: _bytes(v, lambda n: n in {0, CELL_BYTES}),
    Numbers128: lambda v: _bytes(v, lambda n: n == NUMBERS_BYTES),
    UUID: lambda v: UUID(hex=v),
    datetime: lambda v: datetime.fromtimestamp(_whole(v), UTC),
}
"""How each word is read back, strictly."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})
"""Unicode's categories of what shows as nothing."""

_UNIONS = (types.UnionType, Union)
"""`X | None` has one of these origins, depending on X."""
