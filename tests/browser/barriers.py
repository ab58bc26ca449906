"""What a designer and a person with a disability would measure on a page."""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE: Final = Axe()
CALM: Final = "document.getAnimations().forEach(moving => moving.finish())"

TARGETS: Final = """() => [...document.querySelectorAll('button, a, input:not([type=hidden])')].flatMap(node => {
  // A box inside its label is pressed by pressing the label.
  const { width, height } = (node.closest('label') ?? node).getBoundingClientRect();
  const shown = node.checkVisibility() && !node.closest('.unseen') && !node.matches('.unseen');
  return shown ? [[node.textContent.trim().replace(/\\s+/g, ' ') || node.name || node.id, width, height]] : [];
})"""
TEXTS: Final = """() => {
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walk.nextNode()) {
    const at = walk.currentNode.parentElement, words = walk.currentNode.textContent.trim();
    if (words && at.checkVisibility() && !at.closest('.unseen, script, template'))
      found.push([words, parseFloat(getComputedStyle(at).fontSize)]);
  }
  return found;
}"""
CLIPPED: Final = """() => [...document.querySelectorAll('main *, header *, footer *')].flatMap(node => {
  const style = getComputedStyle(node), room = node.getBoundingClientRect();
  if (!node.checkVisibility() || node.closest('.unseen, svg, .ring, .doorway') || node.matches('input')) return [];
  const out = room.right > innerWidth + 1 || room.left < -1;
  const cut = (style.overflowX === 'hidden' && node.scrollWidth > node.clientWidth + 1)
    || (style.overflowY === 'hidden' && node.scrollHeight > node.clientHeight + 1);
  const spilt = node.matches('button, a') && [...node.children].some(inner => !inner.matches('.held')
    && inner.getBoundingClientRect().right > room.right + 1);
  return out || cut || spilt ? [node.className + ': ' + node.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60)] : [];
})"""


def found_by_axe(page: Page) -> list[str]:
    """WCAG 2.2 A and AA, as axe-core checks them, once nothing moves any more."""
    page.evaluate(CALM)
    told = AXE.run(page, options={"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]})
    return [_line(violation, node) for violation in told.response["violations"] for node in violation["nodes"]]


def _line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    return f"{violation['id']}: {violation['help']}: {node['html']}"


def targets_under(page: Page, least_px: float) -> list[tuple[str, float, float]]:
    """Everything to press that is narrower or lower than this."""
    return [(name, width, height) for name, width, height in page.evaluate(TARGETS) if min(width, height) < least_px]


def text_under(page: Page, least_px: float) -> list[tuple[str, float]]:
    """Every text set smaller than this."""
    return [(words, size) for words, size in page.evaluate(TEXTS) if size < least_px]


def clipped(page: Page) -> list[str]:
    """Everything cut off, spilt out of its button, or outside of the screen."""
    return list(page.evaluate(CLIPPED))


def scrolls(page: Page, *, sideways_only: bool = False) -> bool:
    """Whether the page is larger than the screen, or its scene larger than its place."""
    wide, high = page.evaluate(
        """[document.documentElement, document.querySelector('.scene')].reduce(([wide, high], it) =>
          [wide || it.scrollWidth > it.clientWidth + 1, high || it.scrollHeight > it.clientHeight + 1], [false, false])"""
    )
    return bool(wide or (high and not sideways_only))
