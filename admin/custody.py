"""Owns why this office keeps templates at its doors: a reason, who was asked, and the day on which it has to be looked at again.

Two persons write it, and it runs out by itself. What never happens here: whether a door offers faces, which its own settings
say; a reason that is about one person.
"""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from admin import settings, times
from admin.console import Console
from admin.errors import BadInput

REVIEW_WITHIN: Final = timedelta(days=365)
"""Source: CUS-03, twelve months at most."""
_KEY: Final = "custody"


class Ground(StrEnum):
    """Why a template carried on one's own phone or card does not do here."""

    FULL_HANDS = "full_hands"
    NO_PHONES = "no_phones"
    HYGIENE = "hygiene"
    BARRIER = "barrier"


class Consulted(StrEnum):
    """Who was asked before (CON-14)."""

    WORKS_COUNCIL = "works_council"
    REPRESENTATIVES = "representatives"
    EVERYBODY = "everybody"


GROUNDS: Final = {
    Ground.FULL_HANDS: "People come to these doors with their hands full.",
    Ground.NO_PHONES: "Phones and cards may not be taken past these doors.",
    Ground.HYGIENE: "Gloves or hygiene rule out phones and cards.",
    Ground.BARRIER: "For somebody here a phone or card is a barrier.",
}
CONSULTED: Final = {
    Consulted.WORKS_COUNCIL: "The works council",
    Consulted.REPRESENTATIVES: "The staff's representatives",
    Consulted.EVERYBODY: "Everybody who uses the doors",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """What two persons wrote down."""

    ground: Ground
    consulted: Consulted
    review_on: date


def justified(console: Console) -> Custody | None:
    """What was written down, until the day on which it has to be looked at again."""
    kept = settings.get(console, _KEY)
    if kept is None:
        return None
    ground, consulted, review_on = json.loads(kept)
    found = Custody(ground=Ground(ground), consulted=Consulted(consulted), review_on=times.day(review_on))
    return found if times.local(console.clock.now(), console.config.zone) < found.review_on else None


def check(review_on: date, today: date) -> None:
    """
    Whether a day may be the one of the next look.

    Raises: BadInput.
    """
    if not today < review_on <= today + REVIEW_WITHIN:
        raise BadInput("Look at it again within a year: choose a day from tomorrow on.", "review")


def write(console: Console, custody: Custody) -> None:
    """This is why, from now on. In the caller's transaction."""
    settings.put(console, _KEY, json.dumps([custody.ground, custody.consulted, times.day_number(custody.review_on)]))


def missing(console: Console) -> bool:
    """Whether a door offers faces and nobody has written down why, or it has run out."""
    offered = console.store.row("SELECT 1 FROM doors WHERE retired_at IS NULL AND faces = 1 LIMIT 1") is not None
    return offered and justified(console) is None
