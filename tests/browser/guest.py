"""Somebody at the screen: finds things by their names, as people and screen readers do, by finger, mouse or keys.

Whatever the browser complains of on the way is kept, and no walk may end with a complaint.
"""

import contextlib
import re
from enum import StrEnum
from typing import Final

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, ViewportSize, expect

SLOW_MS: Final = 30_000
"""More than any scene takes to come; nothing here is decided by how fast the machine is."""
ENTRY: Final = "#digits"
WATCH: Final = """window.discs = [];
new MutationObserver(() => {
  const ring = document.querySelector('.ring.seen');
  if (ring) window.discs.push(['--x', '--y', '--w'].map(name => ring.style.getPropertyValue(name)).join(' '));
  const picture = document.querySelector('img, picture, video, canvas, object, embed, iframe');
  if (picture) console.error('Something a picture can be shown in: ' + picture.outerHTML);
}).observe(document, { childList: true, attributes: true, attributeFilter: ['style'], subtree: true });"""
"""Writes down every place of the disc, and complains of whatever could show a camera's picture (MIN-04); codes are SVG."""


class By(StrEnum):
    """How the screen is worked."""

    FINGER = "finger"
    MOUSE = "mouse"
    KEYS = "keys"


class Guest:
    """One page in one browser, at one size."""

    def __init__(
        self, browser: Browser, width: int, height: int, by: By = By.MOUSE, *, dark: bool = False, calm: bool = False
    ) -> None:
        self.by = by
        self.context = browser.new_context(
            viewport=ViewportSize(width=width, height=height),
            has_touch=by is By.FINGER,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if calm else "no-preference",
        )
        self.context.add_init_script(WATCH)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(SLOW_MS)
        self.complaints: list[str] = []
        self.page.on("pageerror", self._broke)
        self.page.on("console", self._said)

    def leave(self) -> None:
        """Walk away."""
        self.context.close()

    def until(self, name: str) -> Locator:
        """Wait for this scene."""
        scene = self.page.locator(f'.scene[data-name="{name}"]')
        expect(scene).to_be_visible(timeout=SLOW_MS)
        return scene

    def button(self, words: str) -> Locator:
        """The button whose name begins with these words."""
        return self.page.get_by_role("button", name=re.compile(f"^{re.escape(words)}"))

    def press(self, words: str) -> None:
        """Press a button."""
        self.act(self.button(words))

    def act(self, what: Locator) -> None:
        """Work one thing the way this person does."""
        if self.by is By.FINGER:
            what.tap()
        elif self.by is By.MOUSE:
            what.click()
        else:
            what.focus()
            self.page.keyboard.press("Space" if what.get_attribute("type") == "checkbox" else "Enter")

    def type(self, digits: str) -> None:
        """Type on the keypad that is shown: its keys, or the keyboard's."""
        if self.by is By.KEYS:
            self.page.keyboard.type(digits)
        else:
            for digit in digits:
                self.act(self.button(digit))
        expect(self.page.locator(ENTRY)).to_have_value(digits)
        if self.by is By.KEYS:
            self.page.keyboard.press("Enter")
        else:
            self.press("Enter")

    def discs(self) -> set[str]:
        """Every place the disc was at since this was asked last."""
        return set(self.page.evaluate("window.discs.splice(0)"))

    def hold(self, words: str, then: str) -> None:
        """Hold a button until this scene comes."""
        grip = self.button(words)
        grip.scroll_into_view_if_needed()
        if self.by is By.KEYS:
            grip.focus()
            self.page.keyboard.down("Space")
            self.until(then)
            self.page.keyboard.up("Space")
            return
        box = grip.bounding_box()
        assert box
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        if self.by is By.MOUSE:
            self.page.mouse.move(x, y)
            self.page.mouse.down()
            self.until(then)
            self.page.mouse.up()
        else:
            finger = self.context.new_cdp_session(self.page)
            finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
            self.until(then)
            finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
            finger.detach()

    def finish(self, words: str) -> None:
        """Press the last button of a scene, if it has not gone home by itself."""
        last, idle = self.button(words), self.page.locator('.scene[data-name="Idle"]')
        expect(last.or_(idle).first).to_be_visible(timeout=SLOW_MS)
        if last.count():
            with contextlib.suppress(Error):  # it went just now
                last.click(timeout=1_000)
        self.until("Idle")

    def _broke(self, error: Error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")
