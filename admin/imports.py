"""Owns a file of people: what it would add, and every fault of every line, before anything is added.

What never happens here: a person added from a line that nobody confirmed; a guess at what a line means.
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from admin import entries, groups, people
from admin.console import Console
from admin.entries import Entry
from admin.errors import BadInput

COLUMNS: Final = ("name", "email", "language", "begins", "ends", "groups")
LINES_MOST: Final = 2_000
BYTES_MOST: Final = 500_000
BETWEEN: Final = "|"
"""Between the groups of one person."""
EXAMPLE: Final = (
    "name,email,language,begins,ends,groups\r\n"
    "Mira Sol,mira@example.org,en,2026-03-01,,Studio\r\n"
    "Jonas Weber,,de,,2026-12-31,Studio|Workshop\r\n"
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Line:
    """One line, read."""

    number: int
    """As a table shows it: the heading is line 1."""
    name: str
    entry: Entry | None
    """Nothing when there is a fault."""
    faults: tuple[BadInput, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Preview:
    """What a file would do."""

    text: str
    lines: tuple[Line, ...]

    @property
    def good(self) -> tuple[Entry, ...]:
        """The people it would add."""
        return tuple(line.entry for line in self.lines if line.entry is not None)

    @property
    def bad(self) -> tuple[Line, ...]:
        """The lines that stay out."""
        return tuple(line for line in self.lines if line.faults)


def decoded(data: bytes) -> str:
    """
    The file's text.

    Raises: BadInput for a file that is too large or is not UTF-8.
    """
    if len(data) > BYTES_MOST:
        raise BadInput(f"This file is larger than {BYTES_MOST // 1000} kB. Cut it in two.", "file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("This file is not UTF-8. In the table program, save it as “CSV UTF-8”.", "file") from None


def preview(console: Console, text: str) -> Preview:
    """
    Every line of the file with what it would add or what is wrong with it. Nothing is added.

    Raises: BadInput when the file as a whole cannot be read: no heading, no lines, too many, no table.
    """
    heading, rows = _table(text)
    known = {entries.folded(name): group for group, name in groups.names(console).items()}
    there = dict.fromkeys(people.everybody(console), 0)
    lines: list[Line] = []
    for number, cells in rows:
        line = _line(number, cells, heading, known)
        if line.entry is not None:
            before = there.setdefault(people.twin(line.entry), number)
            if before != number:
                line = _with(line, "This person is in the list already." if not before else f"This is line {before} again.")
        lines.append(line)
    return Preview(text=text, lines=tuple(lines))


def _table(text: str) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    if len(text.encode()) > BYTES_MOST:
        raise BadInput(f"This file is larger than {BYTES_MOST // 1000} kB. Cut it in two.", "file")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadInput("This is not a table as CSV: a quotation mark is open, or something stands behind it.", "file") from None
    heading = tuple(cell.strip().lower() for cell in found[0]) if found else ()
    if "name" not in heading or len(set(heading)) != len(heading) or not set(heading) <= set(COLUMNS):
        raise BadInput(f"The first line must be the heading: {', '.join(COLUMNS)}. Only name has to be there.", "file")
    rows = [(number, cells) for number, cells in enumerate(found[1:], start=2) if any(cell.strip() for cell in cells)]
    if not rows:
        raise BadInput("There is nobody in this file, only the heading.", "file")
    if len(rows) > LINES_MOST:
        raise BadInput(f"These are more than {LINES_MOST} people. Cut the file in two.", "file")
    return heading, rows


def _line(number: int, cells: list[str], heading: tuple[str, ...], known: Mapping[str, int]) -> Line:
    typed = dict(zip(heading, cells, strict=False))
    faults: list[BadInput] = []
    if len(cells) != len(heading):
        faults.append(BadInput(f"This line has {len(cells)} cells; the heading has {len(heading)}."))
    chosen: set[int] = set()
    for group in filter(None, (part.strip() for part in typed.get("groups", "").split(BETWEEN))):
        if entries.folded(group) in known:
            chosen.add(known[entries.folded(group)])
        else:
            faults.append(BadInput("There is no group of this name. Make it first, or mend the name.", "groups"))
    entry, more = entries.read(typed, chosen, known.values())
    name = " ".join(typed.get("name", "").split())[: entries.NAME_MOST]
    return Line(number=number, name=name, entry=None if faults else entry, faults=(*faults, *more))


def _with(line: Line, sentence: str) -> Line:
    return Line(number=line.number, name=line.name, entry=None, faults=(*line.faults, BadInput(sentence, "name")))
