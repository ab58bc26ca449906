"""Owns what the console says when something cannot be done: one sentence, and for forms the field it is about.

What never happens here: a sentence that holds a secret, a digest or another person's data.
"""

from device.errors import ByleaveError


class ConsoleError(ByleaveError):
    """Base of every fault of the console."""


class BadInput(ConsoleError):
    """What was typed cannot be used; the sentence says what to do."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field


class NotAllowed(ConsoleError):
    """This role may not do this."""


class ProveAgain(ConsoleError):
    """A grave act asks for passkey or password once more."""


class TwoPersons(ConsoleError):
    """A second person has to agree to it."""


class NotThere(ConsoleError):
    """Nothing of that id, any more or ever."""


class Busy(ConsoleError):
    """Another program has the database at this moment; nothing was changed."""
