"""One browser and one running door for each file of tests."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser import acts, places
from tests.browser.guest import By, Guest


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with places.browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[places.Door]:
    with places.running(tmp_path_factory.mktemp("door")) as door:
        yield door


@pytest.fixture(scope="module")
def kiosk() -> Iterator[acts.Kiosk]:
    with acts.playing() as kiosk:
        yield kiosk


@pytest.fixture
def come(browser: Browser) -> Iterator[Callable[..., Guest]]:
    """Somebody comes to a page; when they leave, their browser must have complained of nothing."""
    guests: list[Guest] = []

    def come(url: str, size: tuple[int, int] = (1024, 600), by: By = By.MOUSE, **more: bool) -> Guest:
        guest = Guest(browser, *size, by, **more)
        guests.append(guest)
        guest.page.goto(url)
        return guest

    yield come
    for guest in guests:
        guest.leave()
    assert [complaint for guest in guests for complaint in guest.complaints] == []
