"""Every scene there is, measured in a real browser: barriers, sizes, room. TRA-10, WCAG 2.2 A and AA."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from device.contract import screen
from tests.browser import acts, barriers
from tests.browser.acts import Act, Kiosk, every_act
from tests.browser.guest import By, Guest

Come = Callable[..., Guest]
SIZES = [(1024, 600), (1366, 768), (390, 844)]
LONGER = """() => {
  const walk = document.createTreeWalker(document.querySelector('.scene'), NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) if (/[a-z]{2}/i.test(walk.currentNode.textContent)) found.push(walk.currentNode);
  for (const node of found) if (!node.parentElement.closest('.text, .record, svg'))
    node.textContent = node.textContent.replace(/[a-z]{5,}/gi, word => word + word.slice(0, Math.ceil(word.length * .45)));
}"""
"""Every longer word nearly half as long again, as German ones are; the line as a whole grows by about a third."""

MOVING = "document.getAnimations().length > 0"


LOOKS = """node => {
  const { width, height } = node.getBoundingClientRect(), style = getComputedStyle(node);
  return [width, height, style.backgroundColor, style.borderColor, style.color, style.fontWeight, style.fontSize];
}"""
LIVELY = ("aiming, open", "looking, open", "opened", "not known", "sitting")


def each_act(kiosk: Kiosk, guest: Guest, *names: str) -> Iterator[str]:
    """These scenes, or every one, on the screen one after the other, as they come over the stream."""
    for name, messages in every_act().items():
        if not names or name in names:
            show(kiosk, guest, messages)
            yield name


def show(kiosk: Kiosk, guest: Guest, messages: Act) -> int:
    """Play these, and wait until they are on the screen; the scene's number."""
    number = kiosk.play(messages)
    expect(guest.page.locator(f'.scene[data-scene="{number}"]')).to_be_visible()
    return number


@pytest.mark.parametrize(("size", "dark"), [(SIZES[0], False), (SIZES[2], True)], ids=["kiosk, light", "telephone, dark"])
def test_no_scene_has_a_barrier(come: Come, kiosk: Kiosk, size: tuple[int, int], dark: bool) -> None:
    """Contrast above all is measured in both schemes; size and names in both layouts."""
    guest = come(kiosk.url, size, dark=dark)
    assert [(name, found) for name in each_act(kiosk, guest) if (found := barriers.found_by_axe(guest.page))] == []


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_scene_is_large_enough_and_whole_also_with_words_as_long_as_german_ones(
    come: Come, kiosk: Kiosk, size: tuple[int, int]
) -> None:
    guest, telephone = come(kiosk.url, size), size == SIZES[2]
    for name in each_act(kiosk, guest):
        assert barriers.targets_under(guest.page, 44) == [], name
        assert barriers.text_under(guest.page, 18) == [], name
        for _ in range(2):
            assert barriers.clipped(guest.page) == [], name
            assert not barriers.scrolls(guest.page, sideways_only=telephone), name
            guest.page.evaluate(LONGER)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_two_choices_are_twins_on_the_screen_too(come: Come, kiosk: Kiosk, size: tuple[int, int]) -> None:
    """ALT-02, CON-05, CON-07: the same size, weight and colours, whichever comes first; and no is as large as yes."""
    guest = come(kiosk.url, size)
    for name in each_act(kiosk, guest, "idle", "second", "choice", "choice, face first"):
        assert guest.page.locator(".twin").count() == 2, name
        looks = [twin.evaluate(LOOKS) for twin in guest.page.locator(".twin").all()]
        assert looks[0] == looks[1], name
    for _ in each_act(kiosk, guest, "notice"):
        assert guest.button("Not now").evaluate(LOOKS) == guest.button("Hold to agree").evaluate(LOOKS)


def test_with_reduced_motion_nothing_moves_by_itself(come: Come, kiosk: Kiosk) -> None:
    guest = come(kiosk.url, calm=True)
    assert [name for name in each_act(kiosk, guest, *LIVELY) if guest.page.evaluate(MOVING)] == []


def test_otherwise_it_does(come: Come, kiosk: Kiosk) -> None:
    guest = come(kiosk.url)
    assert [name for name in each_act(kiosk, guest, *LIVELY) if guest.page.evaluate(MOVING)] == list(LIVELY)


@pytest.mark.parametrize("by", list(By))
def test_a_button_let_go_early_does_nothing_and_a_second_press_is_as_good_as_holding(come: Come, kiosk: Kiosk, by: By) -> None:
    """CON-05: agreeing is deliberate, and open to those who cannot hold."""
    guest = come(kiosk.url, by=by)
    kiosk.sent.clear()
    number = show(kiosk, guest, every_act()["notice"])
    guest.act(guest.page.get_by_role("checkbox"))
    guest.press("Hold to agree")
    expect(guest.button("Press once more")).to_be_visible()
    assert kiosk.sent == []
    with guest.page.expect_response("**/agree"):
        guest.press("Press once more")
    assert kiosk.sent == [screen.Agree(scene=number, version=3, ticked=True)]


def test_a_scene_that_left_takes_its_secrets_along(come: Come, kiosk: Kiosk) -> None:
    guest = come(kiosk.url)
    show(kiosk, guest, every_act()["issued"])
    assert "90210477" in guest.page.content()
    show(kiosk, guest, every_act()["idle"])
    assert "90210477" not in guest.page.content()


def test_a_page_that_comes_again_keeps_what_was_done_on_it(come: Come, kiosk: Kiosk) -> None:
    """A connection that was lost for a moment takes nobody's tick away."""
    guest = come(kiosk.url)
    show(kiosk, guest, every_act()["notice"])
    guest.act(guest.page.get_by_role("checkbox"))
    guest.page.evaluate("show()")
    guest.page.evaluate("show()")
    expect(guest.page.get_by_role("checkbox")).to_be_checked()


def test_a_screen_opened_elsewhere_says_so_here(come: Come, kiosk: Kiosk) -> None:
    first = come(kiosk.url)
    second = come(kiosk.url)
    show(kiosk, second, every_act()["idle"])
    first.until("Ended")
    assert first.page.get_by_role("heading").inner_text() == "This screen is open elsewhere."
    first.complaints.clear()  # the browser complains of the refusal, as it should


def test_a_screen_that_nobody_answers_shows_no_pin_any_more(come: Come) -> None:
    with acts.playing() as kiosk:
        guest = come(kiosk.url)
        show(kiosk, guest, every_act()["issued"])
        assert "90210477" in guest.page.content()
    guest.until("Lost")
    assert "90210477" not in guest.page.content()
    guest.complaints.clear()  # the browser complains of the silence, as it should
