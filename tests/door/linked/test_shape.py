"""A vault from before the console: what lay in it stands as it did."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database, Migrations

from device.door import schema

LATER = 2_000_000_000
"""Seconds since 1970, long after what is agreed here."""


def test_yeses_in_an_older_vault_are_as_live_as_they_were(tmp_path: Path) -> None:
    """CON-04: no grace is found afterwards for a notice that changed without one."""
    connection = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    steps = Migrations("device")
    for name, statements in list(schema.STEPS.items())[:4]:
        steps(name=name)(schema._runs(statements))
    steps.apply(Database(connection, execute_plugins=False))
    for version in (1, 2):
        connection.execute("INSERT INTO notices VALUES (?, 'text', zeroblob(32), 1000)", (version,))
    for person in (1, 2):
        of = bytes([person]) * 16
        connection.execute("INSERT INTO people (id, invited_at) VALUES (?, 1000)", (of,))
        connection.execute("INSERT INTO consents VALUES (?, 'given', ?, ?, 2000, ?, NULL)", (of, of, person, LATER))
    live = "SELECT person FROM live_consents WHERE until > 3000"
    before = connection.execute(live).fetchall()
    schema.bring_up(connection)
    assert connection.execute(live).fetchall() == before == [(bytes([2]) * 16,)]
    assert connection.execute("SELECT person FROM faces WHERE lapses_at <= 3000").fetchall() == [(bytes([1]) * 16,)]
    assert connection.execute("SELECT count(*) FROM console").fetchone() == (0,)
    connection.close()
