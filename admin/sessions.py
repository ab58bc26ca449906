"""Owns who is signed in: one row per session, found by the digest of a token that only the browser's cookie holds.

A session ends after 15 minutes without a request, after 8 hours whatever happens, and at once when its account is
disabled. What never happens here: a token kept; a session that outlives its account.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from admin.console import Console
from device.contract.console import Role

IDLE_S: Final = 15 * 60
ABSOLUTE_S: Final = 8 * 3600
PROOF_S: Final = 5 * 60
"""How long a proof is recent enough for a grave act. Source: WEB-06."""
TOKEN_BYTES: Final = 32
"""256 bits of the system's randomness. Source: WEB-05, at least 128."""
SEEN_EVERY_S: Final = 30
"""A request writes only when the last one is older, so that reading pages costs no writing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who acts."""

    id: int
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser that is signed in."""

    digest: bytes
    account: Account
    made_at: int
    seen_at: int
    proved_at: int

    def proved(self, now: datetime) -> bool:
        """Whether passkey or password was shown recently enough for a grave act."""
        return 0 <= int(now.timestamp()) - self.proved_at <= PROOF_S


def begin(console: Console, account: int) -> str:
    """A new session, just proved; the token for the cookie."""
    token, now = secrets.token_urlsafe(TOKEN_BYTES), _now(console)
    console.store.run("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)", (digest(token), account, now, now, now))
    return token


def find(console: Console, token: str) -> Session | None:
    """The live session of this token; one whose time is over is removed."""
    row = console.store.row(
        """SELECT account, name, role, sessions.made_at, seen_at, proved_at, disabled_at
        FROM sessions JOIN accounts ON accounts.id = account WHERE digest = ?""",
        (digest(token),),
    )
    if row is None:
        return None
    account, name, role, made_at, seen_at, proved_at, disabled_at = row
    now = _now(console)
    # A clock that was set back does not lengthen a session.
    if disabled_at is not None or not 0 <= now - seen_at <= IDLE_S or not 0 <= now - made_at <= ABSOLUTE_S:
        end(console, digest(token))
        return None
    if now - seen_at >= SEEN_EVERY_S:
        console.store.run("UPDATE sessions SET seen_at = ? WHERE digest = ?", (now, digest(token)))
    who = Account(id=account, name=name, role=Role(role))
    return Session(digest=digest(token), account=who, made_at=made_at, seen_at=seen_at, proved_at=proved_at)


def prove(console: Console, session: Session) -> None:
    """Passkey or password was shown again."""
    console.store.run("UPDATE sessions SET proved_at = ? WHERE digest = ?", (_now(console), session.digest))


def end(console: Console, session_digest: bytes) -> None:
    """This session is over; again is harmless."""
    console.store.run("DELETE FROM sessions WHERE digest = ?", (session_digest,))


def end_all(console: Console, account: int, but: bytes | None = None) -> int:
    """Every session of this account is over, but for this one; how many."""
    return console.store.run("DELETE FROM sessions WHERE account = ? AND digest IS NOT ?", (account, but))


def of(console: Console, account: int) -> list[Session]:
    """The sessions of this account that are not over, the last used first."""
    rows = console.store.rows(
        """SELECT digest, account, name, role, sessions.made_at, seen_at, proved_at
        FROM sessions JOIN accounts ON accounts.id = account WHERE account = ? AND seen_at >= ? AND sessions.made_at >= ?
        ORDER BY seen_at DESC""",
        (account, _now(console) - IDLE_S, _now(console) - ABSOLUTE_S),
    )
    return [
        Session(digest=d, account=Account(id=i, name=n, role=Role(r)), made_at=made, seen_at=seen, proved_at=proved)
        for d, i, n, r, made, seen, proved in rows
    ]


def tidy(console: Console) -> int:
    """Remove the sessions whose time is over; how many."""
    now = _now(console)
    return console.store.run("DELETE FROM sessions WHERE seen_at < ? OR made_at < ?", (now - IDLE_S, now - ABSOLUTE_S))


def digest(token: str) -> bytes:
    """How a session is found without its token being kept."""
    return sha256(b"byleave-session-1\0" + token.encode("utf-8", "surrogatepass")).digest()


def _now(console: Console) -> int:
    return int(console.clock.now().timestamp())
