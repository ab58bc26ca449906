"""Owns visitors: a QR that opens some doors for a while for whoever bears it, and destroys itself.

A visitor has no person, no badge, no PIN and no face. What never happens here: a span longer than a week; a label or a
code that outlives its span.
"""

import base64
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID

from admin import marks, times
from admin.console import Console
from admin.errors import BadInput, NotThere

SPAN_MOST: Final = timedelta(days=7)
AHEAD_MOST: Final = timedelta(days=366)
LABEL_MOST: Final = 60
_MARK: Final = b"BYLV1"
_RANDOM_BYTES: Final = 20
"""160 bits; base32 of it needs no padding and is compact in a QR."""


class Stage(StrEnum):
    """Where a visitor's span stands."""

    COMING = "coming"
    OPEN = "open"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Visitor:
    """One visitor's code."""

    id: UUID
    label: str
    bearer: bytes | None
    """What the QR says; nothing once it was taken back."""
    begins_at: datetime
    ends_at: datetime
    stage: Stage
    doors: tuple[str, ...]


def doors(console: Console) -> dict[UUID, str]:
    """The doors a visitor's code can open: those in use that ask for one factor. A second factor is nothing a visitor has."""
    rows = console.store.rows(
        """SELECT id, name FROM doors WHERE retired_at IS NULL AND paired_at IS NOT NULL AND coalesce(factors, 1) = 1
        ORDER BY name COLLATE NOCASE"""
    )
    return {UUID(bytes=door): name for door, name in rows}


def fresh() -> UUID:
    """The id of a visitor whose code is about to be made."""
    return UUID(bytes=secrets.token_bytes(16), version=4)


def add(
    console: Console, visitor: UUID, label: str, begins_at: datetime, ends_at: datetime, at: Collection[UUID]
) -> tuple[UUID, ...]:
    """
    A new visitor's code, good at these doors in this span; the doors that are told.

    Raises: BadInput.
    """
    now = console.clock.now()
    label = " ".join(label.split())
    if not 1 <= len(label) <= LABEL_MOST or not label.isprintable():
        raise BadInput(f"Write who or what it is for, in at most {LABEL_MOST} letters.", "label")
    if ends_at <= begins_at:
        raise BadInput("The end is not after the beginning.", "ends")
    if ends_at <= now:
        raise BadInput("That is over already.", "ends")
    if ends_at - begins_at > SPAN_MOST:
        raise BadInput(f"A visitor's code is good for at most {SPAN_MOST.days} days. For longer, add a person.", "ends")
    if begins_at - now > AHEAD_MOST:
        raise BadInput("That is more than a year away.", "begins")
    known = doors(console)
    if not at or not set(at) <= known.keys():
        raise BadInput("Choose at least one door.", "doors")
    bearer = _MARK + base64.b32encode(secrets.token_bytes(_RANDOM_BYTES))
    told = tuple(sorted(set(at)))
    with console.store.transaction():
        console.store.run(
            "INSERT INTO visitors (id, label, bearer, digest, begins_at, ends_at) VALUES (?, ?, ?, ?, ?, ?)",
            (visitor.bytes, label, bearer.decode(), sha256(bearer).digest(), times.seconds(begins_at), times.seconds(ends_at)),
        )
        for door in told:
            console.store.run("INSERT INTO visitor_doors (visitor, door) VALUES (?, ?)", (visitor.bytes, door.bytes))
        marks.mark(console, told, marks.Kind.GUEST, visitor.bytes)
    return told


def take_back(console: Console, visitor: UUID) -> tuple[UUID, ...]:
    """
    This code opens nothing any more, before its end; the doors that are told. What the QR said is gone at once.

    Raises: NotThere. Twice is once.
    """
    one(console, visitor)
    with console.store.transaction():
        touched = console.store.run(
            "UPDATE visitors SET gone_at = ?, bearer = NULL WHERE id = ? AND gone_at IS NULL",
            (times.seconds(console.clock.now()), visitor.bytes),
        )
        if not touched:
            return ()
        rows = console.store.rows("SELECT door FROM visitor_doors WHERE visitor = ?", (visitor.bytes,))
        told = tuple(UUID(bytes=door) for (door,) in rows)
        marks.mark(console, told, marks.Kind.GUEST, visitor.bytes)
    return told


def prune(console: Console) -> int:
    """Remove every visitor whose span is over, with all that was known of them; how many. The doors do it by themselves."""
    over = (times.seconds(console.clock.now()),)
    with console.store.transaction():
        console.store.run("DELETE FROM marks WHERE kind = 'guest' AND key IN (SELECT id FROM visitors WHERE ends_at <= ?)", over)
        return console.store.run("DELETE FROM visitors WHERE ends_at <= ?", over)


def everyone(console: Console) -> tuple[Visitor, ...]:
    """Every visitor whose span is not over, the earliest first."""
    now = console.clock.now()
    at: dict[bytes, list[str]] = {}
    for visitor, door in console.store.rows(
        "SELECT visitor, name FROM visitor_doors JOIN doors ON id = door ORDER BY name COLLATE NOCASE"
    ):
        at.setdefault(visitor, []).append(door)
    rows = console.store.rows(
        "SELECT id, label, bearer, begins_at, ends_at, gone_at FROM visitors WHERE ends_at > ? ORDER BY begins_at, label",
        (times.seconds(now),),
    )
    return tuple(
        Visitor(
            id=UUID(bytes=visitor),
            label=label,
            bearer=None if bearer is None else bearer.encode(),
            begins_at=times.moment(begins_at),
            ends_at=times.moment(ends_at),
            stage=Stage.TAKEN_BACK if gone_at is not None else Stage.COMING if times.moment(begins_at) > now else Stage.OPEN,
            doors=tuple(at.get(visitor, ())),
        )
        for visitor, label, bearer, begins_at, ends_at, gone_at in rows
    )


def one(console: Console, visitor: UUID) -> Visitor:
    """
    This visitor, while their span is not over.

    Raises: NotThere.
    """
    for each in everyone(console):
        if each.id == visitor:
            return each
    raise NotThere("This visitor's code is over. Nothing of it is left.")
