"""Owns the three files that custodians get or make, as JSON: a released day, released evidence, a change of custodians.

What never happens here: believing a file more than its form; a word list or a private half.
"""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, fields, is_dataclass
from types import UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints
from uuid import UUID

from admin.errors import BadInput
from device.contract.console import Reason

_FORM: Final = "form"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleasedDay:
    """One day, twice sealed, and what takes the outer seal off."""

    day: int
    key: bytes
    """The release key, and the door's signature over what it told."""
    bundle: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DayFile:
    """A span of one door, asked for and released."""

    incident: int
    reason: Reason
    door: UUID
    door_name: str
    begins_at: int
    ends_at: int
    asked_at: int
    days: tuple[ReleasedDay, ...]
    people: dict[UUID, str]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReleasedEvidence:
    """One door's bundles, and one person's key, sealed to the custodians."""

    door: UUID
    door_name: str
    key: bytes
    bundles: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class EvidenceFile:
    """One person's consent evidence, asked for and released."""

    request: int
    person: UUID
    name: str | None
    asked_at: int
    doors: tuple[ReleasedEvidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFile:
    """A change of custodians, signed by those before."""

    incident: bytes
    evidence: bytes
    statement: bytes
    signature: bytes


File = DayFile | EvidenceFile | ChangeFile

_FORMS: Final[dict[str, type[File]]] = {
    "byleave-day-1": DayFile,
    "byleave-evidence-1": EvidenceFile,
    "byleave-custodians-1": ChangeFile,
}


def write(file: File) -> bytes:
    """The bytes of a file."""
    form = next(form for form, kind in _FORMS.items() if kind is type(file))
    return json.dumps({_FORM: form, **_pack(file)}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def read(data: bytes) -> File:
    """
    The file in these bytes.

    Raises: BadInput when they are none, or not a whole one.
    """
    try:
        told = json.loads(data)
        file: File = _unpack(_FORMS[told.pop(_FORM)], told)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput("This file is damaged, or none that the console or `byleave incident` made.") from None
    return file


def _pack(value: Any) -> Any:
    if isinstance(value, bytes):
        return b64encode(value).decode()
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, tuple):
        return [_pack(one) for one in value]
    if isinstance(value, dict):
        return {_pack(key): _pack(one) for key, one in value.items()}
    if is_dataclass(value):
        return {field.name: _pack(getattr(value, field.name)) for field in fields(value)}
    return value


def _unpack(hint: Any, value: Any) -> Any:
    if isinstance(hint, UnionType):
        return None if value is None else _unpack(get_args(hint)[0], value)
    if hint is bytes:
        return b64decode(value, validate=True)
    if hint in {UUID, Reason}:
        return hint(value)
    if get_origin(hint) is tuple:
        return tuple(_unpack(get_args(hint)[0], one) for one in _only(value, list))
    if get_origin(hint) is dict:
        of, to = get_args(hint)
        return {_unpack(of, key): _unpack(to, one) for key, one in _only(value, dict).items()}
    if isinstance(hint, type) and is_dataclass(hint):
        hints = get_type_hints(hint)
        if set(_only(value, dict)) != set(hints):
            raise ValueError
        return hint(**{name: _unpack(hints[name], one) for name, one in value.items()})
    return _only(value, hint)


def _only(value: Any, kind: Any) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value
