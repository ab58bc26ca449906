"""Owns the one database file: its lock, its settings read back, its transactions, its truncated log.

Everything the vault keeps goes through one connection of one process. What never happens here: knowing what a row means,
mending or replacing a damaged file, a key.
"""

import contextlib
import fcntl
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

from device.door import schema
from device.errors import FaultCode, SetupError, VaultError

DATABASE: Final = "door.db"
LOCK: Final = "door.lock"

BUSY_S: Final = 0.5
"""How long a lock that another program holds is waited for: far below the patience of whoever watches this process."""

Values = Sequence[Any] | Mapping[str, Any]
"""What a statement is given: by place, or by name."""

_SETTINGS: Final = (
    ("secure_delete", 1),  # DEL-05, DEL-07: not 2 (fast), which leaves traces in free pages
    ("temp_store", 2),  # memory: no temporary file ever holds a row
    ("foreign_keys", 1),
    ("recursive_triggers", 1),  # else REPLACE removes rows behind the refusals' backs
    ("trusted_schema", 0),
    ("synchronous", 2),
)
"""What every connection must say when asked back; otherwise the start is refused."""


class Store:
    """The database of one door, open."""

    def __init__(self, folder: Path, connection: sqlite3.Connection, lock: int, held: dict[Path, int]) -> None:
        self.folder: Final = folder
        self.held: Final = held
        """Descriptors to read the database's own files by; closing any other one of them would drop SQLite's locks."""
        self._connection = connection
        self._lock = lock

    @classmethod
    def create(cls, folder: Path) -> Self:
        """
        A new, empty vault in this folder.

        Raises: SetupError when there is one already, or the folder cannot be written.
        """
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
            os.close(os.open(folder / DATABASE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            raise SetupError("There is a vault or a file where the data folder should be. Choose another folder.") from None
        except OSError:
            raise _unwritable() from None
        return cls._open(folder, new=True)

    @classmethod
    def open(cls, folder: Path) -> Self:
        """
        The vault in this folder, which no other process may hold.

        Raises: SetupError when it is missing, damaged, in use, unwritable, or would not delete securely.
        """
        return cls._open(folder, new=False)

    @classmethod
    def _open(cls, folder: Path, *, new: bool) -> Self:
        path = folder / DATABASE
        if not path.exists():
            raise SetupError("There is no vault in the data folder. `byleave device init` makes one.")
        if not new and not path.stat().st_size:
            raise _damaged()
        lock = _locked(folder / LOCK)
        connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)
        store = cls(folder, connection, lock, {})
        try:
            _set_up(connection)
            schema.bring_up(connection)
            for name in (DATABASE, f"{DATABASE}-shm"):
                store.held[folder / name] = os.open(folder / name, os.O_RDONLY | os.O_CLOEXEC)
        except (sqlite3.OperationalError, OSError):
            store.close()
            raise _unwritable() from None
        except sqlite3.DatabaseError:
            store.close()
            raise _damaged() from None
        except BaseException:
            store.close()
            raise
        return store

    def rows(self, query: str, values: Values = ()) -> list[Any]:
        """All rows of a query, read to the end, so that no reader holds a checkpoint up."""
        with _as_ours():
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> Any:
        """The first row of a query, or nothing."""
        found = self.rows(query, values)
        return found[0] if found else None

    def run(self, statement: str, values: Values = ()) -> int:
        """
        One statement inside a transaction; how many rows it touched.

        Raises: NoConsent, VaultFull or VaultError when the schema refuses or the disk does.
        """
        with self.transaction(), _as_ours():
            return self._connection.execute(statement, values).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; a transaction within a transaction is part of it."""
        if self._connection.in_transaction:
            yield
            return
        with _as_ours():
            self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            with _as_ours():
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def checkpoint(self) -> None:
        """
        Move everything into the database file and cut the log to nothing.

        Raises: VaultError when the log could not be cut.
        """
        if tuple(self.row("PRAGMA wal_checkpoint(TRUNCATE)")) != (0, 0, 0):
            raise VaultError("The vault's log could not be cut. Look whether another program has the database open.")

    def rebuild(self) -> None:
        """Write every page anew, so that nothing is left between the rows; then cut the log."""
        with _as_ours():
            self._connection.execute("VACUUM")
        self.checkpoint()

    def close(self) -> None:
        """Close, and let another process in; again is harmless."""
        if self._lock < 0:
            return
        self._connection.close()
        for handle in (*self.held.values(), self._lock):
            os.close(handle)
        self._lock = -1


def _locked(path: Path) -> int:
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError:
        raise _unwritable() from None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise SetupError(
            "Another device process uses this data folder. Stop it first, or choose another folder.", FaultCode.SECOND_PROCESS
        ) from None
    return lock


def _set_up(connection: sqlite3.Connection) -> None:
    for name, value in _SETTINGS:
        connection.execute(f"PRAGMA {name} = {value}").fetchall()
        if connection.execute(f"PRAGMA {name}").fetchone() != (value,):
            raise SetupError(f"This SQLite does not keep to {name} = {value}, so the door cannot promise to forget. Use another.")
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise _damaged()
    if connection.execute("PRAGMA journal_mode = WAL").fetchone() != ("wal",):
        raise SetupError("The data folder's file system cannot keep a write-ahead log. Put it on a local disk.")


@contextlib.contextmanager
def _as_ours() -> Iterator[None]:
    try:
        yield
    except sqlite3.IntegrityError as refusal:
        raise schema.refused(str(refusal)) from None
    except sqlite3.DatabaseError:
        raise VaultError(
            "The vault cannot be read or written. Look whether the disk is full, read-only or damaged, "
            "or another program has the database open."
        ) from None


def _unwritable() -> SetupError:
    return SetupError("The data folder cannot be written. Make it writable for the user who runs the door.")


def _damaged() -> SetupError:
    return SetupError(
        "The vault is damaged; nothing was changed. Put it aside and begin anew with `byleave device init`: everybody needs a "
        "new invitation.",
        FaultCode.VAULT_DAMAGED,
    )
