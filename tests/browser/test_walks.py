"""Whole visits at a real door in a real browser: real networks, real processes, portraits before the camera."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from device.cli.visitor import read_qr
from tests.browser import acts, barriers
from tests.browser.guest import By, Guest
from tests.browser.places import Door

Come = Callable[..., Guest]
KIOSK, LAPTOP, PHONE = (1024, 600), (1366, 768), (390, 844)


class Visit:
    """One person at the kiosk."""

    def __init__(self, door: Door, guest: Guest) -> None:
        self.door = door
        self.guest = guest
        self.pin = ""
        self.badge = b""

    def sees(self, scene: str) -> None:
        """The scene; at a kiosk, whole on the screen."""
        self.guest.until(scene)
        page = self.guest.page
        if page.viewport_size != {"width": PHONE[0], "height": PHONE[1]}:
            assert not barriers.scrolls(page)

    def collects(self) -> None:
        """An invitation becomes a badge and a PIN."""
        self.sees("Idle")
        self.guest.press("I have an invitation")
        self.sees("CodePad")
        self.guest.type(self.door.invite())
        self.sees("Issued")
        self.pin = self.guest.page.locator(".pin data").inner_text()
        self.badge = self.photographs()
        self.guest.press("I have both, go on")
        self.sees("Choice")
        assert self.pin not in self.guest.page.content()

    def photographs(self) -> bytes:
        """The code on the screen, as a telephone reads it."""
        payload = read_qr(self.guest.page.locator(".paper").screenshot())
        assert payload
        return payload

    def agrees(self) -> None:
        """Not without the tick; then held."""
        self.guest.press("My face too")
        self.sees("Notice")
        tick = self.guest.page.get_by_role("checkbox")
        expect(tick).not_to_be_checked()
        self.guest.press("Hold to agree")
        expect(tick).to_be_focused()
        self.guest.act(tick)
        expect(tick).to_be_checked()
        self.guest.hold("Hold to agree", then="Sitting")
        self.sees("Kept")

    def opens_by_pin(self) -> None:
        """One wrong, one right."""
        self.sees("Idle")
        self.guest.press("PIN")
        self.sees("Keypad")
        self.guest.type(str((int(self.pin) + 1) % 10 ** len(self.pin)).zfill(len(self.pin)))
        expect(self.guest.page.locator("#outcome")).to_have_text("That isn't the PIN. ")
        self.guest.type(self.pin)
        self.sees("Opened")
        self.guest.finish("Done")

    def withdraws(self) -> None:
        """Badge, PIN, one held button; nobody else is asked."""
        self.door.stage.hold_up(self.badge)
        self.guest.press("What this door knows about me")
        self.sees("Keypad")
        self.guest.type(self.pin)
        self.sees("Personal")
        self.guest.hold("Hold to withdraw", then="Gone")
        self.sees("Gone")


@pytest.mark.parametrize(
    ("size", "by"), [(KIOSK, By.FINGER), (LAPTOP, By.MOUSE), (PHONE, By.KEYS)], ids=["touch", "mouse", "keys"]
)
def test_a_person_says_yes_opens_by_face_and_takes_it_back(come: Come, door: Door, size: tuple[int, int], by: By) -> None:
    """CON-02, CON-05, CON-07, ALT-04, TRA-08, DEL-08: by finger at the kiosk, by mouse, and by keys alone."""
    visit = Visit(door, guest := come(door.kiosk, size, by))
    visit.collects()
    door.stage.put("grace")
    visit.agrees()
    assert guest.discs()
    if size != PHONE:  # there a screenshot has too few pixels for so long a code; the saved picture has enough
        assert len(visit.photographs()) == pytest.approx(len(acts.RECEIPT), rel=0.3)
    guest.finish("Done")

    guest.press("Use my face")
    visit.sees("Opened")
    guest.finish("Done")

    door.stage.put("eileen")
    guest.press("Use my face")
    visit.sees("NotKnown")
    guest.finish("Back to the start")

    visit.opens_by_pin()
    visit.withdraws()
    guest.finish("Done")


def test_the_badge_a_screen_shows_is_as_long_as_the_one_drawn_in_the_tests_of_every_scene(come: Come, door: Door) -> None:
    visit = Visit(door, come(door.kiosk))
    visit.collects()
    assert len(visit.badge) == len(acts.BADGE)
    visit.guest.finish("Decide later")


def test_whoever_declines_opens_by_badge(come: Come, door: Door) -> None:
    """ALT-02, ALT-06."""
    visit = Visit(door, guest := come(door.kiosk, KIOSK, By.FINGER))
    visit.collects()
    guest.press("Badge and PIN")
    visit.sees("Idle")
    door.stage.hold_up(visit.badge)
    guest.press("Show my badge")
    visit.sees("Opened")
    guest.finish("Done")


def test_the_disc_follows_the_face_while_the_door_looks_and_the_light_is_on(come: Come, door: Door) -> None:
    """TRA-08: the screen says that the camera is on, and where it sees a face; it never shows one (MIN-04)."""
    guest = come(door.kiosk)
    camera = guest.page.get_by_text("camera on")
    door.stage.put("both")
    guest.until("Idle")
    expect(camera).to_have_count(0)
    guest.press("Use my face")
    expect(camera).to_be_visible()
    aside = guest.discs()
    while not aside:
        guest.page.wait_for_timeout(20)
        aside = guest.discs()
    door.stage.put("eileen")
    guest.until("NotKnown")
    assert guest.discs() - aside
    guest.finish("Back to the start")
    expect(camera).to_have_count(0)


def test_a_saved_receipt_is_the_one_on_the_screen(come: Come, door: Door) -> None:
    """DEL-08, CON-10."""
    visit = Visit(door, guest := come(door.kiosk, LAPTOP))
    visit.collects()
    guest.press("Decide later")
    visit.withdraws()
    with guest.page.expect_download() as picture:
        guest.act(guest.page.get_by_role("link", name="Save picture"))
    with guest.page.expect_download() as text:
        guest.act(guest.page.get_by_role("link", name="Save text"))
    assert read_qr(picture.value.path().read_bytes()) == visit.photographs()
    assert "receipt" in json.loads(text.value.path().read_bytes())
    guest.finish("Done")
