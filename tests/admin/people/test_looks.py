"""The pages of people, groups and visitors as they are seen: wide and narrow, light and dark, by keyboard and by axe."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, ViewportSize, expect

from admin import app as application
from admin import doors, groups, people, requests, visitors
from admin.console import Console
from admin.entries import Entry
from admin.pages import LINES
from admin.people import Search
from device.contract.console import Language, Role
from tests.admin.conftest import NOON, Visitor
from tests.admin.people.conftest import added, collected
from tests.browser.barriers import clipped, found_by_axe, targets_under, text_under
from tests.browser.places import browsing, served

SIZES = {"wide": (1366, 768), "narrow": (390, 844)}
LOOKS = [
    pytest.param("wide", False, id="wide-light"),
    pytest.param("narrow", True, id="narrow-dark"),
    pytest.param("wide", True, id="wide-dark", marks=pytest.mark.long),
    pytest.param("narrow", False, id="narrow-light", marks=pytest.mark.long),
]
"""Both sizes and both schemes each time; all four together in the long run."""


@dataclass
class Office:
    """An office in the middle of its life, and the names of its pages."""

    app: Flask
    console: Console
    pages: dict[str, str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def nord(app: Flask, console: Console, a_door: Callable[..., UUID]) -> Office:
    """People of every standing, two groups, a request that presses, visitors of every stage."""
    front, yard = a_door("Front door"), a_door("Yard door")
    studio = groups.add(console, "Studio", {front: 0, yard: 0})
    workshop = groups.add(console, "Workshop", {yard: 0})
    both = frozenset({studio, workshop})
    mira = added(console, Entry(name="Mira Sol", email="mira@example.org", groups=both))
    for name, begins in (("Ana Núñez", None), ("Jonas Weiß", NOON.date()), ("Oluwaseun Adébáyọ̀-Richardson", None)):
        collected(console, added(console, Entry(name=name, language=Language.DE, begins_on=begins, groups=frozenset({studio}))))
    later = added(
        console, Entry(name="Petra Novák", begins_on=NOON.date().replace(month=9), ends_on=NOON.date().replace(year=2031))
    )
    ended = added(console, Entry(name="Tom Field", groups=both))
    people.end(console, ended)
    console.store.run("UPDATE endings SET confirmed_at = ? WHERE door = ?", (int(NOON.timestamp()), front.bytes))
    requests.note(console, mira, requests.Kind.ACCESS, NOON.date().replace(month=5, day=17))
    requests.note(console, later, requests.Kind.CORRECTION, NOON.date())
    guests = [visitors.fresh() for _ in range(3)]
    for guest, label, hours in zip(guests, ("Plumber, Miller & Son", "Board meeting", "Courier"), (0, 24, 0), strict=True):
        begins = NOON.replace(hour=8)
        visitors.add(console, guest, label, _later(begins, hours), _later(begins, hours + 9), (front, yard))
    visitors.take_back(console, guests[2])
    return Office(
        app,
        console,
        {
            "people": "/people/",
            "nobody": "/people/?words=zzz",
            "new": "/people/new",
            "reason": f"/people/{mira}/reason",
            "person": f"/people/{mira}",
            "ended": f"/people/{ended}",
            "later": f"/people/{later}",
            "change": f"/people/{mira}/change",
            "import": "/people/import",
            "letters": "/people/letters",
            "groups": "/people/groups/",
            "group": f"/people/groups/{studio}",
            "visitors": "/visitors/",
            "visitor": f"/visitors/{guests[0]}",
            "back": f"/visitors/{guests[2]}",
            "guest": "/visitors/new",
        },
    )


def _later(begins: datetime, hours: int) -> datetime:
    return begins + timedelta(hours=hours)


@contextmanager
def sitting(
    browser: Browser, nord: Office, desk: Visitor, size: tuple[int, int], *, dark: bool = False, script: bool = True
) -> Iterator[Page]:
    """Somebody signed in before a browser of this size, their pages served on loopback."""
    with served(lambda _: nord.app) as port:
        context = browser.new_context(
            viewport=ViewportSize(width=size[0], height=size[1]),
            color_scheme="dark" if dark else "light",
            base_url=f"http://localhost:{port}",
            java_script_enabled=script,
        )
        cookie = desk.client.get_cookie(application.COOKIE, domain="localhost")
        assert cookie
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}])
        page = context.new_page()
        try:
            yield page
        finally:
            context.close()


@pytest.fixture
def desk(nord: Office, client_as: Callable[..., Visitor]) -> Visitor:
    """An operator who has opened the pages of three people."""
    desk = client_as(Role.OPERATOR)
    for name in ("person", "ended", "later"):
        desk.post(f"{nord.pages[name]}/reason", {"reason": "question"})
    return desk


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_every_page_is_clean_at_every_size_in_light_and_dark(
    browser: Browser, nord: Office, desk: Visitor, size: str, dark: bool
) -> None:
    """TRA-10: WCAG 2.2 AA as axe checks it; nothing cut off, nothing smaller than can be read or pressed."""
    with sitting(browser, nord, desk, SIZES[size], dark=dark) as page:
        assert _wrong(page, nord.pages) == {}


def _wrong(page: Page, paths: dict[str, str]) -> dict[str, object]:
    """What is wrong with which page."""
    found: dict[str, object] = {}
    for name, path in paths.items():
        page.goto(path)
        assert page.url.endswith(path)
        for sheet in page.locator("details.confirm > summary", has_text="at once").all():
            sheet.click()
        # On a phone a table's heading is there for screen readers only.
        cut = [what for what in clipped(page) if not what.startswith(": ")]
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
        wrong = (found_by_axe(page), cut, wide, targets_under(page, 24), text_under(page, 14))
        if any(wrong):
            found[name] = wrong
    return found


@pytest.fixture
def large(nord: Office) -> Office:
    """The same office with more doors and groups than a page holds, and a group that opens most of them."""
    halls = [doors.add(nord.console, f"Hall {number:02}", None) for number in range(LINES)]
    every = groups.add(nord.console, "Everywhere", dict.fromkeys(halls, 0))
    for number in range(LINES):
        groups.add(nord.console, f"Team {number:02}", {})
    nord.pages |= {
        "overview": "/",
        "doors": "/doors/",
        "no doors": "/doors/?words=zzz&state=silent",
        "groups": "/people/groups/?page=2",
        "everywhere": f"/people/groups/{every}?page=2",
        "new group": "/people/groups/new",
    }
    return nord


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_the_pages_of_a_large_office_are_clean_too(browser: Browser, large: Office, desk: Visitor, size: str, dark: bool) -> None:
    """TRA-10."""
    names = ("overview", "doors", "no doors", "group", "groups", "everywhere", "new group")
    with sitting(browser, large, desk, SIZES[size], dark=dark) as page:
        assert _wrong(page, {name: large.pages[name] for name in names}) == {}


@pytest.mark.parametrize("script", [False, pytest.param(True, marks=pytest.mark.long)])
def test_doors_among_many_are_found_and_given_to_a_group_by_keyboard_alone(
    browser: Browser, large: Office, desk: Visitor, script: bool
) -> None:
    with sitting(browser, large, desk, SIZES["wide"], script=script) as page:
        page.goto(large.pages["group"])
        keys = page.keyboard
        page.get_by_role("searchbox", name="Door").focus()
        keys.type("hall 1")
        keys.press("Enter")
        page.wait_for_url("**words=hall+1*")
        _tab_to(page, "All 14 at once")
        keys.press("Enter")
        keys.press("Tab")
        expect(page.get_by_label("When it opens them")).to_be_focused()
        keys.type("Alw")
        _tab_to(page, "Write it down for all")
        keys.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Written down for 14 doors")
        expect(page.get_by_role("heading", level=1)).to_have_text("Studio opens 16 doors.")


def test_somebody_is_added_and_ended_by_keyboard_alone(browser: Browser, nord: Office, desk: Visitor) -> None:
    with sitting(browser, nord, desk, SIZES["wide"]) as page:
        page.goto("/people/new")
        keys = page.keyboard
        page.get_by_label("Name").focus()
        keys.type("Kim Lee")
        _tab_to(page, "Studio")
        keys.press("Space")
        _tab_to(page, "Add this person")
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Kim Lee has a code until 19 June 2030.")
        _tab_to(page, "End Kim Lee")
        keys.press("Enter")
        _tab_to(page, "End now")
        keys.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Kim Lee has ended; 2 doors have still to confirm.")
        expect(page.get_by_role("status")).to_contain_text("Ended.")
    assert people.find(nord.console, Search(words="kim"))[1] == 0


def test_a_letter_can_be_taken_twice(browser: Browser, nord: Office, desk: Visitor) -> None:
    """A form is sent once, except where a file comes and the page stays."""
    with sitting(browser, nord, desk, SIZES["wide"]) as page:
        page.goto(nord.pages["person"])
        for _ in range(2):
            with page.expect_download() as taken:
                page.get_by_role("button", name="Letter as PDF").click()
            assert taken.value.suggested_filename == "invitation.pdf"


def _tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        at = "e => (e.closest('label') ?? e).innerText.trim()"
        if page.evaluate(f"({at})(document.activeElement)") == name:
            return
    raise AssertionError(f"No way by keyboard to {name}.")


@pytest.mark.parametrize("size", SIZES)
def test_a_file_is_looked_at_and_added_in_the_browser(browser: Browser, nord: Office, desk: Visitor, size: str) -> None:
    """What was looked at is what is added; the file's text comes through the page unchanged."""
    text = 'name,email,groups\n"Ríos, Ana",ana@example.org,Studio\n,nothing,Nowhere\nBo,,Studio|Workshop\n'
    with sitting(browser, nord, desk, SIZES[size]) as page:
        page.goto("/people/import")
        page.get_by_label("File").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": text.encode()})
        page.get_by_role("button", name="Look at it").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("2 people can be added; 1 line cannot.")
        assert found_by_axe(page) == []
        assert [what for what in clipped(page) if not what.startswith(": ")] == []
        page.get_by_role("button", name="Add 2 people, leave out 1").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("3 people wait for a letter.")
    assert [person.entry.name for person in people.find(nord.console, Search(words="rios"))[0]] == ["Ríos, Ana"]
