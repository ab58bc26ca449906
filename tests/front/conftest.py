"""A kiosk for each test."""

import pytest

from tests.front.plays import Kiosk


@pytest.fixture
def kiosk() -> Kiosk:
    return Kiosk()
