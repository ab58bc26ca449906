"""The pages of signing in and of accounts in a real browser, over real TLS: passkeys, keyboard, both sizes, light and dark."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from admin import accounts, founding
from admin import approvals as second
from admin.actions import Act
from device.contract.console import Role
from tests.admin.conftest import settings
from tests.browser import barriers, places

SIZES = [(1366, 768), (390, 844)]
LEAST_PX = 24
"""WCAG 2.2, 2.5.8."""


@dataclass
class Running:
    """A console that answers, and one link that is good once."""

    url: str
    link: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with places.browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """`byleave admin run`, as an office runs it."""
    folder = tmp_path_factory.mktemp("office") / "console"
    office = founding.create(folder, **settings(port=0, simulated=False))
    query = "INSERT INTO accounts (name, role, made_at, password) VALUES (?, ?, 1700000000, 'x')"
    office.store.run(query, ("Mina Kaya", Role.PRIVACY_OFFICER))
    office.store.run(query, ("A Very Long Name-Of-Somebody With Several Parts, Doctor of Doors", Role.FRONT_DESK))
    second.ask(office, Act.BUDGET_CHANGE, '[null, {"to": 2000}]', accounts.one(office, 1))
    token = accounts.invite(office, Role.OPERATOR)
    office.store.close()
    command = [sys.executable, "-m", "device.cli.main", "admin", "run", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        told = re.search(r":(\d+)/", process.stdout.readline())
        assert told
        # The console names its own port only after it is open: here its origin is set to it and it starts once more.
        process.terminate()
        process.wait()
    settle(folder, int(told[1]))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert told[1] in process.stdout.readline()
        yield Running(f"https://localhost:{told[1]}", f"/welcome/{token}")
        process.terminate()
        _, said = process.communicate()
        assert said == ""


def settle(folder: Path, port: int) -> None:
    path = folder / "console.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("port = 0", f"port = {port}"), encoding="utf-8")


@pytest.fixture(scope="module")
def owner(browser: Browser, running: Running) -> Iterator[BrowserContext]:
    """A browser with a passkey of its own, signed in by the first link."""
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send(
        "WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}}
    )
    page.goto(running.url + running.link)
    looks_right(page)
    page.locator("#name").fill("Anna Berg")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url(lambda url: "/welcome/" not in url)
    yield context
    context.close()


def looks_right(page: Page) -> None:
    """Both sizes, light and dark: nothing axe finds, nothing cut off, nothing too small to press."""
    for width, height in SIZES:
        for dark in (False, True):
            page.set_viewport_size({"width": width, "height": height})
            page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
            assert barriers.found_by_axe(page) == [], (page.url, width, dark)
            assert barriers.clipped(page) == [], (page.url, width, dark)
            assert barriers.targets_under(page, LEAST_PX) == [], (page.url, width)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (page.url, width)


def test_the_page_that_signs_in(browser: Browser, running: Running) -> None:
    page = browser.new_page(ignore_https_errors=True)
    page.goto(running.url)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Sign in to Studio Nord.s console"))
    looks_right(page)
    page.close()


@pytest.mark.parametrize("path", ["/account", "/account/password", "/accounts", "/approvals", "/prove", "/nothing-here"])
def test_a_page_of_ones_own(owner: BrowserContext, running: Running, path: str) -> None:
    page = owner.pages[0]
    page.goto(running.url + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    looks_right(page)


def test_a_passkey_signs_out_and_in_again_and_proves(owner: BrowserContext, running: Running) -> None:
    """WEB-02, WEB-06: with the browser's own code."""
    page = owner.pages[0]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(running.url + "/account")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    expect(page).to_have_url(re.compile("/sign-in"))
    page.get_by_role("button", name="Use my passkey").click()
    expect(page.get_by_role("link", name="Anna Berg")).to_be_visible()
    page.goto(running.url + "/prove?next=/accounts")
    page.get_by_role("button", name="Use my passkey").click()
    page.wait_for_url(running.url + "/accounts")


def test_a_link_for_somebody_new_by_keyboard_alone(owner: BrowserContext, running: Running) -> None:
    page = owner.pages[0]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(running.url + "/accounts")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.get_by_role("radio", name="Auditor").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Make a link").focus()
    page.keyboard.press("Enter")
    expect(page.locator("code.secret")).to_contain_text(f"{running.url}/welcome/")
    looks_right(page)


def test_what_is_to_be_gone_asks_once_and_escape_shuts_it(owner: BrowserContext, running: Running) -> None:
    page = owner.pages[0]
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(running.url + "/accounts")
    more = page.locator("summary", has_text="More about Mina Kaya")
    more.focus()
    page.keyboard.press("Enter")
    disable = page.get_by_role("button", name="Disable this account").locator("visible=true")
    expect(disable).to_be_visible()
    looks_right(page)
    page.set_viewport_size({"width": 1366, "height": 768})
    page.keyboard.press("Escape")
    expect(disable).to_have_count(0)
    expect(more).to_be_focused()


def test_the_pages_work_without_scripts(browser: Browser, running: Running) -> None:
    context = browser.new_context(ignore_https_errors=True, java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto(running.url + "/sign-in")
    page.locator("#name").fill("Nobody")
    page.locator("#password").fill("nothing nothing nothing")
    page.locator("#code").fill("123456")
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("#password-no")).to_contain_text("do not belong together")
    expect(page.locator("#name")).to_have_value("Nobody")
    context.close()
