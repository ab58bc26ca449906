"""Owns the audit log: each row holds the hash of the one before, so that nothing is changed or taken out unnoticed.

The hash is keyed with the console's secret: whoever has only the database cannot make the chain whole again.
A row says when, which account in which role, which act, on what, and details that are numbers and closed words.
What never happens here: a name, a sentence somebody typed, a secret; a row that is written over.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from admin.actions import Act
from admin.console import Console
from admin.keys import derived

KEY: Final = b"audit"
FIRST: Final = bytes(32)
"""What the first row names as the one before."""
COLUMNS: Final = ("number", "at", "account", "role", "act", "subject", "details", "previous", "hash")
Closed = bool | int | StrEnum | UUID | datetime | None
"""What a detail may be: nothing a person could have typed freely."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One row, read back."""

    number: int
    at: int
    account: int | None
    role: str | None
    act: Act
    subject: str | None
    details: dict[str, Any]


def write(
    console: Console,
    act: Act,
    *,
    account: int | None = None,
    role: str | None = None,
    subject: Closed = None,
    details: Mapping[str, Closed | tuple[Closed, ...]] | None = None,
) -> int:
    """
    Write one row, in the caller's transaction if there is one; its number.

    Raises: TypeError for a detail that is not a number or a closed word.
    """
    told_details = json.dumps({key: told(value) for key, value in sorted((details or {}).items())}, separators=(",", ":"))
    told_subject = None if subject is None else str(told(subject))
    at = int(console.clock.now().timestamp())
    with console.store.transaction():
        number, previous = _last(console)
        row = (number + 1, at, account, role, act.value, told_subject, told_details)
        console.store.run(
            "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, previous, _hash(derived(console, KEY), previous, row))
        )
    return number + 1


def checked(console: Console) -> int | None:
    """The number of the first row that does not follow from the one before, or nothing when all do."""
    number, previous = _cut(console)
    key = derived(console, KEY)
    for *row, before, hash_ in console.store.rows("SELECT * FROM audit ORDER BY number"):
        if row[0] != number + 1 or before != previous or hash_ != _hash(key, previous, tuple(row)):
            return number + 1
        number, previous = row[0], hash_
    return None


def newest(console: Console, most: int, before: int | None = None) -> list[Entry]:
    """Rows, newest first, from before this number."""
    rows = console.store.rows(
        "SELECT number, at, account, role, act, subject, details FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?",
        (before if before is not None else 2**62, most),
    )
    return [
        Entry(number=n, at=at, account=account, role=role, act=Act(act), subject=subject, details=json.loads(details))
        for n, at, account, role, act, subject, details in rows
    ]


def kept(console: Console, after: int, last: int, most: int) -> list[Any]:
    """Rows as they are kept, the oldest first, in the order of `COLUMNS`; the hashes as hexadecimal digits."""
    return console.store.rows(
        """SELECT number, at, account, role, act, subject, details, lower(hex(previous)), lower(hex(hash)) FROM audit
        WHERE number > ? AND number <= ? ORDER BY number LIMIT ?""",
        (after, last, most),
    )


def cut(console: Console, before: datetime) -> int:
    """Remove the rows from before this time; the last one's number and hash stay as a checkpoint. How many went."""
    now, limit = int(console.clock.now().timestamp()), int(before.timestamp())
    with console.store.transaction():
        # Times are checked from the beginning on: a clock that was set back keeps later rows, never loses earlier ones.
        kept = console.store.row("SELECT min(number) FROM audit WHERE at >= ?", (limit,))[0]
        last = console.store.row(
            "SELECT number, hash FROM audit WHERE number < coalesce(?, number + 1) ORDER BY number DESC LIMIT 1", (kept,)
        )
        if last is None:
            return 0
        console.store.run(
            """INSERT INTO audit_cut VALUES (1, ?, ?, ?)
            ON CONFLICT (one) DO UPDATE SET number = excluded.number, hash = excluded.hash, at = excluded.at""",
            (*last, now),
        )
        return console.store.run("DELETE FROM audit WHERE number <= ?", (last[0],))


def _last(console: Console) -> tuple[int, bytes]:
    row = console.store.row("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
    return (row[0], row[1]) if row else _cut(console)


def _cut(console: Console) -> tuple[int, bytes]:
    row = console.store.row("SELECT number, hash FROM audit_cut")
    return (row[0], row[1]) if row else (0, FIRST)


def _hash(key: bytes, previous: bytes, row: tuple[Any, ...]) -> bytes:
    return hmac.digest(key, previous + json.dumps(row, separators=(",", ":")).encode(), "sha256")


def told(value: Any) -> Any:
    """A detail as the log writes it. Raises: TypeError for what is no number, id, time or closed word."""
    if isinstance(value, tuple):
        return [told(one) for one in value]
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError("The audit log takes numbers, ids, times and closed words only.")
