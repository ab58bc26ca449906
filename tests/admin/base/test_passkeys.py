"""Getting in by a passkey."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import app as application
from admin.views.sign_in import THROTTLE, TOKEN
from tests.admin.base.authenticator import PRESENT, Authenticator
from tests.admin.base.getting_in import options_of, shows
from tests.admin.conftest import Clockwork, Visitor, words

# --- passkeys --------------------------------------------------------------------------------------------------------


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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(
    st.text(st.characters(codec="utf-8"), max_size=200)
    | st.sampled_from(["{}", "[]", "null", '{"id":1}', '{"response":{"clientDataJSON":"e30"}}', "[" * 9_000])
)
def test_no_answer_of_a_browser_is_a_fault_of_ours(stranger: Visitor, answer: str) -> None:
    """WEB-13."""
    stranger.app.extensions[THROTTLE]._failed.clear()
    assert stranger.post("/sign-in/passkey", {"credential": answer}).status_code == 400


def test_a_console_at_a_bare_address_offers_no_passkeys(tmp_path: Any, clockwork: Clockwork) -> None:
    """Passkeys are good for names; the password with codes is there instead (WEB-02)."""
    from admin import founding  # noqa: PLC0415  (one test's own console)
    from tests.admin.conftest import settings as told  # noqa: PLC0415  # used here only

    del clockwork
    office = founding.create(tmp_path / "bare", **told(name="192.0.2.1", clock=str(tmp_path / "clock")))
    flask = application.create_app(office)
    page = flask.test_client().get("/sign-in", base_url="https://192.0.2.1").get_data(as_text=True)
    assert "passkey" not in page.replace("passkey.js", "")
    assert 'name="password"' in page
    office.store.close()
