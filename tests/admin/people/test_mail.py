"""E-mail: only where the office has a server, to the person's own address, and honest about a failure."""

import dataclasses
import socket
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from admin import codes, people
from admin.config import Smtp
from admin.console import Console
from admin.entries import Entry
from device.contract.console import Role
from tests.admin.conftest import Visitor, acts, words

PASSWORD = "a mail server's word"


class Box:
    """A mailbox, as the server's handler."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []
        self.refuses = False

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  (the library's word)
        if self.refuses:
            return "554 not today"
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        self.to.extend(envelope.rcpt_tos)
        return "250 taken"


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def server(box: Box) -> Iterator[Controller]:
    """A mail server on loopback that wants a password."""

    def right(_server: Any, _session: Any, _envelope: Any, _mechanism: str, told: Any) -> AuthResult:
        return AuthResult(success=isinstance(told, LoginPassword) and told.password == PASSWORD.encode(), handled=False)

    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port, authenticator=right, auth_require_tls=False, decode_data=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def smtp(server: Controller, tmp_path: Path) -> Smtp:
    """How the office reaches it."""
    (tmp_path / "mail.password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    return Smtp(
        host="127.0.0.1",
        port=server.port,
        sender="office@nord.example",
        starttls=False,
        user="office",
        password_file=tmp_path / "mail.password",
    )


@pytest.fixture
def desk(console: Console, client_as: Callable[..., Visitor], mira: UUID, smtp: Smtp) -> Visitor:
    """Somebody at the desk of an office with a mail server, with Mira's page open."""
    console.config = dataclasses.replace(console.config, smtp=smtp)
    desk = client_as(Role.FRONT_DESK)
    desk.post(f"/people/{mira}/reason", {"reason": "invitation"})
    return desk


def test_an_invitation_goes_to_the_persons_address_as_text_and_letter(
    console: Console, desk: Visitor, mira: UUID, box: Box
) -> None:
    assert "Send by e-mail" in words(desk.get(f"/people/{mira}"))
    assert desk.post(f"/people/{mira}/mail").status_code == 303
    code = codes.in_force(console, mira)
    assert code
    sent = box.mails[0]
    assert (box.to, sent["From"], sent["Subject"]) == (
        ["mira@example.org"],
        "office@nord.example",
        "Your invitation to Studio Nord",
    )
    body, (attached,) = sent.get_body(("plain",)), list(sent.iter_attachments())
    assert body
    assert code.spaced in body.get_content()
    assert "A face is never needed." in body.get_content()
    assert attached.get_content().startswith(b"%PDF")
    assert acts(console)[-1] == "person.mail"


def test_a_server_that_refuses_is_told_of_in_one_sentence(desk: Visitor, mira: UUID, box: Box) -> None:
    box.refuses = True
    answer = desk.post(f"/people/{mira}/mail")
    assert answer.status_code == 409
    assert "nothing was sent" in words(answer)
    assert box.mails == []


@pytest.mark.parametrize(
    "change", [{"starttls": True}, {"port": 9}, {"password_file": Path("/nowhere")}, {"password_file": Path(__file__)}]
)
def test_nothing_goes_out_when_the_server_is_not_as_the_settings_say(
    console: Console, desk: Visitor, mira: UUID, box: Box, change: dict[str, Any]
) -> None:
    """No password and no letter over a line that was to be sealed and is not."""
    assert console.config.smtp
    console.config = dataclasses.replace(console.config, smtp=dataclasses.replace(console.config.smtp, **change))
    assert desk.post(f"/people/{mira}/mail").status_code == 409
    assert box.mails == []


def test_without_an_address_or_a_server_nothing_is_offered_or_sent(
    console: Console, desk: Visitor, mira: UUID, studio: int, box: Box
) -> None:
    people.change(console, mira, Entry(name="Mira Sol", groups=frozenset({studio})))
    assert "Send by e-mail" not in words(desk.get(f"/people/{mira}"))
    assert desk.post(f"/people/{mira}/mail").status_code == 400
    people.change(console, mira, Entry(name="Mira Sol", email="mira@example.org", groups=frozenset({studio})))
    console.config = dataclasses.replace(console.config, smtp=None)
    assert "Send by e-mail" not in words(desk.get(f"/people/{mira}"))
    assert desk.post(f"/people/{mira}/mail").status_code == 400
    assert box.mails == []
    assert "person.mail" not in acts(console)
