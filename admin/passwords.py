"""Owns passwords: which may be used, how they are kept, and how one is compared without holding everybody else up.

What never happens here: a composition rule, a forced change, a password in a sentence or a log (WEB-01).
"""

from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from gevent import get_hub
from gevent.hub import Hub
from gevent.threadpool import ThreadPool
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from admin.errors import BadInput

LEAST: Final = 15
MOST: Final = 128
ADVICE: Final = "Four words that nobody would put together are good."
SCORE_LEAST: Final = 3
"""zxcvbn's "safely unguessable: moderate protection from offline slow-hash scenario"."""
_STRENGTH_CHARS: Final = 72
"""zxcvbn's work grows with the cube of the length; more characters make nothing weaker."""
_HASHER: Final = PasswordHasher()
"""RFC 9106's low-memory choice, as the library gives it: 3 passes, 64 MiB, 4 lanes."""
_COMMON: Final = frozenset(FREQUENCY_LISTS["passwords"])


def check(password: str, *known: str) -> None:
    """
    See that this may be somebody's password; `known` are words close to the account, such as its name.

    Raises: BadInput, about field `password`.
    """
    if len(password) < LEAST:
        raise BadInput(f"A password has at least {LEAST} characters. {ADVICE}", "password")
    if len(password) > MOST:
        raise BadInput(f"A password has {MOST} characters at most.", "password")
    if password.casefold() in _COMMON:
        raise BadInput("This password is on the list of common ones. Choose another.", "password")
    told = zxcvbn(password[:_STRENGTH_CHARS], user_inputs=["byleave", *known])
    if int(told["score"]) < SCORE_LEAST:
        raise BadInput(f"This password is easily guessed. {ADVICE}", "password")


def hashed(password: str) -> str:
    """What is kept of it."""
    return str(_beside(_HASHER.hash, password))


def matches(kept: str | None, password: str) -> bool:
    """Whether this is the password; takes as long when there is none to compare with."""
    right = bool(_beside(_verify, kept if kept is not None else _nobodys(), password))
    return right and kept is not None


def _verify(kept: str, password: str) -> bool:
    try:
        return _HASHER.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _HASHER.hash("a password of nobody's")


@cache
def _pool(hub: Hub) -> ThreadPool:
    # Two at a time: a flood of tries costs 128 MiB at most and leaves the doors' streams alone.
    return ThreadPool(2, hub=hub)


def _beside(function: object, *values: str) -> object:
    return _pool(get_hub()).apply(function, values)
