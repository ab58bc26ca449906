"""What people do at the doors of the town, by what they hold and what the screens show."""

import contextlib
import time
from base64 import b64decode
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from device.cli.visitor import Visitor
from device.door import receipts
from device.errors import WireError
from tests.office.town import Door, Town, byleave, wait_for

SHOWN_S = 60.0
"""A machine that runs a whole office on two cores takes its time."""
SITTING_S = 120.0
AGAIN_S = 3.0


@dataclass
class Held:
    """Badge and PIN, as somebody holds them."""

    badge: bytes
    pin: str


def press(kiosk: Visitor, button: str, *leads_to: str) -> dict[str, Any]:
    """Press until it leads there: a screen that was just drawn anew takes no press made before. The scene it led to."""
    give_up_s = time.monotonic() + SHOWN_S
    while True:
        # A press names its scene, so that a second one is nothing where the first has counted.
        with contextlib.suppress(WireError):
            if button in kiosk.scene()["buttons"]:
                kiosk.press(button)
        try:
            return kiosk.until(*leads_to, within_s=AGAIN_S)
        except WireError:
            if time.monotonic() > give_up_s:
                raise


def leave(door: Door) -> Visitor:
    """Step back, so that the screen is nobody's; the screen."""
    press(door.kiosk, "stop", "Idle")
    return door.kiosk


def collect(door: Door, code: str) -> Held:
    """Badge and PIN for the code of a letter; the choice is next, or nothing."""
    kiosk = leave(door)
    press(kiosk, "invitation", "CodePad")
    kiosk.type(code)
    kiosk.until("Issued", within_s=SHOWN_S)
    return Held(*kiosk.read_issued())


def decline(door: Door) -> None:
    """Badge and PIN, and no face; for whoever was asked just now."""
    press(door.kiosk, "next", "Choice", "Idle")
    if door.kiosk.scene()["name"] == "Choice":
        press(door.kiosk, "badge_and_pin", "Idle")


def agree(door: Door, who: str) -> None:
    """My face, too: of whoever was just given a badge, or reads their own page."""
    kiosk = door.kiosk
    if kiosk.scene()["name"] == "Issued":
        press(kiosk, "next", "Choice")
    press(kiosk, "my_face_too", "Notice")
    door.stage.put(who)
    kiosk.agree()
    kiosk.until("Kept", within_s=SITTING_S)
    leave(door)


def read_page(door: Door, held: Held) -> Visitor:
    """What this door knows about me."""
    kiosk = leave(door)
    door.stage.hold_up(held.badge)
    press(kiosk, "about_me", "Keypad")
    kiosk.type(held.pin)
    kiosk.until("Personal", within_s=SHOWN_S)
    return kiosk


def withdraw(door: Door, held: Held, *, everywhere: bool) -> dict[str, Any]:
    """Take the face back; what the receipt says, which this door signed."""
    kiosk = read_page(door, held)
    press(kiosk, "withdraw_everywhere" if everywhere else "withdraw", "Gone")
    receipt = b64decode(kiosk.read_receipt()["receipt"])
    leave(door)
    return receipts.verify(receipt, door.asks("SELECT device FROM door")[0][0])


def by_pin(door: Door, held: Held) -> bool:
    """Whether the PIN opens this door."""
    kiosk = leave(door)
    press(kiosk, "pin", "Keypad")
    kiosk.type(held.pin)
    shown = kiosk.until(
        "Opened", "NotOpened", "Keypad", within_s=SHOWN_S, holds=lambda scene: scene["name"] != "Keypad" or scene["wrong"]
    )
    leave(door)
    return bool(shown["name"] == "Opened")


def by_badge(door: Door, badge: bytes) -> bool:
    """Whether what is held up opens this door."""
    kiosk = leave(door)
    door.stage.hold_up(badge)
    shown = press(kiosk, "show_badge", "Opened", "NotOpened")
    leave(door)
    return bool(shown["name"] == "Opened")


def by_face(door: Door, who: str) -> bool:
    """Whether this face opens this door."""
    kiosk = leave(door)
    door.stage.put(who)
    shown = press(kiosk, "use_face", "Opened", "NotKnown")
    leave(door)
    return bool(shown["name"] == "Opened")


def join(town: Town, new: Door, other: Door) -> None:
    """Type what the new door shows at the other one, under *I have an invitation*."""
    digits = new.kiosk.until("Joining", within_s=SHOWN_S)["digits"]
    assert len(digits) == 12
    wait_for(lambda: bool(town.asks("SELECT 1 FROM joins WHERE door = ?", UUID(new.id).bytes)), "the new door asks")
    byleave("device", "expect", "--settings", str(other.folder / "settings.toml"))
    kiosk = leave(other)
    press(kiosk, "invitation", "CodePad")
    kiosk.type(digits)
    kiosk.until("Joined", within_s=SHOWN_S)
    leave(other)
    new.kiosk.until("Idle", within_s=SHOWN_S)
    query = "SELECT joined FROM doors WHERE id = ?"
    wait_for(lambda: town.asks(query, UUID(new.id).bytes) == [(1,)], "the console knows that the new door has joined")
