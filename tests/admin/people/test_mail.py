"""E-mail: only where the office has a server, to the person's own address, and honest about a failure."""

import dataclasses
import email
import email.policy
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import AsyncMessage, Message

from admin import codes, people
from admin.config import Smtp
from admin.console import Console
from device.contract.console import Role
from tests.admin.conftest import Visitor, acts, words


class Box(Message):
    """A mailbox."""

    def __init__(self) -> None:
        super().__init__()
        self.mails: list[email.message.EmailMessage] = []

    def handle_message(self, message: email.message.Message) -> None:
        parsed = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
        assert isinstance(parsed, email.message.EmailMessage)
        self.mails.append(parsed)


@pytest.fixture
def box() -> Box:
    return Box()
