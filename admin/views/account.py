"""Owns one's own page: passkeys, password, sessions, signing out, and proving again who one is.

What never happens here: anything about another account.
"""

import contextlib
from typing import Final

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from admin import accounts, acting, forms, passkeys, sessions
from admin.acting import allowed, me
from admin.actions import EVERYBODY, Act
from admin.console import console
from admin.errors import BadInput, NotAllowed, NotThere, ProveAgain
from admin.totp_picture import picture
from admin.views import sign_in
from admin.views.sign_in import Factor

bp: Final = Blueprint("account", __name__)
NOT_CARRIED: Final = frozenset(
    {"csrf_token", "repeat", "proof_password", "proof_code", "proof_credential", "password", "again", "code"}
)
"""The proving page's own fields, and secrets; every other field of the form it stands before is carried along."""
KEEP_GOING: Final = 307
"""Repeats the post at its own address, with its own fields."""


@bp.get("/account")
@allowed(*EVERYBODY)
def index() -> str:
    """One's own page."""
    office, who = console(), me()
    known = accounts.passkeys_of(office, who.id)
    purpose = f"add {who.id}"
    return render_template(
        "account.html",
        passkeys=known,
        password=office.store.row("SELECT password IS NOT NULL FROM accounts WHERE id = ?", (who.id,))[0],
        wanted=passkeys.wanted(office, purpose, _handle(who.id), who.name, [row[0] for row in known])
        if office.config.passkeys
        else None,
        sessions=sessions.of(office, who.id),
        here=acting.session().digest,
    )


@bp.post("/account/passkeys")
@allowed(*EVERYBODY)
def add_passkey() -> Response:
    """One more passkey."""
    name = forms.text("passkey_name", "A name for it", most=40)
    with acting.acting(Act.PASSKEY_ADD):
        passkey = passkeys.made(console(), f"add {me().id}", request.form.get("credential", ""))
        accounts.add_passkey(console(), me().id, passkey, name)
    flash("The passkey is good from now on.", "done")
    return redirect(url_for("account.index"), 303)


@bp.post("/account/passkeys/<passkey>/remove")
@allowed(*EVERYBODY)
def remove_passkey(passkey: str) -> Response:
    """One passkey less."""
    try:
        key = bytes.fromhex(passkey)
    except ValueError:
        raise NotThere("This passkey is not there any more.") from None
    with acting.acting(Act.PASSKEY_REMOVE):
        accounts.remove_passkey(console(), me().id, key)
    flash("The passkey opens nothing any more.", "done")
    return redirect(url_for("account.index"), 303)


@bp.get("/account/password")
@allowed(*EVERYBODY)
def password() -> str:
    """The page of a new password."""
    acting.prove_first(Act.PASSWORD_SET)
    secret = accounts.totp_offered(console(), acting.session().digest)
    shown = picture(accounts.uri(console(), secret, me().name))
    return render_template("account_password.html", secret=secret, picture=shown)


@bp.post("/account/password")
@allowed(*EVERYBODY)
def set_password() -> Response:
    """A password and an app's codes; one's other sessions end."""
    office, who = console(), me()
    acting.prove_first(Act.PASSWORD_SET)
    secret = accounts.totp_offered(office, acting.session().digest)
    chosen = sign_in.chosen_password(secret, who.name, office.config.office)
    with acting.acting(Act.PASSWORD_SET):
        accounts.set_password(office, who.id, chosen)
        sessions.end_all(office, who.id, but=acting.session().digest)
    flash("From now on you can sign in with this password and a code. Your other sessions have ended.", "done")
    return redirect(url_for("account.index"), 303)


@bp.post("/account/sessions/end")
@allowed(*EVERYBODY)
def end_others() -> Response:
    """End one's sessions in other browsers."""
    with acting.acting(Act.SESSIONS_END, subject=me().id):
        sessions.end_all(console(), me().id, but=acting.session().digest)
    flash("You are signed in here only.", "done")
    return redirect(url_for("account.index"), 303)


@bp.post("/sign-out")
@allowed(*EVERYBODY)
def sign_out() -> Response:
    """The end of this session."""
    with acting.acting(Act.SIGNED_OUT):
        sessions.end(console(), acting.session().digest)
    session.clear()
    answer = redirect(url_for("sign_in.page"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return answer


@bp.get("/prove")
@allowed(*EVERYBODY)
def prove() -> str:
    """The page that asks once more, before a page."""
    return _proving("", MultiDict(), sign_in.local(request.args.get("next", "")) or sign_in.start_page())


@bp.post("/prove")
@allowed(*EVERYBODY)
def proved() -> Response:
    """Passkey, or password and code, once more; then the form it stands before goes on by itself."""
    office, who = console(), me()
    target = sign_in.local(request.args.get("next", "")) or sign_in.start_page()
    factor = Factor.PASSKEY if request.form.get("proof_credential") else Factor.PASSWORD_AND_CODE
    try:
        sign_in.trying(who.name)
        _check(factor)
    except BadInput as fault:
        g.wrong = BadInput(fault.sentence, "proof_password")
        return make_response(_proving("", _without_proof(), target), 400)
    sign_in.throttle().succeeded(who.name, sign_in.address())
    with acting.acting(Act.PROVED_AGAIN, factor=factor):
        sessions.prove(office, acting.session())
    return redirect(target, KEEP_GOING if request.form.get("repeat") == "yes" else 303)


def ask_for_proof(fault: ProveAgain) -> Response:
    """The proving page in place of an act; it carries the act's form along, so that one press does both."""
    if acting.session().proved(console().clock.now()):
        raise NotAllowed("This cannot be done.")
    posted = request.method == "POST" and not request.files
    target = request.full_path.rstrip("?") if posted or request.method == "GET" else sign_in.start_page()
    return make_response(_proving(fault.sentence, _without_proof() if posted else MultiDict(), target, repeat=posted), 401)


def _proving(sentence: str, fields: "MultiDict[str, str]", target: str, *, repeat: bool | None = None) -> str:
    office, who = console(), me()
    known = [row[0] for row in accounts.passkeys_of(office, who.id)]
    has_password = office.store.row("SELECT password IS NOT NULL FROM accounts WHERE id = ?", (who.id,))[0]
    return render_template(
        "account_prove.html",
        sentence=sentence,
        fields=list(fields.items(multi=True)),
        target=target,
        repeat=request.form.get("repeat") == "yes" if repeat is None else repeat,
        asked=passkeys.asked(office, f"prove {who.id}", known) if known and office.config.passkeys else None,
        has_password=has_password,
    )


def _check(factor: Factor) -> None:
    if _shown(factor) == me().id:
        return
    sign_in.failed(me().name, factor)
    raise BadInput("That is not yours, or was used. Try again.")


def _shown(factor: Factor) -> int | None:
    if factor is Factor.PASSWORD_AND_CODE:
        typed, code = request.form.get("proof_password", "")[:1_000], request.form.get("proof_code", "")[:20]
        return accounts.by_password(console(), me().name, typed, code)
    with contextlib.suppress(BadInput):
        return passkeys.shown(console(), f"prove {me().id}", request.form.get("proof_credential", ""))
    return None


def _without_proof() -> "MultiDict[str, str]":
    return MultiDict((name, value) for name, value in request.form.items(multi=True) if name not in NOT_CARRIED)


def _handle(account: int) -> bytes:
    """What a passkey keeps of the account: an id that says nothing."""
    return account.to_bytes(16, "big")
