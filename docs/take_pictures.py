"""Takes the pictures of the documentation: a throw-away demo door, and somebody who walks through it with a browser.

Badge and PIN in the pictures are that door's, and gone with it. Run: make screenshots
"""

import contextlib
import sqlite3
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from device.cli import sample
from device.cli.visitor import Visitor, read_qr
from tests.browser import places
from tests.browser.guest import Guest

PICTURES = Path(__file__).parent / "pictures"
SIZE = (1024, 600)
COUNTS = (0, 0, 0, 0, 0, 0, 8, 21, 17, 9, 7, 14, 16, 8, 7, 9, 12, 6, 0, 0, 0, 0, 0, 0)
STILL = "document.getAnimations().forEach(moving => moving.finish())"


def main() -> None:
    """Walk, and take a picture at each station."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, places.running(Path(folder)) as door, places.browsing() as browser:
        door.stage.put("grace")
        guest = Guest(browser, *SIZE)
        guest.page.goto(door.stage_page)
        take(guest, "stage")
        guest.page.goto(door.kiosk)
        visit(guest, door)
        guest.leave()
        by_night(browser, door)
        in_the_office(Path(folder), browser, door)


def visit(guest: Guest, door: places.Door) -> None:
    """One person, from the invitation to the withdrawal."""
    guest.until("Idle")
    take(guest, "idle")
    guest.press("I have an invitation")
    guest.until("CodePad")
    guest.type(door.invite())
    guest.until("Issued")
    take(guest, "issued")
    pin = guest.page.locator(".pin data").inner_text()
    badge = read_qr(guest.page.locator(".paper").screenshot())
    if badge is None:
        raise SystemExit("The badge on the screen cannot be read.")
    guest.press("I have both, go on")
    guest.until("Choice")
    take(guest, "choice")
    guest.press("My face too")
    guest.until("Notice")
    take(guest, "notice")
    guest.act(guest.page.get_by_role("checkbox"))
    guest.hold("Hold to agree", then="Sitting")
    guest.until("Kept")
    guest.finish("Done")
    guest.press("Use my face")
    guest.until("Opened")
    take(guest, "opened")
    guest.finish("Done")
    door.stage.put("eileen")
    guest.press("Use my face")
    guest.page.locator(".ring.seen.fine").wait_for()
    take(guest, "looking")
    guest.until("NotKnown")
    guest.finish("Back to the start")
    door.stage.hold_up(badge)
    guest.press("What this door knows about me")
    guest.until("Keypad")
    guest.type(pin)
    guest.until("Personal")
    take(guest, "personal")
    guest.hold("Hold to withdraw", then="Gone")
    take(guest, "gone")
    guest.finish("Done")


def by_night(browser: Browser, door: places.Door) -> None:
    """The disc in the dark scheme."""
    guest = Guest(browser, *SIZE, dark=True)
    door.stage.put("eileen")
    guest.page.goto(door.kiosk)
    guest.until("Idle")
    guest.press("Use my face")
    guest.page.locator(".ring.seen.fine").wait_for()
    take(guest, "looking-dark")
    guest.leave()


def in_the_office(folder: Path, browser: Browser, door: places.Door) -> None:
    """The console's first page, paired with the door; its counts are made up, for nobody comes in while a picture is taken."""
    settings = door.settings
    with sample.running(folder / "console", settings.site.name) as console, Visitor(door.kiosk) as kiosk:
        clerk = sample.fill(console, settings, kiosk).clerk
        hour = int(time.time()) // 3600
        with contextlib.closing(sqlite3.connect(console.folder / "console.db", timeout=5)) as database, database:
            (front,) = database.execute("SELECT id FROM doors").fetchone()
            counts = [(front, (hour - back) * 3600, COUNTS[(hour - back) % 24]) for back in range(24)]
            database.executemany("INSERT OR REPLACE INTO hourly VALUES (?, ?, ?)", counts)
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1366, "height": 768})
        context.add_cookies(
            [{"name": name, "value": value, "url": clerk.origin, "secure": True} for name, value in clerk.cookies.items()]
        )
        page = context.new_page()
        page.goto(clerk.origin)
        while page.get_by_text("does not answer").count():
            page.wait_for_timeout(2000)
            page.reload()
        page.screenshot(path=PICTURES / "console.png")
        page.goto(f"{clerk.origin}/people/")
        page.screenshot(path=PICTURES / "console-people.png")
        context.close()
        clerk.close()


def take(guest: Guest, name: str) -> None:
    """One picture, nothing in it moving."""
    guest.page.evaluate(STILL)
    guest.page.screenshot(path=PICTURES / f"{name}.png")


if __name__ == "__main__":
    main()
