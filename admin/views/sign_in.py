"""Owns the pages a stranger may see: signing in, and the link with which an account begins.

What never happens here: a sentence that tells whether a name is known; a session that was there before the sign-in.
"""

from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from admin import accounts, audit, forms, passkeys, passwords, sessions
from admin.actions import Act
from admin.console import console
from admin.errors import BadInput
from admin.throttle import Throttle
from admin.totp_picture import picture

bp: Final = Blueprint("sign_in", __name__)
REFUSED: Final = "Name, password and code do not belong together. Try again; a code is good once."
SIGN_IN: Final = "sign-in"
TOKEN: Final = "token"  # noqa: S105  (a key of the cookie)
THROTTLE: Final = "byleave-throttle"


class Factor(StrEnum):
    """What somebody signed in with, for the log (WEB-12)."""

    PASSKEY = "passkey"
    PASSWORD_AND_CODE = "password_and_code"  # noqa: S105  (a word)


@bp.get("/sign-in")
def page() -> str:
    """The page that signs in."""
    office = console()
    return render_template(
        "sign_in.html",
        asked=passkeys.asked(office, SIGN_IN) if office.config.passkeys else None,
        next=local(request.args.get("next", request.form.get("next", ""))),
    )


@bp.post("/sign-in")
def with_password() -> Response:
    """Name, password and a code."""
    name = request.form.get("name", "")[:200]
    trying(name)
    account = accounts.by_password(console(), name, request.form.get("password", "")[:1_000], request.form.get("code", "")[:20])
    if account is None:
        failed(name, Factor.PASSWORD_AND_CODE)
        raise BadInput(REFUSED, "password")
    throttle().succeeded(name, address())
    return begin(account, Factor.PASSWORD_AND_CODE)


@bp.post("/sign-in/passkey")
def with_passkey() -> Response:
    """A passkey; it needs no name, so that nobody is locked out by what others try with theirs."""
    trying("")
    try:
        account = passkeys.shown(console(), SIGN_IN, request.form.get("credential", ""))
    except BadInput:
        failed("", Factor.PASSKEY)
        raise
    throttle().succeeded("", address())
    return begin(account, Factor.PASSKEY)


@bp.get("/welcome/<token>")
def welcome(token: str) -> str:
    """What a link offers."""
    office = console()
    link = accounts.welcome(office, token)
    secret = accounts.totp_offered(office, link.digest)
    name = link.name or "your name"
    user = link.digest[:16]
    return render_template(
        "sign_in_welcome.html",
        link=link,
        token=token,
        wanted=passkeys.wanted(office, purpose_of(link), user, name, []) if office.config.passkeys else None,
        secret=secret,
        picture=picture(accounts.uri(office, secret, name)),
    )


@bp.post("/welcome/<token>")
def welcomed(token: str) -> Response:
    """Take the link up: a passkey, or a password with codes."""
    office = console()
    held_back("")
    link = accounts.welcome(office, token)
    name = link.name or forms.text("name", "Your name", most=accounts.NAME_MOST)
    if request.form.get("way") == "passkey":
        passkey = passkeys.made(office, purpose_of(link), request.form.get("credential", ""))
        account = accounts.accept(office, link, name, passkey=passkey)
        return begin(account, Factor.PASSKEY)
    password = chosen_password(accounts.totp_offered(office, link.digest), name, office.config.office)
    account = accounts.accept(office, link, name, password=password)
    return begin(account, Factor.PASSWORD_AND_CODE)


def chosen_password(secret: str, *known: str) -> accounts.Chosen:
    """A new password, typed twice, with a code of the app that was offered this secret. Raises: BadInput."""
    password = request.form.get("password", "")
    passwords.check(password, *known)
    if request.form.get("again", "") != password:
        raise BadInput("The two passwords differ. Type the same one twice.", "again")
    return accounts.chosen(console(), password, secret, request.form.get("code", "")[:20])


def begin(account: int, factor: Factor) -> Response:
    """Sign in: a new session, nothing left of what the browser held before."""
    office = console()
    target = local(request.form.get("next", "")) or "/"
    old = session.get(TOKEN)
    session.clear()
    if isinstance(old, str):
        sessions.end(office, sessions.digest(old))
    with office.store.transaction():
        session[TOKEN] = sessions.begin(office, account)
        audit.write(office, Act.SIGNED_IN, account=account, role=accounts.one(office, account).role, details={"factor": factor})
    return redirect(target, 303)


def failed(name: str, factor: Factor) -> None:
    """Write down a try that failed; the log says which account, if there is one, never what was typed."""
    row = console().store.row("SELECT id, role FROM accounts WHERE name = ?", (name,))
    account, role = row or (None, None)
    audit.write(console(), Act.SIGN_IN_FAILED, account=account, role=role, details={"factor": factor})


def held_back(name: str) -> None:
    """Raises: BadInput while this name and address have to wait."""
    wait_s = throttle().wait_s(name, address())
    if wait_s:
        raise BadInput(f"Too many tries. The next one counts in {_span(wait_s)}.", "password")


def trying(name: str) -> None:
    """A try begins: it counts as failed until it succeeds, so that many at once are no more. Raises: BadInput as above."""
    held_back(name)
    throttle().failed(name, address())


def throttle() -> Throttle:
    """How often anybody may try."""
    found: Throttle = current_app.extensions[THROTTLE]
    return found


def address() -> str:
    """Where the request came from."""
    return request.remote_addr or ""


def local(target: str) -> str:
    """This path, if it is one of this console, else nothing: nobody is sent elsewhere after signing in."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    plain = target.isprintable() and "\\" not in target and target.startswith("/") and not target.startswith("//")
    return target if plain and not parts.scheme and not parts.netloc else ""


def purpose_of(link: accounts.Welcome) -> str:
    """What a challenge of this link is good for."""
    return f"welcome {link.digest.hex()}"


def start_page() -> str:
    """Where somebody lands who came for nothing in particular."""
    return url_for("overview.index") if "overview.index" in current_app.view_functions else url_for("account.index")


def _span(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{-(-seconds // 60)} minutes"
