"""Owns lists that are longer than a page: cut into pages, and found by words.

What never happens here: knowing what stands in a list.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from admin.entries import folded

LINES: Final = 50
"""On a page."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    lines: Sequence[T]
    number: int
    """From 1."""
    of: int
    """How many pages there are; one, which is empty, of an empty list."""
    count: int
    """How many lines the whole list has."""


def cut(found: Sequence[T], wanted: str, most: int = LINES) -> Page[T]:
    """The page of this number, as it stands in an address; the nearest there is, and the first for what is no number."""
    of = max(1, -(-len(found) // most))
    number = min(max(1, int(wanted)), of) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    return Page(lines=found[(number - 1) * most : number * most], number=number, of=of, count=len(found))


def named(found: Iterable[T], words: str, name: Callable[[T], str]) -> list[T]:
    """Those in whose name every word stands, without capitals and accents; all of them for no word."""
    wanted = folded(words).split()
    return [each for each in found if all(word in folded(name(each)) for word in wanted)]
