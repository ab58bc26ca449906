"""The office's pages as they are seen: wide and narrow, light and dark, by mouse, by keyboard and without a script."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from admin import app as application
from admin import audit, custodians, doors, groups, holidays, hours, incidents, marks, notices, settings, times
from admin.actions import Act
from admin.console import Console
from admin.link import pairing
from device.contract.console import CommandKind, Language, Reason, Role
from tests.admin.conftest import NOON, Visitor
from tests.admin.office.conftest import standing
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
As = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture
def pages(console: Console) -> dict[Role, list[str]]:
    """An office in the middle of its life, and who looks at which of its pages."""
    custodians.create(console)
    run, now = console.store.run, NOON
    front = standing(console, doors.add(console, "Front door", None), now)
    group = doors.one(console, front).group
    back = standing(console, doors.add(console, "Back door", group), now, eyes=0)
    silent = standing(console, doors.add(console, "Workshop", None), now - timedelta(hours=3))
    new = doors.add(console, "Archive", group)
    tested = standing(console, doors.add(console, "Garage", None), now, testing=1)
    gone = standing(console, doors.add(console, "Old shed", None), now)
    doors.retire(console, gone, now)
    run("INSERT INTO alarms (door, alarm, at) VALUES (?, 'eyes_down', ?)", (back.bytes, times.seconds(now) - 600))
    for hour in range(1, 25):
        run("INSERT INTO hourly VALUES (?, ?, ?)", (front.bytes, times.seconds(now) - hour * 3600, max(0, 30 - hour * 2)))
    run("INSERT INTO answers VALUES (?, ?, NULL, 1)", (front.bytes, times.seconds(now) - 86_400))
    office, _ = hours.keep(console, None, "Office hours", False, hours.typed(["8-12, 13-18:30"] * 4 + ["8:15-15", "", ""]))
    groups.add(console, "Staff", {front: office, back: 0})
    holidays.add(console, holidays.calendar("DE", "BE", 2030)[-3:], now.date())
    ada = uuid4()
    run("INSERT INTO people VALUES (?, 'Ada Lovelace', NULL, 'fr', NULL, NULL, 0, NULL)", (ada.bytes,))
    marks.mark(console, (front,), marks.Kind.PERSON, ada.bytes)
    notices.begin(console, now)
    notices.publish(console, now)
    notices.begin(console, now)
    notices.write(console, Language.DE, notices.suggested(Language.DE), now)
    settings.change(console, "template_days", 180, now + timedelta(seconds=1))
    incidents.ask(console, front, Reason.THEFT, now - timedelta(hours=12), now - timedelta(hours=4), now)
    run("INSERT INTO released_days VALUES (1, 22077, x'00')")
    incidents.ask_evidence(console, ada, now)
    doors.tell(console, front, CommandKind.OPEN_ONCE, now)
    audit.write(console, Act.DOOR_OPEN, role=Role.OPERATOR, subject=front)
    each = [f"/doors/{door}" for door in (front, back, silent, new, tested, gone)]
    return {
        Role.OPERATOR: [
            *("/", "/doors/", *each, "/doors/new", f"/doors/{new}/pairing", f"/doors/{front}/pairing", "/hours/", "/hours/new"),
            *(f"/hours/{office}", "/hours/holidays", "/hours/holidays?country=DE&part=BY&year=2030", "/settings/"),
        ],
        Role.PRIVACY_OFFICER: [
            *("/notices/", "/notices/draft/en", "/notices/draft/fr", "/notices/1/en", "/notices/2/de", "/incidents/"),
            *("/incidents/new", "/incidents/evidence?name=ada", "/incidents/custodians", "/audit/", "/settings/"),
        ],
    }


@contextmanager
def sitting(browser: Browser, desk: Visitor, size: str = "wide", *, dark: bool = False, script: bool = True) -> Iterator[Page]:
    """Somebody signed in before a browser of this size, their pages served on loopback; it complains of nothing."""
    width, height = SIZES[size]
    with served(lambda _: desk.app) as port:
        context = browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            color_scheme="dark" if dark else "light",
            base_url=f"http://localhost:{port}",
            java_script_enabled=script,
        )
        cookie = desk.client.get_cookie(application.COOKIE, domain="localhost")
        assert cookie
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": "https://localhost", "secure": True}])
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        try:
            yield page
        finally:
            context.close()
        assert complaints == []


@pytest.mark.parametrize(("size", "dark"), LOOKS)
def test_every_page_is_clean_at_every_size_in_light_and_dark(
    browser: Browser, pages: dict[Role, list[str]], client_as: As, size: str, dark: bool
) -> None:
    """TRA-10: WCAG 2.2 AA as axe checks it; nothing cut off, nothing smaller than can be read or pressed."""
    found: dict[str, object] = {}
    for role, paths in pages.items():
        with sitting(browser, client_as(role), size, dark=dark) as page:
            for path in paths:
                page.goto(path)
                for sheet in page.locator("details.confirm > summary, details.more > summary").all()[:1]:
                    sheet.click()
                # On a phone a table's heading is there for screen readers only.
                cut = [what for what in clipped(page) if not what.startswith(": ")]
                wide = page.evaluate("document.documentElement.scrollWidth > innerWidth + 1")
                wrong = (found_by_axe(page), cut, wide, targets_under(page, 24), text_under(page, 14))
                if any(wrong):
                    found[path] = wrong
    assert found == {}


# --- the week --------------------------------------------------------------------------------------------------------


def cell(page: Page, day: int, half_hour: int) -> Locator:
    return page.locator(f'[role="gridcell"][data-day="{day}"][data-column="{half_hour}"]')


def drag(page: Page, begins: Locator, ends: Locator) -> None:
    """From the middle of one cell to the middle of another, slowly enough to pass others."""
    for each in (begins, ends):
        each.scroll_into_view_if_needed()
    (first, last) = (one.bounding_box() for one in (begins, ends))
    assert first
    assert last
    page.mouse.move(first["x"] + first["width"] / 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2, steps=6)
    page.mouse.up()


def lines(page: Page) -> list[str]:
    return [page.locator(f"#day{day}").input_value() for day in range(7)]


@pytest.mark.parametrize("size", SIZES)
def test_a_week_is_drawn_by_dragging(browser: Browser, client_as: As, console: Console, size: str) -> None:
    """What is dragged over is marked or cleared alike, also backwards; and it is what is kept."""
    with sitting(browser, client_as(Role.OPERATOR), size) as page:
        page.goto("/hours/new")
        drag(page, cell(page, 0, 16), cell(page, 4, 33))
        assert lines(page) == ["08:00-17:00"] * 5 + ["", ""]
        drag(page, cell(page, 4, 25), cell(page, 0, 24))
        assert lines(page) == ["08:00-12:00, 13:00-17:00"] * 5 + ["", ""]
        expect(page.locator("#week-said")).to_have_text("Monday: 08:00-12:00, 13:00-17:00")
        page.get_by_label("Name").fill("Office")
        page.get_by_role("button", name="Keep these hours").click()
        page.wait_for_url("**/hours/")
    (kept,) = hours.every(console)
    assert kept.lines == ("08:00-12:00, 13:00-17:00",) * 5 + ("", "")


def test_a_stroke_drawn_back_takes_back_what_it_passed(browser: Browser, client_as: As) -> None:
    with sitting(browser, client_as(Role.OPERATOR)) as page:
        page.goto("/hours/new")
        cell(page, 6, 0).click()
        assert lines(page)[6] == "00:00-00:30", "a press without a stroke marks one"
        cell(page, 6, 0).click()
        page.locator("#day2").fill("10-11")
        far, near = cell(page, 3, 40), cell(page, 0, 17)
        cell(page, 0, 16).hover()
        page.mouse.down()
        far.hover()
        near.hover()
        page.mouse.up()
        assert lines(page) == ["08:00-09:00", "", "10:00-11:00", "", "", "", ""]


@pytest.mark.parametrize("size", SIZES)
def test_a_week_is_drawn_by_keyboard(browser: Browser, client_as: As, size: str) -> None:
    """On a phone the hours go down and the days stand side by side; the arrows go as it looks."""
    on, next_day = ("ArrowRight", "ArrowDown") if size == "wide" else ("ArrowDown", "ArrowRight")
    with sitting(browser, client_as(Role.OPERATOR), size) as page:
        page.goto("/hours/new")
        page.get_by_label("Name").focus()
        page.keyboard.press("Tab")
        expect(cell(page, 0, 16)).to_be_focused()
        page.keyboard.press("Space")
        for _ in range(3):
            page.keyboard.press(f"Shift+{on}")
        page.keyboard.press(next_day)
        page.keyboard.press("Space")
        assert lines(page)[:2] == ["08:00-10:00", "09:30-10:00"]
        expect(cell(page, 1, 19)).to_have_attribute("aria-label", "Tuesday 09:30 open")
        page.keyboard.press("Space")
        assert lines(page)[:2] == ["08:00-10:00", ""]
        page.keyboard.press("Home")
        expect(cell(page, 1, 0)).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator("#day0")).to_be_focused()


def test_what_is_typed_is_drawn_and_quarters_are_not_lost(browser: Browser, client_as: As) -> None:
    with sitting(browser, client_as(Role.OPERATOR)) as page:
        page.goto("/hours/new")
        page.locator("#day0").fill("8:15-9, 22-2")
        expect(cell(page, 0, 16)).to_have_class("part")
        expect(cell(page, 0, 17)).to_have_class("open")
        expect(cell(page, 1, 3)).to_have_class("open")
        page.locator("#day0").fill("8:15-9, 22-")
        expect(cell(page, 0, 17)).to_have_class("open")  # what cannot be read yet changes nothing
        page.locator("#day0").fill("8:15-9")
        drag(page, cell(page, 0, 20), cell(page, 0, 21))
        assert lines(page)[0] == "08:15-09:00, 10:00-11:00"


def test_what_the_grid_reads_is_what_the_console_reads(browser: Browser, client_as: As) -> None:
    """Two readers of one line: they may not differ."""
    with sitting(browser, client_as(Role.OPERATOR)) as page:
        page.goto("/hours/new")
        for line in ("8-18", "08:15 – 12.00; 13 to 17:30", "22:00-6:00", "18-0", "0-24", "8-9,9-10", "23:59-0:01"):  # noqa: RUF001  # as people type it
            page.locator("#day6").fill(line)
            page.evaluate("for (let day = 0; day < 7; day++) write(day)")
            assert hours.typed(lines(page)) == hours.typed([""] * 6 + [line]), line
            for day in range(7):
                page.locator(f"#day{day}").fill("")


def test_without_a_script_the_lines_are_enough(browser: Browser, client_as: As, console: Console) -> None:
    with sitting(browser, client_as(Role.OPERATOR), script=False) as page:
        page.goto("/hours/new")
        expect(page.locator("#week")).to_be_hidden()
        page.get_by_label("Name").fill("Office")
        page.get_by_label("Monday").fill("8-12")
        page.get_by_role("button", name="Keep these hours").click()
    assert [kept.lines[0] for kept in hours.every(console)] == ["08:00-12:00"]


# --- pairing ---------------------------------------------------------------------------------------------------------


def test_the_digits_come_by_themselves_and_are_compared_by_pressing(
    browser: Browser, client_as: As, console: Console, app: Flask, pages: dict[Role, list[str]]
) -> None:
    assert pages
    door = next(door.id for door in doors.every(console) if door.name == "Archive")
    desk = client_as(Role.INSTALLER)
    with sitting(browser, desk) as page:
        page.goto(f"/doors/{door}/pairing")
        page.get_by_role("button", name="Make a ticket").click()
        expect(page.get_by_role("heading", name="Waiting for the door")).to_be_visible()
        line = page.locator("#line").inner_text()
        assert re.fullmatch(r"byleave device pair byleave:127\.0\.0\.1:443:[0-9a-f]{64}:[\w-]{22}", line)
        digits = _meet(app, door, line)
        expect(page.locator(".digits [aria-hidden]")).to_have_text(f"{digits[:3]} {digits[3:]}", timeout=10_000)
        assert found_by_axe(page) == []
        page.get_by_role("button", name="The same").click()
        expect(page.get_by_role("heading", name="Now at the door")).to_be_visible()
    with app.app_context():
        assert pairing.pairings().stage(door) == pairing.Stage.WAITING


def _meet(app: Flask, door: UUID, line: str) -> str:
    """A door comes with this ticket and tells its number; the digits."""
    secret = urlsafe_b64decode(line.rsplit(":", 1)[1] + "==")
    device, link, nonce = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
    with app.app_context():
        here = pairing.pairings()
        assert here.met(secret, device, link, pairing.committed(device, link, nonce), peopled=False)
        assert here.revealed(secret, nonce)
        digits = here.digits(door)
    assert digits
    return digits
