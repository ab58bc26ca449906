"""Nothing is open that is not named, and each role sees what it needs."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from admin import acting, sessions
from admin import app as application
from admin.console import Console
from device.contract.console import Role
from tests.admin.conftest import Visitor, acts

LETTERS = {"F": Role.FRONT_DESK, "O": Role.OPERATOR, "P": Role.PRIVACY_OFFICER, "A": Role.AUDITOR, "I": Role.INSTALLER}
ALL = "FOPAI"
MATRIX = {
    "account.index": ALL,
    "account.add_passkey": ALL,
    "account.remove_passkey": ALL,
    "account.password": ALL,
    "account.set_password": ALL,
    "account.end_others": ALL,
    "account.prove": ALL,
    "account.proved": ALL,
    "account.sign_out": ALL,
    "accounts.index": "O",
    "accounts.disable": "O",
    "accounts.renew": "O",
    "accounts.end_sessions": "O",
    "accounts.invite": "O",
    "accounts.standing": "OP",
    "accounts.decide": "OP",
    "overview.index": ALL,
    "overview.seen": "FOI",
    "audit.index": "AP",
    "audit.export": "AP",
    "doors.index": ALL,
    "doors.one": ALL,
    "doors.rename": "IO",
    "doors.open_once": "FO",
    "doors.pairing": "IO",
    "doors.compare": "IO",
    "doors.pairing_now": "IO",
    "doors.ticket": "IO",
    "doors.retire": "O",
    "doors.test_mode": "IO",
    "doors.new": "IO",
    "doors.add": "IO",
    "hours.index": "FOP",
    "hours.one": "O",
    "hours.change": "O",
    "hours.remove": "O",
    "hours.days": "O",
    "hours.add_days": "O",
    "hours.add_calendar": "O",
    "hours.remove_day": "O",
    "hours.new": "O",
    "hours.add": "O",
    "incidents.index": "AP",
    "incidents.take": "P",
    "incidents.keepers": "AP",
    "incidents.change_keepers": "P",
    "incidents.person": "P",
    "incidents.ask_evidence": "P",
    "incidents.take_evidence": "P",
    "incidents.new": "P",
    "incidents.ask": "P",
    "notices.index": "AOP",
    "notices.preview": "AOP",
    "notices.begin": "OP",
    "notices.draft": "OP",
    "notices.write": "OP",
    "notices.drop": "OP",
    "notices.discard": "OP",
    "notices.publish": "P",
    "people.index": "FOP",
    "people.page": "FOP",
    "people.form": "FO",
    "people.change": "FO",
    "people.new_code": "FO",
    "people.copy": "P",
    "people.end": "FO",
    "people.letter": "FO",
    "people.send": "FO",
    "people.reason": "FOP",
    "people.open_page": "FOP",
    "people.note": "FOP",
    "people.answered": "P",
    "people.new": "FO",
    "people.add": "FO",
    "groups.index": "O",
    "groups.form": "O",
    "groups.change": "O",
    "groups.change_all": "O",
    "groups.remove": "O",
    "groups.new": "O",
    "groups.add": "O",
    "invitations.choose": "O",
    "invitations.preview": "O",
    "invitations.confirmed": "O",
    "invitations.example": "O",
    "invitations.pile": "FO",
    "invitations.print_pile": "FO",
    "settings.index": "AOP",
    "settings.change": "O",
    "settings.budget": "P",
    "settings.justify": "P",
    "visitors.index": "FO",
    "visitors.page": "FO",
    "visitors.take_back": "FO",
    "visitors.paper": "FO",
    "visitors.new": "FO",
    "visitors.add": "FO",
}
"""Every view that is not open, and whose it is: a new route fails here until somebody has decided."""


def asked_of(app: Flask) -> Iterator[tuple[str, str, str]]:
    """Every view with a way to ask for it: its name, method and an address."""
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, method, filled(rule.rule)


def filled(rule: str) -> str:
    """An address of this rule, of something that is not there."""
    kinds = {"int": "1", "uuid": "00000000-0000-4000-8000-000000000000", "path": "nothing.css", "": "en"}
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: kinds[found[1] or ""], rule)


def ask(visitor: Visitor, method: str, path: str, **more: Any) -> Any:
    return visitor.get(path, **more) if method == "GET" else visitor.post(path, **more)


def everything(console: Console, but: tuple[str, ...] = ()) -> list[str]:
    """The whole database as text, but for these tables."""
    dropped = tuple(f'INSERT INTO "{table}"' for table in but)
    return [line for line in console.store.connection.iterdump() if not line.startswith(dropped)]


def test_every_view_is_open_by_name_or_marked_for_roles(app: Flask) -> None:
    """WEB-15: a view that is neither is nobody's; the matrix names each one."""
    views = set(app.view_functions)
    assert {name for name in views if acting.roles_of(app.view_functions[name])} == views - opened(app)
    assert set(MATRIX) == views - opened(app)
    for name, letters in MATRIX.items():
        assert acting.roles_of(app.view_functions[name]) == {LETTERS[one] for one in letters}, name


def opened(flask: Flask) -> set[str]:
    assert set(flask.view_functions) >= application.OPEN_VIEWS
    return set(application.OPEN_VIEWS)


def test_a_stranger_is_sent_to_the_sign_in_by_every_view_and_changes_nothing(
    app: Flask, stranger: Visitor, console: Console
) -> None:
    """WEB-15, ASVS 8.2.1."""
    before = everything(console)
    for name, method, path in asked_of(app):
        if name in MATRIX:
            answer = ask(stranger, method, path)
            assert answer.status_code == 303, (name, method)
            assert answer.headers["Location"].startswith("/sign-in"), (name, method)
    assert everything(console) == before


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_refused_what_is_not_its_own_and_the_log_says_so(
    app: Flask, client_as: Callable[..., Visitor], console: Console, role: Role
) -> None:
    """WEB-15 and WEB-12: 403 for every view of other roles, nothing changed but one line of the log each."""
    visitor = client_as(role)
    before, refused = everything(console, but=("audit", "sessions")), 0
    for name, method, path in asked_of(app):
        if name not in MATRIX or role in acting.roles_of(app.view_functions[name]):
            continue
        answer = ask(visitor, method, path)
        assert answer.status_code == 403, (name, method)
        assert "Your role may not" in answer.get_data(as_text=True)
        refused += 1
    assert everything(console, but=("audit", "sessions")) == before
    assert acts(console) == ["account.denied"] * refused


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_let_in_to_what_is_its_own(app: Flask, client_as: Callable[..., Visitor], role: Role) -> None:
    """The other half of the matrix: never 403 at the door, and never a fault, for what is one's own."""
    visitor = client_as(role)
    for name, method, path in asked_of(app):
        if role in acting.roles_of(app.view_functions[name]) and name != "account.sign_out":
            answer = ask(visitor, method, path)
            assert answer.status_code < 500, (name, method, answer.status_code)
            assert "Your role may not" not in answer.get_data(as_text=True), (name, method)


def test_a_view_that_nobody_marked_is_shut_for_everybody(console: Console, account_of: Callable[..., int]) -> None:
    """Deny by default is the application's, not the views'."""
    flask = application.create_app(console)
    flask.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert Visitor(flask).get("/forgotten").status_code == 303
    operator = Visitor(flask).signed_in(sessions.begin(console, account_of(Role.OPERATOR)))
    assert operator.get("/forgotten").status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_the_column_of_pages_offers_only_what_opens(client_as: Callable[..., Visitor], role: Role) -> None:
    visitor = client_as(role)
    page = visitor.get("/account").get_data(as_text=True)
    links = re.findall(r'<li><a href="([^"]+)"', page)
    assert links
    assert [visitor.get(link).status_code for link in links] == [200] * len(links)


def test_a_number_that_no_table_holds_is_not_there(client_as: Callable[..., Visitor]) -> None:
    operator = client_as(Role.OPERATOR)
    for path in (f"/accounts/{2**63}/disable", f"/approvals/{2**70}", f"/accounts/{10**400}/link"):
        assert operator.post(path).status_code == 404
