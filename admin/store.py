"""Owns the console's one database: its settings read back, its transactions, its migrations.

One process, one thread, one connection; nothing in a transaction may wait, and a greenlet that would join another's is refused.
What never happens here: knowing what a row means.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Self

import gevent
from sqlite_utils import Database, Migrations

from admin import schema
from admin.errors import Busy, ConsoleError

DATABASE: Final = "console.db"
Values = Sequence[Any] | Mapping[str, Any]

_SETTINGS: Final = (
    ("secure_delete", 1),  # DEL-05: an ended person's row is overwritten
    ("foreign_keys", 1),
    ("recursive_triggers", 1),
    ("trusted_schema", 0),
    ("synchronous", 2),
    ("temp_store", 2),
)


class Store:
    """The database, open."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection: Final = connection
        self._opened_by: Any = None

    @classmethod
    def open(cls, folder: Path, *, new: bool = False) -> Self:
        """
        The database in this folder, brought up to date.

        Raises: ConsoleError when it is missing, there already, damaged, unwritable or of a newer program.
        """
        path = folder / DATABASE
        if path.exists() is new:
            there, missing = (
                "There is a console in this folder already.",
                "There is no console here. `byleave admin init` makes one.",
            )
            raise ConsoleError(there if new else missing)
        try:
            if new:
                path.touch(mode=0o600)
            connection = sqlite3.connect(path, isolation_level=None, timeout=2.0, check_same_thread=False)
            for name, value in _SETTINGS:
                connection.execute(f"PRAGMA {name} = {value}").fetchall()
                if connection.execute(f"PRAGMA {name}").fetchone() != (value,):
                    raise ConsoleError(f"This SQLite does not keep to {name} = {value}. Use another.")
            connection.execute("PRAGMA journal_mode = WAL").fetchall()
            _migrate(connection)
        except sqlite3.Error:
            raise ConsoleError("The console's database is damaged or cannot be written. Restore a backup.") from None
        return cls(connection)

    def rows(self, query: str, values: Values = ()) -> list[Any]:
        """All rows of a query."""
        return self.connection.execute(query, values).fetchall()

    def row(self, query: str, values: Values = ()) -> Any:
        """The first row of a query, or nothing."""
        found = self.rows(query, values)
        return found[0] if found else None

    def run(self, statement: str, values: Values = ()) -> int:
        """One statement, in the transaction around it or one of its own; how many rows it touched."""
        with self.transaction():
            return self.connection.execute(statement, values).rowcount

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """
        All or nothing; a transaction within a transaction is part of it.

        Raises: ConsoleError when another greenlet's is open, whose end would take this one with it; Busy.
        """
        if self.connection.in_transaction:
            if self._opened_by not in {None, gevent.getcurrent()}:
                raise ConsoleError("Two transactions at once: one of them waited for something.")
            yield
            return
        try:
            self.connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode == sqlite3.SQLITE_BUSY:
                raise Busy("Another program is writing to the console at this moment. Try again.") from None
            raise
        self._opened_by = gevent.getcurrent()
        try:
            yield
            self.connection.execute("COMMIT")
        finally:
            self._opened_by = None
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")

    def wait_most(self, span_ms: int) -> None:
        """How long a transaction waits for another program's before it gives up."""
        self.connection.execute(f"PRAGMA busy_timeout = {span_ms:d}").fetchall()

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """A transaction that a power cut may take back, as a whole: for what is told anew within a minute."""
        # Waiting for the disk takes milliseconds, in which nobody is answered; a thousand doors tell their minute at once.
        self.connection.execute("PRAGMA synchronous = NORMAL")
        try:
            with self.transaction():
                yield
        finally:
            self.connection.execute("PRAGMA synchronous = FULL")

    def close(self) -> None:
        """Close; again is harmless."""
        self.connection.close()


def _migrate(connection: sqlite3.Connection) -> None:
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    query = "SELECT name FROM _sqlite_migrations WHERE migration_set = 'admin' ORDER BY id"
    applied = [name for (name,) in connection.execute(query)] if known else []
    if applied == list(schema.STEPS):
        return
    if applied != list(schema.STEPS)[: len(applied)]:
        raise ConsoleError("This console was made by a newer program. Run that one; nothing was changed.")
    migrations = Migrations("admin")
    for name, statements in schema.STEPS.items():
        migrations(name=name)(_runs(statements))
    migrations.apply(Database(connection, execute_plugins=False))


def _runs(statements: tuple[str, ...]) -> Callable[[Any], None]:
    def run(database: Any) -> None:
        for statement in statements:
            database.execute(statement)

    return run
