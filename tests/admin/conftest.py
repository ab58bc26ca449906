"""A console in a folder of its own, its clock in a file, and people of every role who are signed in to it."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from admin import app as application
from admin import founding, sessions
from admin.console import Console
from admin.views.sign_in import TOKEN
from device.contract.console import Role

NOON = datetime(2030, 6, 12, 12, 0, tzinfo=UTC)
"""A Wednesday."""
ORIGIN = "https://localhost"


class Visitor:
    """A browser: keeps cookies, speaks HTTPS, sends the form key with whatever it posts."""

    def __init__(self, app: Flask, address: str = "192.0.2.7") -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.address = address

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(path, base_url=ORIGIN, buffered=True, environ_overrides={"REMOTE_ADDR": self.address}, **more)

    def post(self, path: str, data: dict[str, Any] | None = None, **more: Any) -> TestResponse:
        """Post a form as the page would."""
        headers = {"Referer": f"{ORIGIN}/", **more.pop("headers", {})}
        told = {"csrf_token": self.key(), **(data or {})}
        return self.client.post(
            path, data=told, base_url=ORIGIN, headers=headers, environ_overrides={"REMOTE_ADDR": self.address}, **more
        )

    def key(self) -> str:
        """The form key of this browser's session."""
        with self.client.session_transaction(base_url=ORIGIN) as cookie:
            cookie.setdefault("csrf_token", "a form's key")
            return str(URLSafeTimedSerializer(self.app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(cookie["csrf_token"]))

    def cookie(self) -> dict[str, Any]:
        """What the cookie holds."""
        with self.client.session_transaction(base_url=ORIGIN) as cookie:
            return dict(cookie)

    def signed_in(self, token: str) -> "Visitor":
        """With this session's cookie."""
        with self.client.session_transaction(base_url=ORIGIN) as cookie:
            cookie[TOKEN] = token
        return self


class Clockwork:
    """The office's clock, which stands until it is set."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.set(NOON)

    def set(self, now: datetime) -> None:
        self._path.write_text(str(int(now.timestamp())), encoding="ascii")

    def now(self) -> datetime:
        return datetime.fromtimestamp(int(self._path.read_text(encoding="ascii")), UTC)

    def forward(self, seconds: float) -> None:
        self._path.write_text(str(int(self.now().timestamp() + seconds)), encoding="ascii")


@pytest.fixture
def clockwork(tmp_path: Path) -> Clockwork:
    return Clockwork(tmp_path / "clock")


@pytest.fixture
def console(tmp_path: Path, clockwork: Clockwork) -> Iterator[Console]:
    """A new console of a made-up office."""
    made = founding.create(tmp_path / "console", **settings(clock=str(tmp_path / "clock")))
    assert made.clock.now() == clockwork.now()
    yield made
    made.store.close()


def settings(**more: Any) -> dict[str, Any]:
    """What stands in a console's file."""
    return {
        "office": "Studio Nord",
        "contact": "privacy@studio-nord.example",
        "zone": "Europe/Berlin",
        "preset": "EU",
        "name": "localhost",
        "host": "127.0.0.1",
        "port": 443,
        "simulated": True,
        **more,
    }


@pytest.fixture
def app(console: Console) -> Flask:
    return application.create_app(console)


@pytest.fixture
def stranger(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return Visitor(app)


@pytest.fixture
def account_of(console: Console) -> Callable[..., int]:
    """An account of this role, made at once; `name` where there are to be two of a role."""

    def account_of(role: Role, name: str | None = None) -> int:
        who = name or role.value.replace("_", " ").title()
        row = console.store.row("SELECT id FROM accounts WHERE name = ?", (who,))
        if row is None:
            made_at = int(console.clock.now().timestamp())
            console.store.run("INSERT INTO accounts (name, role, made_at) VALUES (?, ?, ?)", (who, role.value, made_at))
            row = console.store.row("SELECT id FROM accounts WHERE name = ?", (who,))
        return int(row[0])

    return account_of


@pytest.fixture
def client_as(app: Flask, console: Console, account_of: Callable[..., int]) -> Callable[..., Visitor]:
    """Somebody of this role, signed in and just proved."""

    def client_as(role: Role, name: str | None = None) -> Visitor:
        return Visitor(app).signed_in(sessions.begin(console, account_of(role, name)))

    return client_as


def words(answer: TestResponse) -> str:
    """What a page says, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())


def acts(console: Console) -> list[str]:
    """The names of every act in the audit log, in order."""
    return [act for (act,) in console.store.rows("SELECT act FROM audit ORDER BY number")]
