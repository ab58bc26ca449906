"""Owns accounts: the links that make them, what they sign in with, and their end.

There is no password nobody chose: an account begins with a link that is good once, for 24 hours, and ends it by a
passkey, or by a password together with codes from an authenticator app. What never happens here: a session, a page,
an office without anybody who could make accounts, a password's slow work inside a transaction.
"""

import base64
import contextlib
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import pyotp
from pyotp.exceptions import OTPVerificationError

from admin import audit, passwords, sessions
from admin.actions import Act
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.keys import derived, seal, unseal
from admin.passkeys import Made
from device.contract.console import Role

WELCOME_S: Final = 86_400
DRIFT_STEPS: Final = 1
NAME_MOST: Final = 60
SEALED_FOR: Final = b"totp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One account, as the page of accounts shows it."""

    id: int
    name: str
    role: Role
    made_at: int
    disabled_at: int | None
    passkeys: int
    password: bool
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """A link that is still good: for a new account in this role, or for this account to choose anew what it signs in with."""

    digest: bytes
    account: int | None
    name: str
    role: Role
    made_by: int | None
    """Nobody, when it was made at the command line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A password and an app's codes, checked and ready to be kept; the code that showed it is used up."""

    password: str
    totp: bytes
    step: int


def invite(console: Console, role: Role, account: int | None = None, *, made_by: int | None = None) -> str:
    """
    A link's secret, good once and for a day; with an account, that one chooses anew what it signs in with.

    Raises: NotThere for an account that is unknown or disabled.
    """
    if account is not None:
        role = one(console, account).role
    token = secrets.token_urlsafe(32)
    until = _now(console) + WELCOME_S
    row = (_digest(token), account, role.value, until, made_by)
    console.store.run("INSERT INTO welcomes (digest, account, role, until, made_by) VALUES (?, ?, ?, ?, ?)", row)
    return token


def welcome(console: Console, token: str) -> Welcome:
    """What this link is for. Raises: NotThere when it was used, is too old or never was."""
    row = console.store.row(
        """SELECT digest, account, name, coalesce(accounts.role, welcomes.role), made_by FROM welcomes
        LEFT JOIN accounts ON accounts.id = account WHERE digest = ? AND until > ? AND disabled_at IS NULL""",
        (_digest(token), _now(console)),
    )
    if row is None:
        raise NotThere("This link was used or is too old. Ask for a new one.")
    return Welcome(digest=row[0], account=row[1], name=row[2] or "", role=Role(row[3]), made_by=row[4])


def totp_offered(console: Console, about: bytes) -> str:
    """The secret an authenticator app is offered, the same for as long as one link or session lasts; base32."""
    return base64.b32encode(derived(console, b"totp-offer\0" + about, 20)).decode()


def chosen(console: Console, password: str, secret: str, code: str) -> Chosen:
    """
    This password, which is checked before, with the secret of an app that shows this code now.

    Others are answered while it works, so never call it in a transaction. Raises: BadInput for another code.
    """
    step = _step(console, secret, code)
    if step is None:
        raise BadInput("The app shows another code. Check that it took the picture, and type the newest.", "code")
    return Chosen(password=passwords.hashed(password), totp=seal(console, SEALED_FOR, secret.encode()), step=step)


def accept(console: Console, link: Welcome, name: str, *, passkey: Made | None = None, password: Chosen | None = None) -> int:
    """
    Use the link up: the account is there now, with what it signs in with; its id. What it had before is gone.

    The name's length is checked before. Raises: BadInput for a name that is taken; NotThere when the link was used.
    """
    kept = (None, None, None) if password is None else (password.password, password.totp, password.step)
    with console.store.transaction():
        if console.store.run("DELETE FROM welcomes WHERE digest = ?", (link.digest,)) != 1:
            raise NotThere("This link was used or is too old. Ask for a new one.")
        if link.account is None:
            account = _new(console, name, link.role)
        else:
            account = link.account
            sessions.end_all(console, account)
            console.store.run("DELETE FROM passkeys WHERE account = ?", (account,))
        console.store.run("UPDATE accounts SET password = ?, totp = ?, totp_used = ? WHERE id = ?", (*kept, account))
        if passkey is not None:
            add_passkey(console, account, passkey, "First passkey")
        if link.made_by not in {None, account}:
            console.store.run("INSERT OR IGNORE INTO vouched VALUES (?, ?)", (account, link.made_by))
        act = Act.ACCOUNT_MADE if link.account is None else Act.ACCOUNT_RENEWED
        audit.write(console, act, account=account, role=link.role, subject=account, details={"link_of": link.made_by})
    return account


def _new(console: Console, name: str, role: Role) -> int:
    if console.store.row("SELECT 1 FROM accounts WHERE name = ?", (name,)):
        raise BadInput("Somebody has this name already. Choose another.", "name")
    console.store.run("INSERT INTO accounts (name, role, made_at) VALUES (?, ?, ?)", (name, role.value, _now(console)))
    return int(console.store.row("SELECT last_insert_rowid()")[0])


def by_password(console: Console, name: str, password: str, code: str) -> int | None:
    """The account that this name, password and code belong to; the code is used up. Takes as long for nobody."""
    row = console.store.row("SELECT id, password, totp FROM accounts WHERE name = ? AND disabled_at IS NULL", (name,))
    account, kept, sealed = row or (None, None, None)
    right = passwords.matches(kept, password)
    if account is None or sealed is None or not right or not _use_code(console, account, sealed, code):
        return None
    return int(account)


def _use_code(console: Console, account: int, sealed: bytes, code: str) -> bool:
    step = _step(console, unseal(console, SEALED_FOR, sealed).decode(), code)
    # Good once: nobody who saw it typed can type it again. The secret is named, as it may have changed meanwhile.
    return step is not None and bool(
        console.store.run(
            "UPDATE accounts SET totp_used = ? WHERE id = ? AND totp = ? AND coalesce(totp_used, -1) < ?",
            (step, account, sealed, step),
        )
    )


def uri(console: Console, secret: str, name: str) -> str:
    """What the picture says that an authenticator app reads."""
    return pyotp.TOTP(secret, name=name, issuer=f"Byleave {console.config.office}").provisioning_uri()


def _step(console: Console, secret: str, code: str) -> int | None:
    """Which half minute this code is of, if it is of one near enough."""
    with contextlib.suppress(OTPVerificationError):
        return pyotp.TOTP(secret).verify_and_get_timecode(
            code.replace(" ", ""), for_time=console.clock.now(), valid_window=DRIFT_STEPS
        )
    return None


def set_password(console: Console, account: int, password: Chosen) -> None:
    """This account's password and codes from now on; its other ways in stay. Raises: NotThere when it ended meanwhile."""
    row = (password.password, password.totp, password.step, one(console, account).id)
    console.store.run("UPDATE accounts SET password = ?, totp = ?, totp_used = ? WHERE id = ?", row)


def add_passkey(console: Console, account: int, passkey: Made, name: str) -> None:
    """One more passkey. Raises: BadInput for one that is known already."""
    if console.store.row("SELECT 1 FROM passkeys WHERE id = ?", (passkey.id,)):
        raise BadInput("This passkey is in use already.", "credential")
    row = (passkey.id, account, passkey.public, passkey.counter, name, _now(console))
    console.store.run("INSERT INTO passkeys (id, account, public, counter, name, made_at) VALUES (?, ?, ?, ?, ?, ?)", row)


def remove_passkey(console: Console, account: int, passkey: bytes) -> None:
    """One passkey less. Raises: NotThere; BadInput when nothing would be left to sign in with."""
    if not console.store.row("SELECT 1 FROM passkeys WHERE id = ? AND account = ?", (passkey, account)):
        raise NotThere("This passkey is not there any more.")
    left = console.store.row(
        "SELECT (SELECT count(*) FROM passkeys WHERE account = :a) > 1 OR password IS NOT NULL FROM accounts WHERE id = :a",
        {"a": account},
    )
    if not left[0]:
        raise BadInput("This is all you sign in with. Add another passkey or a password first.")
    console.store.run("DELETE FROM passkeys WHERE id = ?", (passkey,))


def passkeys_of(console: Console, account: int) -> list[tuple[bytes, str, int, int | None]]:
    """Id, name, when made and when last used, the oldest first."""
    return console.store.rows("SELECT id, name, made_at, used_at FROM passkeys WHERE account = ? ORDER BY made_at", (account,))


def disable(console: Console, account: int) -> None:
    """
    Nobody signs in with this account any more; its sessions and links end, its keys go.

    Raises: NotThere; BadInput when nobody would be left who can make accounts.
    """
    found = one(console, account)
    others = console.store.row(
        "SELECT count(*) FROM accounts WHERE role = 'operator' AND disabled_at IS NULL AND id != ?", (account,)
    )
    if found.role is Role.OPERATOR and not others[0]:
        raise BadInput("This is the last operator. Make a link for another one first.")
    with console.store.transaction():
        sessions.end_all(console, account)
        console.store.run("DELETE FROM welcomes WHERE ? IN (account, made_by)", (account,))
        console.store.run("DELETE FROM passkeys WHERE account = ?", (account,))
        console.store.run(
            "UPDATE accounts SET disabled_at = ?, password = NULL, totp = NULL WHERE id = ?", (_now(console), account)
        )


def one(console: Console, account: int) -> sessions.Account:
    """A live account. Raises: NotThere."""
    row = console.store.row("SELECT id, name, role FROM accounts WHERE id = ? AND disabled_at IS NULL", (account,))
    if row is None:
        raise NotThere("This account is not there any more.")
    return sessions.Account(id=row[0], name=row[1], role=Role(row[2]))


def everyone(console: Console) -> list[Known]:
    """All accounts, the live ones first."""
    now = _now(console)
    rows = console.store.rows(
        """SELECT id, name, role, made_at, disabled_at, (SELECT count(*) FROM passkeys WHERE account = accounts.id),
        password IS NOT NULL, (SELECT count(*) FROM sessions WHERE account = accounts.id AND seen_at >= ? AND made_at >= ?)
        FROM accounts ORDER BY disabled_at IS NOT NULL, name""",
        (now - sessions.IDLE_S, now - sessions.ABSOLUTE_S),
    )
    return [
        Known(id=i, name=n, role=Role(r), made_at=m, disabled_at=d, passkeys=k, password=bool(p), sessions=s)
        for i, n, r, m, d, k, p, s in rows
    ]


def _digest(token: str) -> bytes:
    return sha256(b"byleave-welcome-1\0" + token.encode("utf-8", "surrogatepass")).digest()


def _now(console: Console) -> int:
    return int(console.clock.now().timestamp())
