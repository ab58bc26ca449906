"""People who have something to sign in with."""

import pytest
from flask import Flask

from admin import accounts
from admin.console import Console
from device.contract.console import Role
from tests.admin.base.authenticator import Authenticator
from tests.admin.base.getting_in import GOOD, code_at, options_of, secret_of
from tests.admin.conftest import Clockwork, Visitor


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


@pytest.fixture
def owner(app: Flask, console: Console) -> tuple[Visitor, Authenticator]:
    """Somebody with a passkey, signed in."""
    link, visitor, key = f"/welcome/{accounts.invite(console, Role.OPERATOR)}", Visitor(app), Authenticator()
    visitor.post(link, {"name": "Anna Berg", "way": "passkey", "credential": key.make(options_of(visitor.get(link)))})
    return visitor, key
