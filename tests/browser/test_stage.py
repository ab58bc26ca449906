"""The page that says who stands before the simulated camera."""

import io
from collections.abc import Callable

import pytest
import segno
from playwright.sync_api import FilePayload, expect

from tests.browser import barriers
from tests.browser.guest import By, Guest
from tests.browser.places import Door

Come = Callable[..., Guest]


@pytest.mark.parametrize("size", [(1024, 600), (1366, 768), (390, 844)], ids=str)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_stage_has_no_barrier_at_any_size(come: Come, door: Door, size: tuple[int, int], dark: bool) -> None:
    guest = come(door.stage_page, size, dark=dark)
    assert barriers.found_by_axe(guest.page) == []
    assert barriers.targets_under(guest.page, 44) == []
    assert barriers.text_under(guest.page, 18) == []
    assert barriers.clipped(guest.page) == []


@pytest.mark.parametrize("by", list(By))
def test_whoever_is_chosen_stands_there(come: Come, door: Door, by: By) -> None:
    guest = come(door.stage_page, by=by)
    for words, who in (("Grace Hopper", "grace"), ("Nobody", "nobody")):
        guest.press(words)
        expect(guest.button(words)).to_have_attribute("aria-pressed", "true")
        assert door.stage.who() == who


def test_a_saved_badge_is_held_up_and_another_picture_is_not(come: Come, door: Door) -> None:
    guest = come(door.stage_page)
    badge = io.BytesIO()
    segno.make_qr(b"a badge").save(badge, kind="png", scale=4)
    field = guest.page.get_by_label("Picture of a badge")
    field.set_input_files(FilePayload(name="holiday.png", mimeType="image/png", buffer=b"no picture"))
    guest.press("Hold it up")
    expect(guest.page.get_by_role("alert")).to_contain_text("There is no QR code in that picture.")
    guest.complaints.clear()  # the browser complains of the refusal, as it should
    field.set_input_files(FilePayload(name="badge.png", mimeType="image/png", buffer=badge.getvalue()))
    guest.press("Hold it up")
    expect(guest.button("A badge")).to_have_attribute("aria-pressed", "true")
    assert door.stage.who() == "badge"
