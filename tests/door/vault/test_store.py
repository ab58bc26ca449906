"""The one database: its lock, its settings, its refusals at the start (issue 2, bad input), its shape."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlite_utils import Database, Migrations

from device.door import schema, search
from device.door.keys import FileKeyStore
from device.door.seal import SEALED_BYTES, WRAPPED_BYTES
from device.door.store import DATABASE, Store
from device.errors import FaultCode, SetupError, VaultError
from tests.door.vault.made import NOW, Door

SHAPE = Path(__file__).with_name("schema.sql")


def test_everything_is_the_doors_alone(door: Door) -> None:
    """0700 for folders, 0600 for files, log and lock included."""
    door.enrol(door.admit().person)
    for folder in (door.data, door.keys_folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for path in folder.iterdir():
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
    assert {path.name for path in door.data.iterdir()} == {"door.db", "door.db-wal", "door.db-shm", "door.lock"}


def test_the_shape_is_the_committed_one(door: Door) -> None:
    """Head schema and `schema.sql` are one."""
    assert schema.head(door.store._connection) == SHAPE.read_text(encoding="utf-8")


def test_the_shape_grows_step_by_step_to_the_same_end(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.db")
    for last in range(1, len(schema.STEPS) + 1):
        steps = Migrations("device")
        for name, statements in list(schema.STEPS.items())[:last]:
            steps(name=name)(schema._runs(statements))
        steps.apply(Database(connection, execute_plugins=False))
    schema.bring_up(connection)
    assert schema.head(connection) == SHAPE.read_text(encoding="utf-8")
    connection.close()


def test_every_table_is_strict(door: Door) -> None:
    strict = door.store.rows("SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND schema = 'main'")
    assert {name for name, is_strict in strict if not is_strict} == {"_sqlite_migrations", "sqlite_schema"}


def test_the_sizes_spelt_out_in_the_schema_are_the_codes(door: Door) -> None:
    sql = schema.head(door.store._connection)
    assert f"length(wrapped) = {WRAPPED_BYTES}" in sql
    assert f"length(sealed) = {SEALED_BYTES}" in sql
    assert f">= {schema.TEMPLATES_MOST}" in sql


def test_a_vault_of_a_newer_program_is_left_alone(door: Door) -> None:
    door.store.run("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('device', '9999_later', '')")
    door.store.close()
    with pytest.raises(SetupError, match="newer program"):
        Store.open(door.data)


def test_the_settings_are_on(door: Door) -> None:
    """DEL-05, DEL-07."""
    told = {name: door.store.row(f"PRAGMA {name}")[0] for name in ("secure_delete", "temp_store", "foreign_keys", "synchronous")}
    assert told == {"secure_delete": 1, "temp_store": 2, "foreign_keys": 1, "synchronous": 2}
    assert door.store.row("PRAGMA journal_mode")[0] == "wal"


@pytest.mark.parametrize("answer", [0, 2])
def test_a_database_that_would_not_delete_securely_is_refused(door: Door, monkeypatch: pytest.MonkeyPatch, answer: int) -> None:
    """DEL-07: what it says when asked back counts, not what it was told."""

    class Careless(sqlite3.Connection):
        def execute(self, sql: str, values: Any = (), /) -> sqlite3.Cursor:
            return super().execute(f"SELECT {answer}" if sql == "PRAGMA secure_delete" else sql, values)

    door.store.close()
    real: Callable[..., sqlite3.Connection] = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **how: real(path, factory=Careless, **how))
    with pytest.raises(SetupError, match="secure_delete"):
        Store.open(door.data)


@pytest.mark.parametrize("damage", ["rubbish", "empty", "cut", "page"])
def test_a_damaged_database_is_refused_and_left_as_it_is(door: Door, damage: str) -> None:
    sealed = door.row(door.fill(40)[20])[1][:64]
    door.store.checkpoint()
    door.store.close()
    path = door.data / DATABASE
    whole = path.read_bytes()
    at = whole.index(sealed) // 4096 * 4096
    hurt = {
        "rubbish": b"\xffnot a database" * 1000,
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "page": whole[:at] + bytes(4096) + whole[at + 4096 :],
    }[damage]
    path.write_bytes(hurt)
    with pytest.raises(SetupError) as refused:
        Store.open(door.data)
    assert refused.value.code is FaultCode.VAULT_DAMAGED
    assert path.read_bytes() == hurt


def test_a_missing_vault_is_not_made_anew_in_passing(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="device init"):
        Store.open(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_vault_that_is_there_is_not_made_again(door: Door) -> None:
    with pytest.raises(SetupError, match="another folder"):
        Store.create(door.data)


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way", encoding="utf-8")
    with pytest.raises(SetupError):
        Store.create(tmp_path / "data")
    with pytest.raises(SetupError):
        Store.create(tmp_path / "data" / "deeper")


READ_ONLY = """
import os, subprocess, sys
from pathlib import Path
from device.door.store import Store
from device.errors import SetupError

folder = Path(sys.argv[1])
subprocess.run(["mount", "--bind", folder, folder], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
for act in (Store.open, Store.create):
    try:
        act(folder / "data" if act == Store.open else folder / "new")
    except SetupError as refused:
        print(refused.sentence)
"""


def test_an_unwritable_folder_is_refused(door: Door, tmp_path: Path) -> None:
    """On a file system mounted read-only, since permissions do not stop root."""
    door.store.close()
    done = _run("unshare", "--map-root-user", "--mount", sys.executable, "-c", READ_ONLY, str(tmp_path))
    assert done.stdout.splitlines() == ["The data folder cannot be written. Make it writable for the user who runs the door."] * 2


SECOND = """
import sys
from pathlib import Path
from device.door.store import Store
from device.errors import SetupError

try:
    Store.open(Path(sys.argv[1]))
except SetupError as refused:
    print(refused.code, refused.sentence)
"""


def test_a_second_process_is_refused_until_the_first_has_ended(door: Door) -> None:
    refused = _run(sys.executable, "-c", SECOND, str(door.data)).stdout
    assert refused == "second_process Another device process uses this data folder. Stop it first, or choose another folder.\n"
    search.survives(search.pieces([b"looking for this"]), door.data, door.store.held)
    assert _run(sys.executable, "-c", SECOND, str(door.data)).stdout == refused
    door.store.close()
    assert _run(sys.executable, "-c", SECOND, str(door.data)).stdout == ""


def test_looking_through_the_files_keeps_the_databases_locks(door: Door) -> None:
    """A descriptor closed too many would drop them, and another program could pull the log away."""
    look = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA journal_mode = DELETE').fetchall()"
    door.store.checkpoint()
    search.survives(search.pieces([b"looking for this"]), door.data, door.store.held)
    done = subprocess.run([sys.executable, "-c", look, str(door.data / DATABASE)], capture_output=True, text=True, check=False)
    assert "database is locked" in done.stderr
    door.admit()


def test_a_log_that_cannot_be_cut_is_told(door: Door) -> None:
    """A checkpoint's answer counts: with another reader in the way it moves nothing."""
    door.admit()
    reader = sqlite3.connect(door.data / DATABASE, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM people").fetchall()
    door.admit()
    door.store._connection.execute("PRAGMA busy_timeout = 0")
    with pytest.raises(VaultError, match="could not be cut"):
        door.store.checkpoint()
    reader.close()
    door.store.checkpoint()


def test_a_database_that_another_program_holds_is_told_at_once(door: Door) -> None:
    """Far below the five seconds after which the supervisor takes the process for dead."""
    assert door.store.row("PRAGMA busy_timeout") == (500,)
    other = sqlite3.connect(door.data / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(VaultError, match="another program"):
        door.admit()
    other.close()
    door.admit()


def test_a_transaction_that_fails_leaves_nothing(door: Door) -> None:
    def fail() -> None:
        with door.store.transaction():
            door.people.invite(NOW, NOW)
            with door.store.transaction():
                door.people.invite(NOW, NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert door.people.count() == 0


# --- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["device.key", "pin.key", "wrapping-0000000001.key"])
def test_a_lost_key_is_told_in_a_sentence(door: Door, tmp_path: Path, name: str) -> None:
    door.store.close()
    (door.keys_folder / name).unlink()
    with pytest.raises(SetupError, match="key folder back") as refused:
        Door.at(tmp_path)
    assert refused.value.code is FaultCode.KEYS_MISSING


def test_a_damaged_key_is_a_lost_key(door: Door, tmp_path: Path) -> None:
    door.store.close()
    (door.keys_folder / "pin.key").write_bytes(b"short")
    with pytest.raises(SetupError) as refused:
        Door.at(tmp_path)
    assert refused.value.code is FaultCode.KEYS_MISSING


def test_keys_that_are_there_are_not_made_again(door: Door) -> None:
    before = {path.name: path.read_bytes() for path in door.keys_folder.iterdir()}
    with pytest.raises(SetupError, match="not empty"):
        FileKeyStore.create(door.keys_folder)
    assert {path.name: path.read_bytes() for path in door.keys_folder.iterdir()} == before


def test_keys_that_others_can_read_are_refused(door: Door) -> None:
    (door.keys_folder / "pin.key").chmod(0o640)
    with pytest.raises(SetupError, match="Others can read"):
        FileKeyStore.open(door.keys_folder)


def test_a_destroyed_key_is_overwritten_before_it_is_removed(door: Door, tmp_path: Path) -> None:
    """A second name for the same file shows what was done to the bytes."""
    door.keys.add(2)
    key = door.keys.wrapping(2)
    os.link(door.keys_folder / "wrapping-0000000002.key", tmp_path / "same")
    assert (tmp_path / "same").read_bytes() == key
    door.keys.destroy(2)
    assert (tmp_path / "same").read_bytes() == bytes(32)
    assert door.keys.generations() == (1,)
    with pytest.raises(VaultError):
        door.keys.wrapping(2)


def test_a_key_that_was_half_written_goes_at_the_next_start(door: Door) -> None:
    (door.keys_folder / "wrapping-0000000002.key.new").write_bytes(b"half")
    (door.keys_folder / "wrapping-0000000002.key.new").chmod(0o600)
    FileKeyStore.open(door.keys_folder)
    assert not list(door.keys_folder.glob("*.new"))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=True)
