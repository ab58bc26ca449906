"""Owns the digits that are compared or typed at the screen: of a pairing with a console, and of a new door of the office.

What never happens here: knowing what the digits stand for.
"""

from device.contract import screen
from device.door.visit import choosing
from device.door.visit.visit import Visit


def same(visit: Visit) -> None:
    """Both screens show the same digits."""
    visit.parts.pairs.compared(visit.parts.clock.now(), same=True)
    visit.home()


def different(visit: Visit) -> None:
    """They do not, so somebody may be in between; nothing comes of it."""
    visit.parts.pairs.compared(visit.parts.clock.now(), same=False)
    visit.home()


def typed(visit: Visit, digits: str) -> None:
    """Digits of a new door were typed: it gets the office's key, or the pad slows as after any wrong code."""
    now_s = visit.parts.clock.passed_s()
    if not visit.keypad_limit.wait_s(now_s) and visit.parts.joins.typed(digits, visit.parts.clock.now()):
        visit.keypad_limit.passed()
        visit.show(screen.Joined)
        return
    if not visit.keypad_limit.wait_s(now_s):
        visit.keypad_limit.failed(now_s)
    choosing.ask_code(visit, wrong=True)
