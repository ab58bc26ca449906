"""Owns what is read from a posted form: trimmed, bounded, of one kind each, or a sentence at the field it is about.

What never happens here: a value nobody looked at; a change.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from flask import request

from admin.errors import BadInput

Choice = TypeVar("Choice", bound=StrEnum)
LINES = "\n\r\t"


def text(field: str, what: str, *, most: int = 100, least: int = 1, lines: bool = False) -> str:
    """Trimmed text of this many characters at most. Raises: BadInput."""
    told = request.form.get(field, "").strip()
    if len(told) < least:
        raise BadInput(f"{what} is missing." if not told else f"{what} must have at least {least} characters.", field)
    if len(told) > most:
        raise BadInput(f"{what} may have {most} characters at most.", field)
    if not all(c.isprintable() or (lines and c in LINES) for c in told):
        raise BadInput(f"{what} holds characters that cannot be shown.", field)
    return told


def whole(field: str, what: str, least: int, most: int) -> int:
    """A whole number within these. Raises: BadInput."""
    told = request.form.get(field, "").strip()
    if not (told.isascii() and told.removeprefix("-").isdigit() and len(told) < 17 and least <= int(told) <= most):
        raise BadInput(f"{what} must be a whole number from {least} to {most}.", field)
    return int(told)


def choice(field: str, what: str, among: type[Choice]) -> Choice:
    """One member of a closed list. Raises: BadInput."""
    try:
        return among(request.form.get(field, ""))
    except ValueError:
        raise BadInput(f"{what} is missing. Choose one.", field) from None


def ticked(field: str) -> bool:
    """Whether a box is ticked."""
    return request.form.get(field) == "yes"


def wholes(field: str, what: str, most: int = 2**53) -> tuple[int, ...]:
    """Several whole numbers, of boxes that are ticked, each once. Raises: BadInput."""
    told = request.form.getlist(field)
    if len(told) > 1_000 or not all(one.isascii() and one.isdigit() and len(one) < 17 and int(one) <= most for one in told):
        raise BadInput(f"{what} cannot be read. Choose again.", field)
    return tuple(dict.fromkeys(map(int, told)))


def ids(field: str, what: str) -> tuple[UUID, ...]:
    """Several ids, of boxes that are ticked, each once. Raises: BadInput."""
    try:
        return tuple(dict.fromkeys(UUID(hex=one) for one in request.form.getlist(field)[:1_000]))
    except ValueError:
        raise BadInput(f"{what} cannot be read. Choose again.", field) from None


def day(field: str, what: str, *, needed: bool = True) -> date | None:
    """A day as YYYY-MM-DD, from 2000 to 2199; nothing where none is needed and none was typed. Raises: BadInput."""
    told = request.form.get(field, "").strip()
    if not told and not needed:
        return None
    try:
        found = datetime.strptime(told, "%Y-%m-%d").date()  # noqa: DTZ007  (a day of the calendar has no zone)
    except ValueError:
        raise BadInput(f"{what} must be a day, such as 2030-01-31.", field) from None
    if not 2000 <= found.year < 2200:
        raise BadInput(f"{what} must be a day from 2000 to 2199.", field)
    return found


def next_day(of: date) -> date:
    """The day after; for spans whose end is excluded."""
    return of + timedelta(days=1)
