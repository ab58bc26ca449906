"""Owns the copy of a console in one file, made while it runs, and the new folder made of such a copy.

A copy holds settings, keys and database; whoever has it has this console, so that its file is this user's alone.
Restored, it revives nobody: who was ended since stays ended, who was added since is forgotten at the doors too, a door that
was retired stays so; codes, visitors, approvals and all that accounts sign in with are gone; and every number that doors
remember goes on far above. What never happens here: a copy of anything of a door; a console before it is settled.
"""

import contextlib
import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path
from typing import IO, Final
from uuid import UUID

from admin import audit, beside, doors, founding, marks, numbers, people, times, visitors
from admin.actions import Act
from admin.beside import Happened, Line
from admin.config import SETTINGS, load
from admin.console import Console
from admin.errors import ConsoleError, NotThere
from admin.link import policy
from admin.marks import Kind
from admin.store import DATABASE

MOST_BYTES: Final = 16 * 2**30
MADE_AT: Final = "made_at"
BEYOND: Final = 1_000_000
NOT_A_BACKUP: Final = "This file is no backup of a console, or is damaged."
_GONE: Final = ("sessions", "welcomes", "tickets", "joins", "join_parts", "approvals", "codes", "passkeys")
"""What a restored console must not know: it would let somebody in, or do what was refused since."""


def make(console: Console, file: Path) -> None:
    """
    A copy in this file, which must not be there yet; the console may run meanwhile.

    Raises: ConsoleError when the file is there or cannot be written.
    """
    audit.write(console, Act.BACKUP_MADE)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as tar:
            _add(tar, MADE_AT, str(int(console.clock.now().timestamp())).encode())
            _add(tar, SETTINGS, (console.folder / SETTINGS).read_bytes())
            for key in sorted((console.folder / founding.KEYS).iterdir()):
                _add(tar, f"{founding.KEYS}/{key.name}", key.read_bytes())
            _add(tar, beside.NAME, beside.place(console.config).read_bytes())
            with tempfile.TemporaryDirectory(dir=console.folder) as room:
                copy = Path(room) / DATABASE
                _copy(console.store.connection, copy)
                tar.add(copy, DATABASE, filter=_plain)
            tar.close()
            out.flush()
            os.fsync(out.fileno())
    except FileExistsError:
        raise ConsoleError(f"There is a file {file} already. Name another.") from None
    except OSError:
        raise ConsoleError(f"The backup {file} cannot be written.") from None


def restore(file: Path, folder: Path, ended: Path | None) -> Console:
    """
    A console in this empty folder, made of that copy; `ended` is the list that outlived the old console.

    Until it is settled it lies in a folder beside, so that one that was refused is no console. Without a list, who was ended
    since the copy comes back: say so to whoever asks for it.
    Raises: ConsoleError when the folder holds something, or the file is no copy, is damaged or older than the list reaches.
    """
    since = [] if ended is None else beside.read(ended)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise ConsoleError("The folder is not empty. Restore into a new one.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        room = Path(tempfile.mkdtemp(prefix=f"{folder.name}.unfinished-", dir=folder.resolve().parent))
    except OSError:
        raise ConsoleError(f"The folder {folder} cannot be written.") from None
    try:
        _settled(room, _unpack(file, room), since)
        _move(room, folder)
    finally:
        shutil.rmtree(room, ignore_errors=True)
    return founding.opened(folder)


def _move(room: Path, folder: Path) -> None:
    try:
        room.replace(folder)
    except OSError:
        raise ConsoleError(f"The folder {folder} cannot be made. Name one that is not there yet.") from None


def _settled(room: Path, made_at: int, since: list[Line]) -> None:
    """The console that was unpacked here, brought up to what is known of the time since."""
    config = load(room)
    own, place = beside.read(room / beside.NAME), beside.place(config)
    if place.exists() and place != config.folder / beside.NAME:
        since = [*since, *beside.read(place)]
    lines = sorted({*own, *since}, key=lambda line: line.at_s)
    console = founding.opened(room)
    try:
        if console.clock.now() - times.moment(made_at) > beside.KEPT:
            raise ConsoleError(f"This backup is older than {beside.KEPT.days} days. Nobody can say any more who was ended since.")
        beside.write(place, lines)
        _settle(console, lines)
    finally:
        console.store.close()


def _settle(console: Console, lines: list[Line]) -> None:
    now = console.clock.now()
    with console.store.transaction():
        _shut(console)
        for table in numbers.COUNTED:
            reached = numbers.following(console, table) - 1
            # Seconds, or days for notices, count faster than an office: a second restore of one copy goes on above too.
            by_clock = times.day_number(now.date()) if table == "notices" else int(now.timestamp())
            numbers.lift(console, table, max(by_clock, reached + (1 if table == "notices" else BEYOND)))
        _catch_up(console, lines, now)
        for door in marks.paired(console):
            policy.tell_again(console, door, max(BEYOND, int(now.timestamp()) * 1_000))
        audit.write(console, Act.BACKUP_RESTORED)


def _shut(console: Console) -> None:
    """What opened something on the day of the copy may have been taken away since; it has to be made anew."""
    marks.mark_people(console, [UUID(bytes=row[0]) for row in console.store.rows("SELECT person FROM codes")])
    for table in _GONE:
        console.store.run(f"DELETE FROM {table}")  # noqa: S608  (our own words)
    console.store.run("UPDATE accounts SET password = NULL, totp = NULL, totp_used = NULL")
    for visitor in visitors.everyone(console):
        visitors.take_back(console, visitor.id)


def _catch_up(console: Console, lines: list[Line], now: datetime) -> None:
    """Doors that were retired since are so again, who was ended is ended, and who is not known here is forgotten at the doors."""
    for line in lines:
        if line.happened is Happened.RETIRED:
            with contextlib.suppress(NotThere):  # it was then, or is of after the copy
                doors.retire(console, line.id, now)
    known = {row[0] for row in console.store.rows("SELECT id FROM people UNION SELECT id FROM visitors")}
    for line in lines:
        if line.happened is Happened.ENDED and line.id.bytes in known:
            people.end(console, line.id)
    guests = {line.id.bytes for line in lines if line.happened is Happened.VISITOR}
    others = {line.id.bytes for line in lines if line.happened in {Happened.ADDED, Happened.ENDED}}
    for kind, ids in ((Kind.PERSON, others - known), (Kind.GUEST, guests - known)):
        if ids:
            marks.mark(console, marks.paired(console), kind, *sorted(ids))


def _copy(of: sqlite3.Connection, to: Path) -> None:
    copy = sqlite3.connect(to)
    try:
        of.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
    finally:
        copy.close()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o600
    tar.addfile(info, io.BytesIO(content))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mode, info.uid, info.gid, info.uname, info.gname = 0o600, 0, 0, "", ""
    return info


def _unpack(file: Path, folder: Path) -> int:
    """Write what the copy holds into the folder; when it was made."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            members = {member.name: member for member in tar if member.isfile() and _ours(member.name)}
            if not {MADE_AT, SETTINGS, DATABASE, beside.NAME} <= members.keys():
                raise ConsoleError(NOT_A_BACKUP)
            if sum(member.size for member in members.values()) > MOST_BYTES:
                raise ConsoleError(NOT_A_BACKUP)
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o700)
            (folder / founding.KEYS).mkdir(mode=0o700)
            for name, member in members.items():
                content = tar.extractfile(member)
                if content is not None:
                    _write(folder / name, content)
        made_at = folder / MADE_AT
        told = int(made_at.read_text(encoding="ascii"))
        made_at.unlink()
    except FileNotFoundError:
        raise ConsoleError(f"There is no file {file}.") from None
    except (OSError, ValueError, EOFError, tarfile.TarError):
        raise ConsoleError(NOT_A_BACKUP) from None
    return told


def _ours(name: str) -> bool:
    folder, _, key = name.rpartition("/")
    plain = bool(key) and key not in {".", ".."} and "\\" not in key
    return (folder == founding.KEYS and plain) or (not folder and name in {MADE_AT, SETTINGS, DATABASE, beside.NAME})


def _write(path: Path, content: IO[bytes]) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while part := content.read(2**20):
            out.write(part)
        out.flush()
        os.fsync(out.fileno())
