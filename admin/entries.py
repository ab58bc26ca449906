"""Owns what the office writes down about a person, and how what was typed becomes that; every fault names its field.

What never happens here: a field about a face, a choice or anybody's reasons.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from email_validator import EmailNotValidError, validate_email

from admin.errors import BadInput
from device.contract.console import Language

NAME_MOST: Final = 80
EMAIL_MOST: Final = 254
LANGUAGES: Final[dict[Language, str]] = {
    Language.EN: "English",
    Language.DE: "Deutsch",
    Language.FR: "Français",
    Language.ES: "Español",
    Language.ZH: "中文",
}
EARLIEST: Final = date(2000, 1, 1)
LATEST: Final = date(2199, 12, 31)
_DOTTED: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", re.ASCII)
_DASHED: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Entry:
    """A person, as the office writes them down."""

    name: str
    email: str | None = None
    language: Language = Language.EN
    begins_on: date | None = None
    """Their first day."""
    ends_on: date | None = None
    """Their last day; they are still admitted on it."""
    groups: frozenset[int] = frozenset()


@lru_cache(maxsize=50_000)
def folded(text: str) -> str:
    """How text is searched and sorted: without capitals and accents, so that `muller` finds `Müller`."""
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(letter))


def read(typed: Mapping[str, str], groups: Iterable[int], known: Iterable[int]) -> tuple[Entry | None, tuple[BadInput, ...]]:
    """
    What was typed, as an entry, or nothing and all that is wrong with it.

    `typed` has texts by the names of `_READERS`; a missing one is empty. `groups` were chosen; `known` are all there are.
    """
    values: dict[str, Any] = {}
    faults: list[BadInput] = []
    for field, (name, reader) in _READERS.items():
        try:
            values[name] = reader(typed.get(field, "").strip())
        except BadInput as fault:
            faults.append(BadInput(str(fault), field))
    begins_on, ends_on = values.get("begins_on"), values.get("ends_on")
    if begins_on and ends_on and ends_on < begins_on:
        faults.append(BadInput("The last day is before the first one.", "ends"))
    chosen = frozenset(groups)
    if not chosen <= set(known):
        faults.append(BadInput("One of these groups is gone. Choose again.", "groups"))
    return (None, tuple(faults)) if faults else (Entry(**values, groups=chosen), ())


def _name(text: str) -> str:
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text:
        raise BadInput("Write a name.")
    if len(text) > NAME_MOST or not text.isprintable():
        raise BadInput(f"A name has at most {NAME_MOST} letters, all of which can be printed.")
    return text


def _email(text: str) -> str | None:
    if not text:
        return None
    try:
        return str(validate_email(text[: EMAIL_MOST + 1], check_deliverability=False).normalized)
    except EmailNotValidError:
        raise BadInput("This is not an e-mail address. Mend it, or leave it empty.") from None


def _language(text: str) -> Language:
    try:
        return Language(text.lower()) if text else Language.EN
    except ValueError:
        raise BadInput(f"Write one of {', '.join(Language)}, or leave it empty for {Language.EN}.") from None


def _day(text: str) -> date | None:
    if not text:
        return None
    dashed, dotted = _DASHED.fullmatch(text), _DOTTED.fullmatch(text)
    parts = dashed.groups() if dashed else dotted.groups()[::-1] if dotted else None
    try:
        if parts is not None:
            found = date(int(parts[0]), int(parts[1]), int(parts[2]))
            if EARLIEST <= found <= LATEST:
                return found
    except ValueError:
        pass
    raise BadInput("Write the day as 2026-03-31 or 31.3.2026, or leave it empty.")


_READERS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "name": ("name", _name),
    "email": ("email", _email),
    "language": ("language", _language),
    "begins": ("begins_on", _day),
    "ends": ("ends_on", _day),
}
