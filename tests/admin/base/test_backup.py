"""A copy while it runs, and a new console made of it that revives nobody."""

import gzip
import io
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from admin import accounts, audit, backup, beside, doors, founding, numbers, people, sessions, visitors
from admin.app import create_app
from admin.cli import admin as command
from admin.console import Console
from admin.errors import ConsoleError
from admin.link import policy
from admin.store import Store
from admin.views.sign_in import TOKEN
from device.contract.console import Role
from device.errors import SettingsError
from tests.admin.base.rows import a_door, a_person, admitted
from tests.admin.conftest import Clockwork, Visitor, acts, settings


def restored(console: Console, tmp_path: Path, name: str = "new", ended: Path | None = None) -> Console:
    return backup.restore(tmp_path / "copy", tmp_path / name, ended or beside.place(console.config))


def test_a_copy_holds_everything_and_is_its_users_alone(console: Console, tmp_path: Path) -> None:
    person = a_person(console)
    console.store.connection.execute("BEGIN")  # the console works on meanwhile
    console.store.connection.execute("ROLLBACK")
    backup.make(console, tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o600
    new = restored(console, tmp_path)
    assert new.store.rows("SELECT id FROM people") == [(person.bytes,)]
    assert (new.secret, new.policy_key.private_bytes_raw()) == (console.secret, console.policy_key.private_bytes_raw())
    assert new.config.office == console.config.office
    assert audit.checked(new) is None
    assert acts(new) == ["backup.made", "backup.restored"]
    modes = {stat.S_IMODE(path.stat().st_mode) for path in new.folder.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert [path.name for path in console.folder.iterdir() if path.name.startswith("tmp")] == []


def test_whoever_was_ended_since_stays_ended_and_the_doors_are_told(console: Console, tmp_path: Path) -> None:
    """DEL-02, DEL-05: the list beside the database outlives it."""
    door, person = a_door(console), a_person(console)
    admitted(console, person, door)
    backup.make(console, tmp_path / "copy")
    console.store.run("UPDATE people SET ended_at = 1 WHERE id = ?", (person.bytes,))
    new = restored(console, tmp_path)
    assert new.store.row("SELECT ended_at IS NOT NULL FROM people")[0] == 1
    assert new.store.rows("SELECT door FROM endings") == [(door.bytes,)]
    assert new.store.row("SELECT count(*) FROM memberships")[0] == 0


def test_whoever_was_added_since_is_marked_at_every_door_to_be_forgotten(console: Console, tmp_path: Path) -> None:
    """A door must not go on admitting somebody nobody can end any more."""
    door = a_door(console)
    backup.make(console, tmp_path / "copy")
    later = a_person(console)
    new = restored(console, tmp_path)
    assert new.store.rows("SELECT door, key FROM marks WHERE kind = 'person'") == [(door.bytes, later.bytes)]


def test_what_was_taken_away_since_is_not_back(console: Console, tmp_path: Path, account_of: Callable[..., int]) -> None:
    """A code made anew, a visitor's code taken back, a request refused, an account disabled, a door retired."""
    front, stolen, person, visitor = a_door(console), a_door(console, "Stolen"), a_person(console), visitors.fresh()
    admitted(console, person, front)
    admitted(console, person, stolen)
    people.new_code(console, person)
    now = console.clock.now()
    visitors.add(console, visitor, "A guest", now, now + timedelta(days=5), [front])
    account = account_of(Role.OPERATOR)
    accounts.set_password(console, account, accounts.Chosen(password="x", totp=b"x", step=1))
    console.store.run("INSERT INTO passkeys VALUES (x'01', ?, x'02', 0, 'A key', 0, NULL)", (account,))
    console.store.run("INSERT INTO approvals (act, details, asked_by, asked_at) VALUES ('x', '', ?, 0)", (account,))
    backup.make(console, tmp_path / "copy")
    doors.retire(console, stolen, now)
    new = restored(console, tmp_path)
    for table in ("codes", "approvals", "passkeys", "welcomes"):
        assert new.store.rows(f"SELECT * FROM {table}") == [], table  # noqa: S608  (our own words)
    assert new.store.rows("SELECT password, totp FROM accounts") == [(None, None)]
    assert visitors.one(new, visitor).bearer is None
    assert [door.id for door in doors.every(new, retired=True)] == [stolen]
    (told,) = policy.news(new, front, 0)
    assert [(one.person, one.ended, one.code) for one in told.people] == [(person, False, None)]
    assert [(one.visitor, one.gone) for one in told.guests] == [(visitor, True)]
    again = backup.restore(tmp_path / "copy", tmp_path / "again", beside.place(new.config))
    assert [door.id for door in doors.every(again, retired=True)] == [stolen]


def test_a_visitor_of_after_the_copy_is_forgotten_at_every_door(console: Console, tmp_path: Path, clockwork: Clockwork) -> None:
    """Nobody could take that code back any more."""
    door, visitor, now = a_door(console), visitors.fresh(), clockwork.now()
    backup.make(console, tmp_path / "copy")
    visitors.add(console, visitor, "A guest", now, now + timedelta(days=5), [door])
    (told,) = policy.news(restored(console, tmp_path), door, 0)
    assert [(one.visitor, one.gone) for one in told.guests] == [(visitor, True)]
    assert told.people == ()


def test_without_the_list_the_command_asks_for_it_or_for_a_word(console: Console, tmp_path: Path) -> None:
    run = CliRunner().invoke
    backup.make(console, tmp_path / "copy")
    refused = run(command, ["restore", str(tmp_path / "copy"), str(tmp_path / "new")])
    assert isinstance(refused.exception, ConsoleError)
    assert not (tmp_path / "new").exists()
    told = run(command, ["restore", str(tmp_path / "copy"), str(tmp_path / "new"), "--without-ended"])
    assert told.exit_code == 0
    assert "is there again" in told.output
    link = told.output.rsplit("/welcome/", 1)[1].split()[0]
    new = founding.opened(tmp_path / "new")
    assert accounts.welcome(new, link).role is Role.OPERATOR
    assert acts(new)[-1] == "account.invite"


def test_nobody_is_signed_in_and_no_link_or_ticket_is_good_in_what_was_restored(
    console: Console, tmp_path: Path, client_as: Callable[..., Visitor]
) -> None:
    """WEB-05, WEB-03."""
    visitor = client_as(Role.OPERATOR)
    link = accounts.invite(console, Role.OPERATOR)
    console.store.run("INSERT INTO tickets VALUES (zeroblob(32), ?, 99999999999)", (a_door(console).bytes,))
    backup.make(console, tmp_path / "copy")
    new = restored(console, tmp_path)
    assert sessions.find(new, visitor.cookie()[TOKEN]) is None
    assert Visitor(create_app(new)).get(f"/welcome/{link}").status_code == 404
    assert new.store.row("SELECT count(*) FROM tickets")[0] == 0


def test_numbers_that_doors_remember_never_come_again_not_even_after_two_restores(
    console: Console, tmp_path: Path, clockwork: Clockwork
) -> None:
    door, person = a_door(console), a_person(console)
    admitted(console, person, door)
    backup.make(console, tmp_path / "copy")

    def reached(office: Console) -> tuple[int, ...]:
        marked = office.store.row("SELECT min(number), (SELECT policy FROM doors) FROM marks")
        return (*marked, *(numbers.following(office, table) for table in numbers.COUNTED))

    before, clock = reached(console), clockwork
    clock.forward(86_400)
    first = reached(restored(console, tmp_path, "first"))
    clock.forward(86_400)
    second = reached(restored(console, tmp_path, "second"))
    assert all(a < b < c for a, b, c in zip(before, first, second, strict=True))
    assert max(second) < 2**53


@pytest.mark.parametrize(
    "content",
    [b"", b"not a copy", gzip.compress(b"not a tar"), "path", "link", "short"],
    ids=["empty", "text", "gzip", "outside", "link", "incomplete"],
)
def test_what_is_no_copy_makes_no_console_and_writes_nothing_outside(
    console: Console, tmp_path: Path, content: bytes | str
) -> None:
    backup.make(console, tmp_path / "copy")
    raw = (tmp_path / "copy").read_bytes()
    if isinstance(content, bytes):
        (tmp_path / "copy").write_bytes(content)
    elif content == "short":
        (tmp_path / "copy").write_bytes(raw[: len(raw) // 2])
    else:
        with tarfile.open(tmp_path / "copy", "w:gz") as tar:
            name = "keys/../../outside" if content == "path" else "console.toml"
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size = (
                (tarfile.SYMTYPE, "/etc/passwd", 0) if content == "link" else (tarfile.REGTYPE, "", 1)
            )
            tar.addfile(info, io.BytesIO(b"x"))
    with pytest.raises(ConsoleError, match="no backup"):
        restored(console, tmp_path)
    assert not (tmp_path / "outside").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"clock", "console", "copy"}


def test_nothing_is_written_over(console: Console, tmp_path: Path) -> None:
    backup.make(console, tmp_path / "copy")
    with pytest.raises(ConsoleError, match="already"):
        backup.make(console, tmp_path / "copy")
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "something").touch()
    with pytest.raises(ConsoleError, match="not empty"):
        restored(console, tmp_path)
    with pytest.raises(ConsoleError, match="already"):
        founding.create(console.folder, **settings())
    with pytest.raises(ConsoleError, match="no file"):
        backup.restore(tmp_path / "nothing", tmp_path / "other", None)


def test_a_copy_older_than_the_list_reaches_is_refused(console: Console, tmp_path: Path, clockwork: Clockwork) -> None:
    backup.make(console, tmp_path / "copy")
    clockwork.forward(beside.KEPT.total_seconds() + 1)
    with pytest.raises(ConsoleError, match="older than 400 days"):
        restored(console, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"clock", "console", "copy"}


def test_the_list_on_another_disk_is_found_by_itself(tmp_path: Path, clockwork: Clockwork) -> None:
    del clockwork
    office = founding.create(tmp_path / "office", **settings(clock=str(tmp_path / "clock"), ended=str(tmp_path / "elsewhere")))
    person = a_person(office)
    backup.make(office, tmp_path / "copy")
    office.store.run("UPDATE people SET ended_at = 1 WHERE id = ?", (person.bytes,))
    new = backup.restore(tmp_path / "copy", tmp_path / "new", None)
    assert new.store.row("SELECT ended_at IS NOT NULL FROM people")[0] == 1


def test_a_list_with_a_half_written_last_line_is_read_and_one_that_is_something_else_refused(tmp_path: Path) -> None:
    (tmp_path / "ended").write_text(f"ended {'0' * 32} 5\nended {'1' * 32}", encoding="ascii")
    assert [line.at_s for line in beside.read(tmp_path / "ended")] == [5]
    (tmp_path / "ended").write_text("something else\n", encoding="ascii")
    with pytest.raises(ConsoleError, match="cannot be read"):
        beside.read(tmp_path / "ended")


def test_a_half_written_last_line_never_spoils_the_list(console: Console) -> None:
    """A power cut: what it was about was not kept, and what comes after it stands on a line of its own."""
    place = beside.place(console.config)
    first = a_person(console)
    with place.open("ab") as file:
        file.write(b"ended 0123")
    console.store.close()
    later = founding.opened(console.folder)
    second = a_person(later, "Otto Reuter")
    assert [line.id for line in beside.read(place)] == [first, second]
    later.store.close()


def test_a_line_that_a_full_disk_cut_takes_its_change_with_it(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    place = beside.place(console.config)
    first = a_person(console)

    class Full(io.FileIO):
        def write(self, line: Any) -> int:
            return super().write(bytes(line)[:9])

    with monkeypatch.context() as patched:
        patched.setattr(Path, "open", lambda path, mode, **_: Full(path, mode.replace("b", "")))
        with pytest.raises(sqlite3.OperationalError):
            a_person(console, "Otto Reuter")
    assert console.store.rows("SELECT id FROM people") == [(first.bytes,)]
    later = a_person(console, "Otto Reuter")
    assert [line.id for line in beside.read(place)] == [first, later]


# --- the folder itself -----------------------------------------------------------------------------------------------


def test_a_new_console_is_its_users_alone_and_holds_no_account(console: Console) -> None:
    """WEB-03."""
    assert stat.S_IMODE(console.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in console.folder.rglob("*") if path.is_file()} <= {0o600}
    assert console.store.row("SELECT count(*) FROM accounts")[0] == 0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('office = "x"\n', "missing"),
        ("more = 1\n", "not known"),
        ('zone = "Mars/Base"\n', "time zone"),
        ('preset = "XX"\n', "one of"),
        ("port = 70000\n", "from 0 to 65535"),
        ('port = "443"\n', "whole number"),
        ('clock = "c"\nsimulated = false\n', "simulated clock"),
        ('certificate = "c"\n', "go together"),
        ('name = " "\n', "empty"),
        ("= =", "not valid TOML"),
    ],
)
def test_settings_that_are_wrong_stop_the_start_with_the_key_and_the_mend(tmp_path: Path, line: str, sentence: str) -> None:
    told = settings()
    keys = {part.split(" ")[0] for part in line.splitlines()}
    kept = {} if line.startswith("office") else {key: value for key, value in told.items() if key not in keys}
    path = tmp_path / "console.toml"
    path.write_text("".join(f"{k} = {str(v).lower() if isinstance(v, bool) else repr(v)}\n" for k, v in kept.items()) + line)
    with pytest.raises(SettingsError, match=sentence):
        founding.opened(tmp_path)


def test_keys_that_are_missing_or_cut_short_stop_the_start(console: Console) -> None:
    (console.folder / "keys" / "secret").write_bytes(b"short")
    with pytest.raises(ConsoleError, match="damaged"):
        founding.opened(console.folder)
    (console.folder / "keys" / "secret").unlink()
    with pytest.raises(ConsoleError, match="missing"):
        founding.opened(console.folder)


def test_init_prints_the_words_once_and_a_link_that_is_good_once(tmp_path: Path) -> None:
    """WEB-03; the custodians' words and the link's secret are in no file of the console."""
    made = CliRunner().invoke(command, ["init", str(tmp_path / "c"), "--office", "Studio Nord"])
    assert made.exit_code == 0, made.output
    words = [word for line in made.output.splitlines() if line.startswith("    ") for word in line.split()]
    assert len(words) == 99
    link = made.output.rsplit("/welcome/", 1)[1].strip()
    Store.open(tmp_path / "c").close()
    raw = b"".join(path.read_bytes() for path in (tmp_path / "c").rglob("*") if path.is_file())
    assert link.encode() not in raw
    assert " ".join(words[:33]).encode() not in raw
    again = CliRunner().invoke(command, ["init", str(tmp_path / "c")])
    assert isinstance(again.exception, ConsoleError)
    listed = CliRunner().invoke(command, ["account", "list", str(tmp_path / "c"), "--json"])
    assert listed.output.strip() == "[]"


def test_a_link_and_an_end_from_the_command_line(console: Console, account_of: Callable[..., int]) -> None:
    """For when nobody can sign in; written down like any other."""
    run, folder = CliRunner().invoke, str(console.folder)
    account_of(Role.OPERATOR)
    auditor = account_of(Role.AUDITOR, "Rita")
    made = run(command, ["account", "link", folder, "--account", str(auditor)])
    assert made.output.startswith("https://localhost/welcome/")
    assert run(command, ["account", "disable", folder, "--account", str(auditor)]).exit_code == 0
    assert "disabled" in run(command, ["account", "list", folder]).output
    assert acts(console) == ["account.invite", "account.disable"]
