"""Getting in: links, passwords with codes, throttling."""

import re
from collections.abc import Callable
from datetime import timedelta

import gevent
import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from admin import accounts, passwords, throttle
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.views.sign_in import THROTTLE, TOKEN, local
from device.contract.console import Role
from tests.admin.base.authenticator import Authenticator
from tests.admin.base.getting_in import GOOD, code_at, options_of, secret_of, shows, sign_in
from tests.admin.conftest import Clockwork, Visitor, acts, words

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
    seen, chosen = accounts.welcome(console, token), accounts.Chosen(password="", totp=b"", step=0)
    accounts.accept(console, seen, "First", password=chosen)
    with pytest.raises(NotThere):
        accounts.accept(console, seen, "Second", password=chosen)
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


def test_the_code_that_showed_the_app_at_the_beginning_is_used_up(app: Flask, console: Console, clockwork: Clockwork) -> None:
    """ASVS 6.5.1: good once, at the set-up too, whether by a link or on one's own page."""
    link, inside = f"/welcome/{accounts.invite(console, Role.OPERATOR)}", Visitor(app)
    for page in (link, "/account/password"):
        secret = secret_of(inside.get(page))
        told = {"name": "Anna Berg", "password": GOOD, "again": GOOD, "code": code_at(secret, clockwork)}
        assert inside.post(page, told).status_code == 303
        assert sign_in(Visitor(app), secret, clockwork).status_code == 400
        clockwork.forward(30)
        assert sign_in(Visitor(app), secret, clockwork).status_code == 303


def test_the_slow_work_of_a_password_is_done_before_the_transaction_that_keeps_it(
    console: Console, owner: tuple[Visitor, Authenticator], clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WEB-12: others are answered meanwhile, on the one connection, and nothing of theirs is in this transaction."""
    inside, hashed, open_ = owner[0], passwords.hashed, []

    def slowly(password: str) -> str:
        open_.append(console.store.connection.in_transaction)
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", slowly)
    for page in (f"/welcome/{accounts.invite(console, Role.AUDITOR)}", "/account/password"):
        code = code_at(secret_of(inside.get(page)), clockwork)
        assert inside.post(page, {"name": "Bo", "password": GOOD, "again": GOOD, "code": code}).status_code == 303
    assert open_ == [False, False]


def test_an_account_that_ended_while_its_password_was_worked_on_gets_none(
    console: Console, account_of: Callable[..., int]
) -> None:
    ended = account_of(Role.AUDITOR)
    accounts.disable(console, ended)
    with pytest.raises(NotThere):
        accounts.set_password(console, ended, accounts.Chosen(password="x", totp=b"", step=0))
    assert console.store.row("SELECT password FROM accounts") == (None,)


def test_an_account_without_a_password_is_not_opened_by_one(app: Flask, account_of: Callable[..., int]) -> None:
    account_of(Role.OPERATOR, "Anna Berg")
    assert Visitor(app).post("/sign-in", {"name": "Anna Berg", "password": "", "code": ""}).status_code == 400


def test_nobodys_password_is_nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """What stands in for an account that is not there opens nothing, even if it were guessed."""
    kept = passwords.hashed(GOOD)
    monkeypatch.setattr(passwords, "_nobodys", lambda: kept)
    assert passwords.matches(kept, GOOD)
    assert not passwords.matches(None, GOOD)


def test_the_page_says_the_same_for_a_name_that_is_known_and_one_that_is_not(
    app: Flask, operator: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ASVS 6.3.8: the same words, and the same work."""
    del operator
    worked: list[str] = []
    verify = passwords._verify

    def counting(kept: str, password: str) -> bool:
        worked.append(kept[:20])
        return verify(kept, password)

    monkeypatch.setattr(passwords, "_verify", counting)
    told = {"password": "wrong wrong wrong wrong", "code": "123456"}
    answers = [Visitor(app).post("/sign-in", {"name": name, **told}) for name in ("Anna Berg", "Nobody Here")]
    said = [re.sub(r'value="[^"]*"|data-options="[^"]*"', "", answer.get_data(as_text=True)) for answer in answers]
    assert said[0] == said[1]
    assert len(worked) == 2
    assert worked[0] == worked[1]


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
    clockwork.forward(15 * 60)
    assert sign_in(visitor, secret, clockwork).status_code == 303
    assert waited == 127


def test_nobody_can_lock_somebody_else_out(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    """WEB-04: a flood at a name from many addresses costs its owner at most a minute at their own."""
    secret, _ = operator
    held = app.extensions[THROTTLE]
    for number in range(500):
        held.failed("anna berg", f"198.51.100.{number}")
    own = Visitor(app, "192.0.2.50")
    assert "Too many tries" in words(sign_in(own, secret, clockwork))
    clockwork.forward(60)  # what the module's docstring says, not what a constant happens to be
    assert sign_in(own, secret, clockwork).status_code == 303


def test_a_flood_at_a_name_does_not_touch_its_passkey(app: Flask, owner: tuple[Visitor, Authenticator]) -> None:
    """WEB-04."""
    for number in range(500):
        app.extensions[THROTTLE].failed("Anna Berg", f"198.51.100.{number}")
    assert shows(Visitor(app, "192.0.2.50"), owner[1]).status_code == 303


def test_one_address_cannot_try_many_names(app: Flask, operator: tuple[str, int], clockwork: Clockwork) -> None:
    secret, _ = operator
    visitor = Visitor(app)
    for number in range(throttle.ADDRESS.free):
        app.extensions[THROTTLE].failed(f"name {number}", visitor.address)
    assert "Too many tries" in words(sign_in(visitor, secret, clockwork))
    assert sign_in(Visitor(app, "192.0.2.50"), secret, clockwork).status_code == 303


def test_many_tries_at_once_are_no_more_than_one_after_the_other(
    app: Flask, operator: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """WEB-04: a try counts from its beginning, not when its password has been compared."""
    del operator
    compared: list[str] = []

    def waiting(kept: str | None, password: str) -> bool:
        compared.append(password)
        gevent.sleep(0)
        return kept is None and not password

    monkeypatch.setattr(passwords, "matches", waiting)
    told = {"name": "Anna Berg", "password": "wrong", "code": "1"}
    gevent.joinall([gevent.spawn(Visitor(app).post, "/sign-in", told) for _ in range(20)], raise_error=True)
    assert len(compared) == throttle.PAIR.free


def test_no_name_is_nobodys_to_lock(app: Flask, owner: tuple[Visitor, Authenticator]) -> None:
    """WEB-04: failed passkeys from many addresses shut no passkey out elsewhere, only at theirs."""
    for number in range(500):
        app.extensions[THROTTLE].failed("", f"198.51.100.{number % 10}")
    assert shows(Visitor(app, "192.0.2.50"), owner[1]).status_code == 303
    assert "Too many tries" in words(Visitor(app, "198.51.100.1").post("/sign-in/passkey", {"credential": "{}"}))


def test_a_failure_counts_for_a_day_and_a_success_makes_good_one_of_its_address() -> None:
    """WEB-04: an office behind one address is not held back by last month's typing errors, nor by today's few."""
    now = [0.0]
    held = throttle.Throttle(lambda: now[0])
    for number in range(40):
        held.failed(f"name {number}", "x")
    assert held.wait_s("new", "x") > 0
    now[0] = throttle.FORGET_S
    held.failed("new", "x")
    assert held.wait_s("other", "x") == 0
    for number in range(100):  # one fails, one succeeds, all day long
        held.failed(f"name {number}", "x")
        held.failed("Anna", "x")
        held.succeeded("Anna", "x")
        assert held.wait_s("other", "x") == 0
    for number in range(30):
        held.failed(f"again {number}", "x")
    held.failed("Anna", "x")
    held.succeeded("Anna", "x")
    assert held.wait_s("other", "x") > 0  # an account of one's own is no way to try all others


@pytest.mark.parametrize("target", ["//[", "http://[x", "https://evil.example/", "//evil.example", "/\\evil.example", "/a\nb"])
def test_an_address_that_is_not_ours_or_none_at_all_leads_nowhere(stranger: Visitor, target: str) -> None:
    assert local(target) == ""
    assert stranger.get("/sign-in", query_string={"next": target}).status_code == 200


@settings(deadline=None)
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
