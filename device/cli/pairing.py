"""Owns how a door is paired from its command line: the ticket goes to the link, the door is asked, the kiosk compares.

What never happens here: saying that the digits are the same; that is said at the kiosk and at the console alone.
"""

import time
from collections.abc import Callable
from typing import Final

from device.cli.supervise import ask
from device.config import Settings
from device.contract import office
from device.contract.office import Stage
from device.contract.words import Message
from device.errors import SetupError, WireError
from device.front.link import place

EVERY_S: Final = 0.25
"""Between two looks at how far it is."""


def pair(settings: Settings, ticket: str, say: Callable[[str], None], *, replacing: bool) -> None:
    """
    Pair the running door with the console that made this ticket, telling each step.

    Raises: SetupError when the ticket is none, the door does not run, or it did not come to a pairing.
    """
    place.read(ticket)
    told = _asked(settings, office.AskPairing())
    if replacing and told.peopled:
        raise SetupError(
            "This door has people of its own, so it cannot take another's place. Make it anew with `byleave device init`."
        )
    if told.peopled:
        say("People were invited here before. The console's list does not have them; give them a new code from there.")
    _asked(settings, office.Pair())
    place.leave(settings.folders.link, ticket)
    stage = Stage.ASKED
    while stage not in {Stage.PAIRED, Stage.REFUSED, Stage.NONE}:
        told = _asked(settings, office.AskPairing())
        if told.stage is not stage:
            stage = told.stage
            _tell(told, say)
        time.sleep(EVERY_S)
    if stage is not Stage.PAIRED:
        raise SetupError(
            "The door is not paired. Look whether the console is up, its ticket new, and both screens showed the same; then take "
            "a new ticket."
        )


def _tell(told: office.PairingIs, say: Callable[[str], None]) -> None:
    if told.stage is Stage.COMPARE and told.digits is not None:
        say(f"The kiosk and the console show six digits: {told.digits[:3]} {told.digits[3:]}")
        say("Press “The same” at the kiosk, and say the same at the console.")
    elif told.stage is Stage.WAITING:
        say("Same, it was said at the kiosk. Waiting for the console.")


def _asked(settings: Settings, message: Message) -> office.PairingIs:
    try:
        answer = ask(settings.folders.run, message)
    except WireError:
        raise SetupError("This door is not running. `byleave device run` starts it.") from None
    if not isinstance(answer, office.PairingIs):
        raise SetupError("The door could not do it. Look whether its disk is full or read-only.")
    return answer
