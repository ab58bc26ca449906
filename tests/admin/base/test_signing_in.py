"""Getting in: links, passkeys, passwords with codes, throttling, sessions."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from admin import accounts, passwords, sessions, throttle
from admin import app as application
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.views.sign_in import TOKEN, local
from device.contract.console import Role
from tests.admin.base.authenticator import PRESENT, Authenticator
from tests.admin.conftest import Clockwork, Visitor, acts, words

GOOD = "seven otters file the ledger"


def options_of(answer: TestResponse, action: str = "") -> str:
    """What a page's passkey form asks the browser for."""
    page = answer.get_data(as_text=True)
    form = re.search(rf'<form[^>]*{action}[^>]*data-options="([^"]*)"', page)
    assert form
    return html.unescape(form[1])


def secret_of(answer: TestResponse) -> str:
    """What a page offers an authenticator app."""
    shown = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', answer.get_data(as_text=True))
    assert shown
    return shown[1].replace(" ", "")


def code_at(secret: str, clockwork: Clockwork, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(clockwork.now(), counter_offset=steps)


@pytest.fixture
def operator(app: Flask, console: Console, clockwork: Clockwork) -> tuple[str, int]:
    """An operator with a password; the app's secret and the account."""
    link = f"/welcome/{accounts.invite(console, Role.OPERATOR)}"
    visitor = Visitor(app)
    secret = secret_of(visitor.get(link))
    told = {"name": "Anna Berg", "password": GOOD, "again": GOOD, "code": code_at(secret, clockwork)}
    assert visitor.post(link, told).status_code == 303
    clockwork.forward(60)
    return secret, console.store.row("SELECT id FROM accounts")[0]


def sign_in(visitor: Visitor, secret: str, clockwork: Clockwork, password: str = GOOD, **more: str) -> TestResponse:
    told = {"name": "Anna Berg", "password": password, "code": code_at(secret, clockwork), **more}
    return visitor.post("/sign-in", told)


# --- links -----------------------------------------------------------------------------------------------------------


def test_a_new_console_has_no_account_and_its_first_link_is_random_short_lived_and_good_once(
    app: Flask, console: Console, clockwork: Clockwork
) -> None:
    """WEB-03: no default credentials; the first-run link."""
    assert accounts.everyone(console) == []
    first, second = (accounts.invite(console, Role.OPERATOR) for _ in range(2))
    assert first != second
    assert len(first) >= 43  # 256 bits
    kept = console.store.rows("SELECT digest FROM welcomes")
    assert first.encode() not in b"".join(row[0] for row in kept)
    visitor, key = Visitor(app), Authenticator()
    link = f"/welcome/{first}"
    answer = visitor.post(link, {"name": "Anna", "way": "passkey", "credential": key.make(options_of(visitor.get(link)))})
    assert answer.status_code == 303
    assert visitor.get("/account").status_code == 200
    assert visitor.get(link).status_code == 404
    assert visitor.post(link, {"name": "Eve", "way": "passkey", "credential": "{}"}).status_code == 404
    clockwork.forward(accounts.WELCOME_S - 1)
    assert Visitor(app).get(f"/welcome/{second}").status_code == 200
    clockwork.forward(1)
    assert Visitor(app).get(f"/welcome/{second}").status_code == 404
    assert [one.role for one in accounts.everyone(console)] == [Role.OPERATOR]


def test_a_link_that_was_only_looked_at_is_still_good(app: Flask, console: Console) -> None:
    """A mail program that follows links uses none up."""
    link = f"/welcome/{accounts.invite(console, Role.AUDITOR)}"
    assert [Visitor(app).get(link).status_code for _ in range(3)] == [200, 200, 200]


def test_two_who_use_one_link_make_one_account(console: Console) -> None:
    token = accounts.invite(console, Role.AUDITOR)
    seen = accounts.welcome(console, token)
    accounts.accept(console, seen, "First", password=GOOD, totp="A" * 32)
    with pytest.raises(NotThere):
        accounts.accept(console, seen, "Second", password=GOOD, totp="A" * 32)
    assert [one.name for one in accounts.everyone(console)] == ["First"]


def test_a_link_for_an_account_takes_away_what_it_signed_in_with_before(
    app: Flask, console: Console, operator: tuple[str, int], clockwork: Clockwork
) -> None:
    secret, account = operator
    inside = Visitor(app)
    sign_in(inside, secret, clockwork)
    assert inside.get("/account").status_code == 200
    link, visitor, key = f"/welcome/{accounts.invite(console, Role.AUDITOR, account)}", Visitor(app), Authenticator()
    page = visitor.get(link)
    assert "Welcome back, Anna Berg" in words(page)
    assert visitor.post(link, {"way": "passkey", "credential": key.make(options_of(page))}).status_code == 303
    assert accounts.everyone(console)[0].role is Role.OPERATOR  # a link never changes a role
    assert inside.get("/account").status_code == 303
    clockwork.forward(60)
    assert sign_in(Visitor(app), secret, clockwork).status_code == 400


# --- passwords -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("a" * 14, "at least 15"),
        ("mv7#Kp2!xQ9zLd", "at least 15"),
        ("x" * 129, "128 characters at most"),
        ("aaaaaaaaaaaaaaa", "easily guessed"),
        ("passwordpassword1", "easily guessed"),
        ("byleavebyleave1", "easily guessed"),
    ],
)
def test_a_password_that_is_short_long_or_easily_guessed_is_not_taken(password: str, sentence: str) -> None:
    """WEB-01, ASVS 6.2.1, 6.2.4."""
    with pytest.raises(BadInput, match=sentence):
        passwords.check(password)


def test_the_common_passwords_are_more_than_three_thousand_and_none_of_them_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """WEB-01, ASVS 6.2.4: the top 3,000 are checked by themselves, whatever their length."""
    assert len(passwords._COMMON) >= 3_000
    monkeypatch.setattr(passwords, "LEAST", 1)
    for one in sorted(passwords._COMMON)[:2_000]:
        with pytest.raises(BadInput, match="common"):
            passwords.check(one.upper())


@pytest.mark.parametrize(
    "password", [GOOD, "x7" * 8 + "q" + "z9-" * 37, "ein Haus   aus Möhren & Käse 🧀", "wwqz mnbt plkj hgfd"]
)
def test_any_characters_make_a_password_and_no_kind_is_asked_for(password: str) -> None:
    """WEB-01, ASVS 6.2.5, 6.2.9: no composition rules, at least 64 characters, spaces and all of Unicode."""
    passwords.check(password)
    assert passwords.matches(passwords.hashed(password), password)
    assert not passwords.matches(passwords.hashed(password), password[:-1])


def test_a_password_may_be_pasted_and_is_never_due(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """WEB-01, ASVS 6.2.7, 6.2.10: no script stands in the way of pasting; no rotation."""
    page = Visitor(app).get("/sign-in").get_data(as_text=True)
    assert 'autocomplete="current-password"' in page
    assert "paste" not in page
    secret, _ = operator
    clockwork.forward(timedelta(days=3 * 365).total_seconds())
    assert sign_in(Visitor(app), secret, clockwork).status_code == 303


def test_a_password_is_kept_as_argon2id_and_nothing_else(console: Console, operator: tuple[str, int]) -> None:
    """ASVS 11.4.2."""
    kept, totp = console.store.row("SELECT password, totp FROM accounts")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert operator[0].encode() not in totp


# --- two factors -----------------------------------------------------------------------------------------------------


def test_a_password_without_a_code_signs_nobody_in(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """WEB-02, ASVS 6.3.3: no second factor, no session."""
    secret, _ = operator
    for code in ("", "000000", code_at(secret, clockwork, -5), code_at(secret, clockwork, 5), "é" * 6, "1" * 5_000):
        visitor = Visitor(app)
        answer = visitor.post("/sign-in", {"name": "Anna Berg", "password": GOOD, "code": code})
        assert answer.status_code == 400
        assert TOKEN not in visitor.cookie()
    assert sign_in(Visitor(app), secret, clockwork, password="seven otters file the ledgers").status_code == 400


def test_a_code_is_good_once(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """ASVS 6.5.1: nobody who saw it typed can type it again, nor an older one."""
    secret, _ = operator
    assert sign_in(Visitor(app), secret, clockwork).status_code == 303
    assert sign_in(Visitor(app), secret, clockwork).status_code == 400
    assert sign_in(Visitor(app), secret, clockwork, code=code_at(secret, clockwork, -1)).status_code == 400
    clockwork.forward(30)
    assert sign_in(Visitor(app), secret, clockwork).status_code == 303


def test_an_account_without_a_password_is_not_opened_by_one(app: Flask, account_of: Callable[..., int]) -> None:
    account_of(Role.OPERATOR, "Anna Berg")
    assert Visitor(app).post("/sign-in", {"name": "Anna Berg", "password": "", "code": ""}).status_code == 400


def test_the_page_says_the_same_for_a_name_that_is_known_and_one_that_is_not(
    app: Flask, operator: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 6.3.8: the same words, and the same work."""
    del operator
    worked: list[str] = []
    verify = passwords._verify
    monkeypatch.setattr(passwords, "_verify", lambda kept, password: (worked.append(kept[:20]), verify(kept, password))[1])
    told = {"password": "wrong wrong wrong wrong", "code": "123456"}
    answers = [Visitor(app).post("/sign-in", {"name": name, **told}) for name in ("Anna Berg", "Nobody Here")]
    said = [re.sub(r'value="[^"]*"|data-options="[^"]*"', "", answer.get_data(as_text=True)) for answer in answers]
    assert said[0] == said[1]
    assert len(worked) == 2
    assert worked[0] == worked[1]


# --- passkeys --------------------------------------------------------------------------------------------------------


@pytest.fixture
def owner(app: Flask, console: Console) -> tuple[Visitor, Authenticator]:
    """Somebody with a passkey, signed in."""
    link, visitor, key = f"/welcome/{accounts.invite(console, Role.OPERATOR)}", Visitor(app), Authenticator()
    visitor.post(link, {"name": "Anna Berg", "way": "passkey", "credential": key.make(options_of(visitor.get(link)))})
    return visitor, key


def shows(visitor: Visitor, key: Authenticator) -> TestResponse:
    return visitor.post("/sign-in/passkey", {"credential": key.show(options_of(visitor.get("/sign-in")))})


def test_a_passkey_signs_in_without_a_name(app: Flask, owner: tuple[Visitor, Authenticator]) -> None:
    """WEB-02, ASVS 6.3.3, 6.5: phishing-resistant, verified by its owner."""
    visitor = Visitor(app)
    assert shows(visitor, owner[1]).status_code == 303
    assert "Anna Berg" in words(visitor.get("/account"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"flags": PRESENT},  # the device did not verify who holds it
        {"origin": "https://localhost.example"},
        {"origin": "http://localhost"},
        {"host": "elsewhere"},
        {"id": bytes(32)},
        {"key": Authenticator().key},
        {"counter": -2},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_passkey_that_is_wrong_in_one_part_signs_nobody_in(
    app: Flask, owner: tuple[Visitor, Authenticator], wrong: dict[str, Any]
) -> None:
    """ASVS 6.5: user verification, origin, relying party, key, counter."""
    _, key = owner
    key.counter = 5
    assert shows(Visitor(app), key).status_code == 303
    for name, value in wrong.items():
        setattr(key, name, value)
    key.counter = max(key.counter, 0)
    visitor = Visitor(app)
    assert shows(visitor, key).status_code == 400
    assert TOKEN not in visitor.cookie()


def test_an_answer_is_good_once_for_five_minutes_and_for_what_it_was_asked(
    app: Flask, owner: tuple[Visitor, Authenticator], clockwork: Clockwork
) -> None:
    """ASVS 6.7.2: challenges of our own, unique, short-lived."""
    inside, key = owner
    visitor = Visitor(app)
    asked = options_of(visitor.get("/sign-in"))
    answer = {"credential": key.show(asked)}
    assert visitor.post("/sign-in/passkey", answer).status_code == 303
    key.counter += 100
    assert Visitor(app).post("/sign-in/passkey", {"credential": key.show(asked)}).status_code == 400
    assert Visitor(app).post("/sign-in/passkey", answer).status_code == 400
    asked = options_of(visitor.get("/sign-in"))
    assert inside.post("/prove", {"proof_credential": key.show(asked)}).status_code == 400
    clockwork.forward(301)
    assert Visitor(app).post("/sign-in/passkey", {"credential": key.show(asked)}).status_code == 400


@given(
    st.text(max_size=200)
    | st.sampled_from(["{}", "[]", "null", '{"id":1}', '{"response":{"clientDataJSON":"e30"}}', "[" * 9_000])
)
def test_no_answer_of_a_browser_is_a_fault_of_ours(answer: str) -> None:
    """WEB-13."""
    _RUNNING[0].client.get("/sign-in", base_url="https://localhost")
    clean = answer.encode("utf-8", "ignore").decode()
    _RUNNING[0].app.extensions[application.THROTTLE]._failed.clear()
    assert _RUNNING[0].post("/sign-in/passkey", {"credential": clean}).status_code == 400


_RUNNING: list[Visitor] = []


@pytest.fixture(autouse=True)
def _running(stranger: Visitor) -> None:
    _RUNNING[:] = [stranger]


def test_a_console_at_a_bare_address_offers_no_passkeys(tmp_path: Any, clockwork: Clockwork) -> None:
    """Passkeys are good for names; the password with codes is there instead (WEB-02)."""
    from admin import founding  # noqa: PLC0415  (one test's own console)
    from tests.admin.conftest import settings  # noqa: PLC0415

    del clockwork
    office = founding.create(tmp_path / "bare", **settings(name="192.0.2.1", clock=str(tmp_path / "clock")))
    flask = application.create_app(office)
    page = flask.test_client().get("/sign-in", base_url="https://192.0.2.1").get_data(as_text=True)
    assert "passkey" not in page.replace("passkey.js", "")
    assert 'name="password"' in page
    office.store.close()


# --- throttling ------------------------------------------------------------------------------------------------------


def test_after_five_failures_each_try_waits_longer_and_the_wait_ends(
    app: Flask, console: Console, operator: tuple[str, int], clockwork: Clockwork
) -> None:
    """WEB-04, ASVS 6.3.1: brute force is slowed down to nothing, without an end that never comes."""
    secret, _ = operator
    visitor = Visitor(app)
    for _ in range(throttle.PAIR.free):
        assert "do not belong together" in words(sign_in(visitor, secret, clockwork, password="wrong"))
    assert "Too many tries" in words(sign_in(visitor, secret, clockwork))
    assert acts(console).count("account.sign_in_failed") == throttle.PAIR.free
    waited = 0
    for more in range(1, 8):
        clockwork.forward(2 ** (more - 1))
        waited += 2 ** (more - 1)
        assert "do not belong together" in words(sign_in(visitor, secret, clockwork, password="wrong")), more
    clockwork.forward(throttle.PAIR.wait_most_s)
    assert sign_in(visitor, secret, clockwork).status_code == 303
    assert waited == 127


def test_nobody_can_lock_somebody_else_out(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """WEB-04: a flood at a name from many addresses costs its owner at most a minute at their own."""
    secret, _ = operator
    held = app.extensions[application.THROTTLE]
    for number in range(500):
        held.failed("anna berg", f"198.51.100.{number}")
    own = Visitor(app, "192.0.2.50")
    assert "Too many tries" in words(sign_in(own, secret, clockwork))
    clockwork.forward(throttle.NAME.wait_most_s)
    assert sign_in(own, secret, clockwork).status_code == 303


def test_a_flood_at_a_name_does_not_touch_its_passkey(app: Flask, owner: tuple[Visitor, Authenticator]) -> None:
    """WEB-04."""
    for number in range(500):
        app.extensions[application.THROTTLE].failed("Anna Berg", f"198.51.100.{number}")
    assert shows(Visitor(app, "192.0.2.50"), owner[1]).status_code == 303


def test_one_address_cannot_try_many_names(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    secret, _ = operator
    visitor = Visitor(app)
    for number in range(throttle.ADDRESS.free):
        app.extensions[application.THROTTLE].failed(f"name {number}", visitor.address)
    assert "Too many tries" in words(sign_in(visitor, secret, clockwork))
    assert sign_in(Visitor(app, "192.0.2.50"), secret, clockwork).status_code == 303


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.integers(0, 2_000)), max_size=60))
def test_no_order_of_failures_makes_a_wait_above_its_cap(tries: list[tuple[str, str, int]]) -> None:
    """WEB-04: never for good, whatever was tried; and what is kept is bounded."""
    now = [0.0]
    held = throttle.Throttle(lambda: now[0])
    for name, address, later_s in tries:
        held.failed(name, address)
        now[0] += later_s
        assert 0 <= held.wait_s(name, address) <= throttle.PAIR.wait_most_s
    now[0] += throttle.PAIR.wait_most_s
    assert held.wait_s("a", "x") == 0


def test_what_the_throttle_keeps_is_bounded() -> None:
    held = throttle.Throttle(lambda: 0.0)
    for number in range(throttle.ENTRIES_MOST):
        held.failed(f"n{number}", f"a{number}")
    assert len(held._failed) == throttle.ENTRIES_MOST


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
