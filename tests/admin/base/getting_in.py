"""What getting in takes: what a page offers, and the answers of an app and of a passkey."""

import html
import re

import pyotp
from werkzeug.test import TestResponse

from tests.admin.base.authenticator import Authenticator
from tests.admin.conftest import Clockwork, Visitor

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


def sign_in(visitor: Visitor, secret: str, clockwork: Clockwork, password: str = GOOD, **more: str) -> TestResponse:
    told = {"name": "Anna Berg", "password": password, "code": code_at(secret, clockwork), **more}
    return visitor.post("/sign-in", told)


def shows(visitor: Visitor, key: Authenticator) -> TestResponse:
    return visitor.post("/sign-in/passkey", {"credential": key.show(options_of(visitor.get("/sign-in")))})
