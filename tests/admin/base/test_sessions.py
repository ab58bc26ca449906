"""Staying in, and no longer than that."""

from collections.abc import Callable

import pytest
from flask import Flask

from admin import accounts, sessions
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.views.sign_in import TOKEN, local
from device.contract.console import Role
from tests.admin.base.authenticator import Authenticator
from tests.admin.base.getting_in import code_at, options_of, secret_of, shows, sign_in
from tests.admin.conftest import Clockwork, Visitor

# --- sessions --------------------------------------------------------------------------------------------------------


def test_a_session_is_new_at_every_sign_in_and_holds_nothing_from_before(
    app: Flask, console: Console, operator: tuple[str, int], clockwork: Clockwork
) -> None:
    """WEB-05, ASVS 7.2.4: no fixation, neither by a token planted before nor by a form key."""
    secret, account = operator
    planted = sessions.begin(console, account)
    victim = Visitor(app).signed_in(planted)
    key = victim.key()
    assert sign_in(victim, secret, clockwork).status_code == 303
    assert victim.cookie()[TOKEN] != planted
    assert "csrf_token" not in victim.cookie()
    assert Visitor(app).signed_in(planted).get("/account").status_code == 303
    refused = victim.client.post(
        "/sign-out", data={"csrf_token": key}, base_url="https://localhost", headers={"Referer": "https://localhost/"}
    )
    assert refused.status_code == 400


def test_a_token_is_random_long_and_only_its_digest_is_kept(console: Console, account_of: Callable[..., int]) -> None:
    """WEB-05, ASVS 7.2.3: 256 bits of the system's randomness."""
    tokens = {sessions.begin(console, account_of(Role.OPERATOR)) for _ in range(50)}
    assert len(tokens) == 50
    assert all(len(token) >= 43 for token in tokens)
    dump = "\n".join(console.store.connection.iterdump())
    assert not [token for token in tokens if token in dump]


def test_a_session_ends_after_a_quarter_of_an_hour_without_a_press(
    client_as: Callable[..., Visitor], clockwork: Clockwork
) -> None:
    """WEB-05, ASVS 7.3.1."""
    visitor = client_as(Role.OPERATOR)
    for _ in range(3):
        clockwork.forward(sessions.IDLE_S)
        assert visitor.get("/account").status_code == 200
    clockwork.forward(sessions.IDLE_S + 1)
    assert visitor.get("/account").status_code == 303


def test_a_session_ends_after_eight_hours_whatever_is_pressed(client_as: Callable[..., Visitor], clockwork: Clockwork) -> None:
    """WEB-05, ASVS 7.3.2."""
    visitor, began = client_as(Role.OPERATOR), clockwork.now()
    while (clockwork.now() - began).total_seconds() < sessions.ABSOLUTE_S:
        assert visitor.get("/account").status_code == 200
        clockwork.forward(600)
    clockwork.forward(1)
    assert visitor.get("/account").status_code == 303


def test_a_clock_that_is_set_back_lengthens_no_session(client_as: Callable[..., Visitor], clockwork: Clockwork) -> None:
    visitor = client_as(Role.OPERATOR)
    clockwork.forward(-60)
    assert visitor.get("/account").status_code == 303


def test_disabling_an_account_ends_all_its_sessions_at_once(client_as: Callable[..., Visitor], console: Console) -> None:
    """WEB-05, ASVS 7.4.2."""
    desk = [client_as(Role.FRONT_DESK) for _ in range(3)]
    account = console.store.row("SELECT id FROM accounts WHERE role = 'front_desk'")[0]
    assert client_as(Role.OPERATOR).post(f"/accounts/{account}/disable").status_code == 303
    assert [one.get("/account").status_code for one in desk] == [303] * 3
    with pytest.raises(NotThere):
        accounts.invite(console, Role.FRONT_DESK, account)


def test_a_session_of_a_disabled_account_is_refused_even_if_its_row_survived(
    client_as: Callable[..., Visitor], console: Console
) -> None:
    """ASVS 7.4.2, the second line."""
    desk = client_as(Role.FRONT_DESK)
    console.store.run("UPDATE accounts SET disabled_at = 1 WHERE role = 'front_desk'")
    assert desk.get("/account").status_code == 303


def test_an_operator_can_end_somebodys_sessions_and_everybody_their_own(
    client_as: Callable[..., Visitor], console: Console
) -> None:
    """WEB-05, ASVS 7.4.5, 7.5.2."""
    desk, other = client_as(Role.FRONT_DESK), client_as(Role.FRONT_DESK)
    assert desk.post("/account/sessions/end").status_code == 303
    assert [one.get("/account").status_code for one in (desk, other)] == [200, 303]
    account = console.store.row("SELECT id FROM accounts WHERE role = 'front_desk'")[0]
    client_as(Role.OPERATOR).post(f"/accounts/{account}/sessions/end")
    assert desk.get("/account").status_code == 303


def test_signing_out_ends_the_session_on_the_server_too(client_as: Callable[..., Visitor]) -> None:
    """ASVS 7.4.1: a copy of the cookie opens nothing."""
    visitor = client_as(Role.OPERATOR)
    copy = Visitor(visitor.app).signed_in(visitor.cookie()[TOKEN])
    answer = visitor.post("/sign-out")
    assert answer.status_code == 303
    assert "cookies" in answer.headers["Clear-Site-Data"]
    assert copy.get("/account").status_code == 303


def test_the_last_operator_cannot_be_disabled_and_nobody_disables_themselves(
    client_as: Callable[..., Visitor], console: Console, account_of: Callable[..., int]
) -> None:
    operator = client_as(Role.OPERATOR)
    own = account_of(Role.OPERATOR)
    assert operator.post(f"/accounts/{own}/disable").status_code == 400
    with pytest.raises(BadInput, match="last operator"):
        accounts.disable(console, own)


def test_the_last_thing_to_sign_in_with_cannot_be_removed(owner: tuple[Visitor, Authenticator]) -> None:
    visitor, key = owner
    assert visitor.post(f"/account/passkeys/{key.id.hex()}/remove").status_code == 400
    second = Authenticator()
    page = visitor.get("/account")
    told = {"passkey_name": "second", "credential": second.make(options_of(page, "passkeys"))}
    assert visitor.post("/account/passkeys", told).status_code == 303
    assert visitor.post(f"/account/passkeys/{key.id.hex()}/remove").status_code == 303
    assert shows(Visitor(visitor.app), key).status_code == 400
    assert shows(Visitor(visitor.app), second).status_code == 303


def test_nobody_removes_a_passkey_of_somebody_else(
    owner: tuple[Visitor, Authenticator], client_as: Callable[..., Visitor]
) -> None:
    _, key = owner
    assert client_as(Role.AUDITOR).post(f"/account/passkeys/{key.id.hex()}/remove").status_code == 404


def test_a_new_password_ends_the_other_sessions_of_its_owner(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """ASVS 7.4.3."""
    secret, _ = operator
    here, there = Visitor(app), Visitor(app)
    sign_in(here, secret, clockwork)
    clockwork.forward(30)
    sign_in(there, secret, clockwork)
    fresh = secret_of(here.get("/account/password"))
    new = "eight herons count the harvest"
    told = {"password": new, "again": new, "code": code_at(fresh, clockwork)}
    assert here.post("/account/password", {**told, "again": "no"}).status_code == 400
    assert here.post("/account/password", {**told, "code": "000000"}).status_code == 400
    assert here.post("/account/password", told).status_code == 303
    assert [one.get("/account").status_code for one in (here, there)] == [200, 303]
    clockwork.forward(30)
    assert sign_in(Visitor(app), secret, clockwork).status_code == 400
    assert sign_in(Visitor(app), fresh, clockwork, password=new).status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "evil", "/\r\nX: y", "///e", ""],
)
def test_nobody_is_sent_elsewhere_after_signing_in(target: str) -> None:
    """ASVS 1.2.2, 3.7.2."""
    assert local(target) == ""
    assert local("/people?q=a") == "/people?q=a"
