"""Owns the invitation codes the office hands out: drawn here, one a person, seven days, dead when made anew or ended.

Doors get only the digest. What never happens here: a badge, a PIN; a code in a log.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from admin import times
from admin.console import Console

CODE_DIGITS: Final = 10
CODE_LIFE: Final = timedelta(days=7)
"""Source: design section 4, an invitation."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Code:
    """A person's code in force."""

    digits: str
    until: datetime

    @property
    def spaced(self) -> str:
        """The digits in two groups of five, as people read them aloud."""
        return f"{self.digits[:5]} {self.digits[5:]}"


def digest(digits: str) -> bytes:
    """What doors know of a code, 32 bytes."""
    return sha256(b"byleave-code-1\0" + digits.encode()).digest()


def make(console: Console, person: UUID) -> Code:
    """A new code for this person; an older one is gone. In the caller's transaction, before the doors are marked."""
    now = console.clock.now()
    made = Code(digits=_unused(console), until=now + CODE_LIFE)
    console.store.run(
        """INSERT INTO codes (person, code, digest, made_at, until) VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (person) DO UPDATE SET code = excluded.code, digest = excluded.digest, made_at = excluded.made_at,
        until = excluded.until, first = 0""",
        (person.bytes, made.digits, digest(made.digits), times.seconds(now), times.seconds(made.until)),
    )
    return made


def in_force(console: Console, person: UUID) -> Code | None:
    """This person's code, when there is one that a door still takes."""
    now = times.seconds(console.clock.now())
    row = console.store.row("SELECT code, until FROM codes WHERE person = ? AND until > ?", (person.bytes, now))
    return None if row is None else Code(digits=row[0], until=times.moment(row[1]))


def prune(console: Console) -> int:
    """Remove the codes that are too old to be of use; how many."""
    return console.store.run("DELETE FROM codes WHERE until <= ?", (times.seconds(console.clock.now()),))


def _unused(console: Console) -> str:
    while True:
        drawn = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
        if console.store.row("SELECT 1 FROM codes WHERE digest = ?", (digest(drawn),)) is None:
            return drawn
