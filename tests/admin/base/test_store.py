"""One connection, one transaction at a time: two greenlets are never in one, and another program is not waited for."""

import sqlite3

import gevent
import pytest

from admin.console import Console
from admin.errors import Busy, ConsoleError
from admin.store import DATABASE


def keep(console: Console, key: str) -> None:
    console.store.run("INSERT INTO settings VALUES (?, '1')", (key,))


def test_a_greenlet_never_joins_the_transaction_of_another(console: Console) -> None:
    """What it wrote would be kept or lost by the end of something else."""

    def first() -> None:
        with console.store.transaction():
            keep(console, "first")
            gevent.sleep(0)
            keep(console, "first again")

    def second() -> str:
        try:
            with console.store.transaction():
                keep(console, "second")
        except ConsoleError as fault:
            return fault.sentence
        return ""

    one, two = gevent.spawn(first), gevent.spawn(second)
    gevent.joinall([one, two], raise_error=True)
    assert two.value == "Two transactions at once: one of them waited for something."
    assert console.store.rows("SELECT key FROM settings ORDER BY key") == [("first",), ("first again",)]


def test_a_transaction_within_ones_own_is_part_of_it(console: Console) -> None:
    def broken() -> None:
        with console.store.transaction():
            keep(console, "outer")
            with console.store.transaction():
                keep(console, "inner")
            raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        broken()
    assert console.store.rows("SELECT key FROM settings") == []
    keep(console, "after")
    assert gevent.spawn(keep, console, "of another greenlet").get() is None


def test_a_database_that_another_program_writes_to_is_busy_and_free_again(console: Console) -> None:
    console.store.wait_most(1)
    other = sqlite3.connect(console.folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        keep(console, "meanwhile")
    assert console.store.rows("SELECT key FROM settings") == []
    other.execute("ROLLBACK")
    other.close()
    keep(console, "later")
