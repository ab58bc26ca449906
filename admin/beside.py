"""Owns the list beside the database of who was added or ended and which door was retired, which no backup turns back.

Lines of a word, a random id and a time; no name. It best lies on another disk (`ended` in the settings). What never
happens here: anything else about a person; a line that is changed; a line that a half one spoils.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final
from uuid import UUID

from admin.config import Config
from admin.errors import ConsoleError
from admin.store import Store

NAME: Final = "ended"
KEPT: Final = timedelta(days=400)
"""A backup that is older revives people; `byleave admin restore` refuses it."""


class Happened(StrEnum):
    """What is written down."""

    ADDED = "added"
    ENDED = "ended"
    RETIRED = "retired"
    VISITOR = "visitor"
    """A visitor's code was made."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, read back."""

    happened: Happened
    id: UUID
    """A person's; or a visitor's, or that of a door that was retired."""
    at_s: int


def place(config: Config) -> Path:
    """Where the list lies."""
    return config.ended or config.folder / NAME


def watch(store: Store, path: Path, now: Callable[[], datetime]) -> None:
    """
    From now on whoever is added or ended, and every door retired in this database is noted, whichever module does it.

    A change that is rolled back leaves its line: at worst a door is told once more to forget somebody it does not know.
    Raises: ConsoleError when the list cannot be written.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        _cut(path)
    except OSError:
        raise ConsoleError(f"The list {path} of who was ended cannot be written.") from None

    def note(happened: str, whose: bytes) -> None:
        line = f"{happened} {whose.hex()} {int(now().timestamp())}\n".encode("ascii")
        with path.open("ab", buffering=0) as file:
            if file.write(line) < len(line):
                _cut(path)  # The disk is full; the change it is about is not made either.
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if happened != Happened.ADDED:
                os.fsync(file.fileno())

    store.connection.create_function("note_beside", 2, note)
    # Temporary triggers are this connection's own; the schema stays without functions of ours.
    store.connection.execute(
        "CREATE TEMP TRIGGER note_added AFTER INSERT ON main.people BEGIN SELECT note_beside('added', NEW.id); END"
    )
    store.connection.execute(
        """CREATE TEMP TRIGGER note_ended AFTER UPDATE OF ended_at ON main.people
        WHEN OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL BEGIN SELECT note_beside('ended', NEW.id); END"""
    )
    store.connection.execute(
        "CREATE TEMP TRIGGER note_visitor AFTER INSERT ON main.visitors BEGIN SELECT note_beside('visitor', NEW.id); END"
    )
    store.connection.execute(
        """CREATE TEMP TRIGGER note_retired AFTER UPDATE OF retired_at ON main.doors
        WHEN OLD.retired_at IS NULL AND NEW.retired_at IS NOT NULL BEGIN SELECT note_beside('retired', NEW.id); END"""
    )


def _cut(path: Path) -> None:
    """Take off a last line that a power cut left half written: what it was about was never kept, and it would spoil the next."""
    with path.open("r+b") as file:
        whole = file.read()
        if whole and not whole.endswith(b"\n"):
            file.truncate(whole.rfind(b"\n") + 1)


def read(path: Path) -> list[Line]:
    """
    Every line; a last one that a power cut left half written is not one.

    Raises: ConsoleError when it cannot be read or is something else.
    """
    try:
        whole, _, _ = path.read_text(encoding="ascii").rpartition("\n")
        told = [line.split(" ") for line in whole.splitlines()]
        return [Line(Happened(happened), UUID(hex=whose), int(at)) for happened, whose, at in told]
    except (OSError, ValueError):
        raise ConsoleError(f"The list {path} of who was ended cannot be read.") from None


def tidy(path: Path, now: datetime) -> int:
    """Remove the lines that are older than any backup that may be restored; how many."""
    lines, limit = read(path), int((now - KEPT).timestamp())
    kept = [line for line in lines if line.at_s >= limit]
    if len(kept) < len(lines):
        write(path, kept)
    return len(lines) - len(kept)


def write(path: Path, lines: list[Line]) -> None:
    """These lines and no others; whole or not at all."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
        file.writelines(f"{line.happened} {line.id.hex} {line.at_s}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
