"""Owns the pages of accounts: who may sign in, links for new ones, their end; and the second person's page.

What never happens here: a link that the log does not tie to whoever made it.
"""

import json
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import accounts, acting, approvals, forms, sessions
from admin.acting import allowed, me
from admin.actions import ACTIONS, OPERATORS, PRIVACY, Act
from admin.console import console
from admin.errors import BadInput
from device.contract.console import Role

bp: Final = Blueprint("accounts", __name__)
DUTIES: Final = {
    Role.FRONT_DESK: "Invites people and visitors, ends people, opens a door once.",
    Role.OPERATOR: "Runs the console: accounts, groups, hours, doors, and all that the front desk does.",
    Role.PRIVACY_OFFICER: "Publishes notices, answers people's requests, asks for a day of a door.",
    Role.AUDITOR: "Reads and exports the audit log; changes nothing.",
    Role.INSTALLER: "Pairs and replaces doors, uses their test mode.",
}


@bp.get("/accounts")
@allowed(*OPERATORS)
def index() -> str:
    """Who may sign in."""
    return render_template("accounts.html", known=accounts.everyone(console()), duties=DUTIES, link=None)


@bp.post("/accounts/links")
@allowed(*OPERATORS)
def invite() -> str:
    """A link for a new account; it is on this page only, once."""
    role = forms.choice("role", "What they are to do", Role)
    with acting.acting(Act.ACCOUNT_INVITE, new_role=role):
        token = accounts.invite(console(), role, made_by=me().id)
    return _with_link(token, f"for a new account as {role.replace('_', ' ')}")


@bp.post("/accounts/<int:account>/link")
@allowed(*OPERATORS)
def renew(account: int) -> str:
    """A link with which an account chooses anew what it signs in with."""
    known = accounts.one(console(), account)
    with acting.acting(Act.ACCOUNT_INVITE, subject=account, new_role=known.role):
        token = accounts.invite(console(), known.role, account, made_by=me().id)
    return _with_link(token, f"for {known.name}, to choose anew what they sign in with")


@bp.post("/accounts/<int:account>/disable")
@allowed(*OPERATORS)
def disable(account: int) -> Response:
    """The end of an account."""
    if account == me().id:
        raise BadInput("This is your own account. Another operator can disable it.")
    with acting.acting(Act.ACCOUNT_DISABLE, subject=account):
        accounts.disable(console(), account)
    flash("The account is disabled and its sessions have ended.", "done")
    return redirect(url_for("accounts.index"), 303)


@bp.post("/accounts/<int:account>/sessions/end")
@allowed(*OPERATORS)
def end_sessions(account: int) -> Response:
    """Sign somebody out everywhere."""
    accounts.one(console(), account)
    with acting.acting(Act.SESSIONS_END, subject=account):
        sessions.end_all(console(), account)
    flash("Their sessions have ended.", "done")
    return redirect(url_for("accounts.index"), 303)


@bp.get("/approvals")
@allowed(*OPERATORS, *PRIVACY)
def standing() -> str:
    """What waits for a second person."""
    known = approvals.standing(console())
    told = [(one, ACTIONS[one.act].sentence, json.loads(one.details)) for one in known]
    return render_template("accounts_approvals.html", told=told, mine=me().id, line=approvals.line(console(), me().id))


@bp.post("/approvals/<int:approval>")
@allowed(*OPERATORS, *PRIVACY)
def decide(approval: int) -> Response:
    """Agree or disagree."""
    said = request.form.get("say")
    if said not in {"agree", "disagree"}:
        raise BadInput("Choose one: agree or disagree.")
    act, _ = approvals.asked(console(), approval)
    with acting.acting(Act.APPROVAL_DECIDE, subject=approval, granted=said == "agree", asked=act):
        approvals.decide(console(), approval, me().id, said == "agree")
    flash("You agreed. Whoever asked can do it now, once." if said == "agree" else "You disagreed. It is not done.", "done")
    return redirect(url_for("accounts.standing"), 303)


def _with_link(token: str, for_whom: str) -> str:
    link = console().config.origin + url_for("sign_in.welcome", token=token)
    return render_template("accounts.html", known=accounts.everyone(console()), duties=DUTIES, link=link, for_whom=for_whom)
