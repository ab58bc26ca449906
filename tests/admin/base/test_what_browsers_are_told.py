"""Cookies, headers, other sites."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from admin import app as application
from admin import founding, headers
from admin.console import Console
from admin.views.sign_in import TOKEN
from device.contract.console import Role
from tests.admin.base.test_who_may import ask, asked_of, everything
from tests.admin.conftest import ORIGIN, Clockwork, Visitor, acts, settings

STATIC = Path(application.__file__).parent / "static"
TEMPLATES = Path(application.__file__).parent / "templates"


def test_the_one_cookie_is_secure_strict_and_out_of_reach_of_scripts(stranger: Visitor) -> None:
    """WEB-07, ASVS 3.3.1 to 3.3.4."""
    told = stranger.get("/sign-in").headers.getlist("Set-Cookie")
    assert len(told) == 1
    name, *rest = told[0].split("; ")
    assert name.startswith("__Host-byleave=")
    assert set(rest) == {"Secure", "HttpOnly", "Path=/", "SameSite=Strict"}


def test_every_answer_carries_every_header_and_is_not_kept(app: Flask, client_as: Callable[..., Visitor]) -> None:
    """WEB-08, ASVS 3.4.3 to 3.4.6, 14.3.2: pages, faults and refusals alike, for everybody."""
    visitors = [Visitor(app), *(client_as(role) for role in Role)]
    for visitor in visitors:
        for name, method, path in asked_of(app):
            if name == "account.sign_out" or name.startswith("link."):  # no browser asks the link's views
                continue
            answer = ask(visitor, method, path)
            for header, value in headers.ALWAYS.items():
                assert answer.headers[header] == value, (name, header)
            assert "no-store" in answer.headers["Cache-Control"] or name == "static", name
            assert "Server" not in answer.headers


def test_the_policy_of_contents_lets_nothing_in_from_elsewhere_and_nobody_frame_us() -> None:
    """WEB-08 and WEB-10, ASVS 3.4.3, 3.4.6; clickjacking."""
    policy = dict(part.split(" ", 1) for part in headers.CSP.split("; "))
    assert policy["default-src"] == policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {value for name, value in policy.items() if value != "'none'"} == {"'self'"}
    assert headers.ALWAYS["X-Frame-Options"] == "DENY"


def test_a_trusted_certificate_brings_hsts_for_a_year_and_our_own_does_not(tmp_path: Path, clockwork: Clockwork) -> None:
    """WEB-08, ASVS 3.4.1, with its documented exception: browsers must ignore HSTS under a certificate they do not trust."""
    del clockwork
    trusted = founding.create(
        tmp_path / "trusted", **settings(clock=str(tmp_path / "clock"), certificate="c.pem", certificate_key="k.pem")
    )
    own = founding.create(tmp_path / "own", **settings(clock=str(tmp_path / "clock")))
    sent = [
        application.create_app(office).test_client().get("/sign-in", base_url=ORIGIN).headers.get("Strict-Transport-Security")
        for office in (trusted, own)
    ]
    assert sent == ["max-age=31536000", None]
    trusted.store.close()
    own.store.close()


def test_a_host_that_is_not_ours_is_refused(app: Flask) -> None:
    """ASVS 4.1.4: a link is never made of a name somebody sent."""
    assert app.test_client().get("/sign-in", base_url="https://evil.example").status_code == 400


# --- other sites -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "more",
    [
        {"data": {"csrf_token": ""}},
        {"data": {"csrf_token": "forged"}},
        {"headers": {"Referer": "https://evil.example/"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"headers": {"Sec-Fetch-Site": "same-site"}},
    ],
    ids=["no key", "forged key", "referer", "cross-site", "same-site"],
)
def test_another_site_posts_nothing_even_with_our_cookie(
    app: Flask, client_as: Callable[..., Visitor], console: Console, more: dict[str, Any]
) -> None:
    """WEB-09, ASVS 3.5.1: every unsafe view, each line of defence by itself."""
    visitor = client_as(Role.OPERATOR)
    before = everything(console)
    for name, method, path in asked_of(app):
        if method == "POST" and not name.startswith("link."):
            answer = visitor.post(path, **more)
            assert answer.status_code in {400, 403}, (name, answer.status_code)
    assert everything(console) == before
    assert visitor.get("/account").status_code == 200


def test_a_form_key_of_somebody_else_is_refused(client_as: Callable[..., Visitor]) -> None:
    """WEB-09."""
    one, other = client_as(Role.OPERATOR), client_as(Role.FRONT_DESK)
    with one.client.session_transaction(base_url=ORIGIN) as cookie:
        cookie["csrf_token"] = "another key"
    assert other.post("/account/sessions/end", {"csrf_token": one.key()}).status_code == 400


def test_reading_changes_nothing(app: Flask, client_as: Callable[..., Visitor], console: Console) -> None:
    """WEB-09, ASVS 3.5.3: state changes by POST only; no other method is even known."""
    visitors = [client_as(role) for role in Role]
    before = everything(console, but=("audit",))
    for visitor in visitors:
        for name, method, path in asked_of(app):
            if method == "GET" and not name.startswith("link."):
                visitor.get(path)
    assert everything(console, but=("audit",)) == before
    assert set(acts(console)) == {"account.denied"}  # a refusal is written down, and that alone
    assert {rule_method for _, rule_method, _ in asked_of(app)} == {"GET", "POST"}


def test_a_page_asks_again_for_static_files_so_that_an_update_reaches_everybody(stranger: Visitor) -> None:
    first = stranger.get("/static/console.css")
    assert first.status_code == 200
    again = stranger.get("/static/console.css", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


# --- nothing from elsewhere ------------------------------------------------------------------------------------------


def test_no_page_style_or_script_names_another_host(app: Flask) -> None:
    """WEB-10, ASVS 3.6.1: the only addresses are names of XML."""
    del app
    known = {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    for path in [*STATIC.iterdir(), *TEMPLATES.iterdir()]:
        told = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\s\"'<>)]+", told)) <= known, path.name
        assert not re.findall(r"url\((?!['\"]?#)", told), path.name


def test_no_template_holds_a_style_or_a_script_of_its_own() -> None:
    """The headers forbid both, so that one would silently do nothing."""
    for path in TEMPLATES.glob("*.html"):
        told = path.read_text(encoding="utf-8")
        assert not re.findall(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"", told), path.name


def test_the_cookie_cannot_be_changed(client_as: Callable[..., Visitor]) -> None:
    """ASVS 7.2.1: verified on the server, by a signature and a table."""
    visitor = client_as(Role.OPERATOR)
    assert TOKEN in visitor.cookie()
    cookie = visitor.client.get_cookie(application.COOKIE, domain="localhost")
    assert cookie
    forged = cookie.value[:-4] + ("AAAA" if not cookie.value.endswith("AAAA") else "BBBB")
    visitor.client.set_cookie(application.COOKIE, forged, domain="localhost", secure=True)
    assert visitor.get("/account").status_code == 303
