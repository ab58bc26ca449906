"""The console has the public halves, and takes a change from nobody but those before."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import Result

from admin import custodians, doors, marks
from admin.console import Console
from admin.errors import BadInput, ConsoleError
from admin.incident import files, keys
from admin.incident.files import ChangeFile
from admin.marks import Kind
from tests.admin.custodians.conftest import Words


def change(words: tuple[str, ...]) -> tuple[keys.Keys, ChangeFile]:
    after = keys.derive(keys.draw())
    told = after.public(by=keys.derive(keys.join(words)).statement)
    return after, ChangeFile(incident=told.incident, evidence=told.evidence, statement=told.statement, signature=told.signature)


def test_the_words_are_printed_once_and_are_nowhere(console: Console, words: Words) -> None:
    """Canary: a custodian's words, and what they make, are in no file of the console."""
    console.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    private = keys.derive(keys.join(words[:2]))
    secrets = [private.incident.private_bytes_raw(), private.evidence.private_bytes_raw(), private.statement.private_bytes_raw()]
    needles = [*secrets, *(one.hex().encode() for one in secrets), keys.join(words[:2])]
    needles += [" ".join(one.split()[at : at + 3]).encode() for one in words for at in range(31)]
    written = [path.read_bytes() for path in console.folder.rglob("*") if path.is_file()]
    assert any(bytes(private.public().incident) in data for data in written)
    for needle in needles:
        assert not any(needle in data for data in written)


def test_custodians_are_made_once(console: Console, words: Words) -> None:
    assert words
    with pytest.raises(ConsoleError):
        custodians.create(console)


def test_a_signed_change_is_in_force_and_every_door_is_told(
    console: Console, words: Words, byleave: Callable[..., Result], tmp_path: Path
) -> None:
    door = doors.add(console, "Front door", None)
    woken: list[UUID] = []
    console.wake = woken.extend
    result = byleave("rotate", tmp_path / "new.json", lists=words[1:])
    assert result.exit_code == 0, result.output
    custodians.change(console, (tmp_path / "new.json").read_bytes())
    printed = [line for line in result.output.splitlines() if len(line.split()) == 33]
    in_force = custodians.in_force(console)
    assert in_force is not None
    for pair in ((0, 1), (0, 2), (1, 2)):
        assert keys.derive(keys.join([printed[one] for one in pair])).public().incident == in_force.incident
    assert console.store.rows("SELECT door FROM marks WHERE kind = ?", (Kind.CUSTODIANS.value,)) == [(door.bytes,)]
    assert woken == [door]
    assert not any(" ".join(line.split()[:3]).encode() in (tmp_path / "new.json").read_bytes() for line in printed)


def test_a_change_that_those_in_force_did_not_sign_is_refused(console: Console, words: Words) -> None:
    _, good = change(words[:2])
    strangers = keys.split(keys.draw())
    _, theirs = change(strangers[:2])
    before = custodians.in_force(console)
    for wrong in (
        theirs,
        replace(good, incident=theirs.incident),
        replace(good, signature=bytes(64)),
        replace(good, signature=b""),
    ):
        with pytest.raises(BadInput, match="not signed"):
            custodians.change(console, files.write(wrong))
    assert custodians.in_force(console) == before
    assert console.store.rows("SELECT * FROM marks") == []


def test_changes_follow_one_another(console: Console, words: Words) -> None:
    """A change is signed by those in force and by nobody earlier."""
    first, one = change(words[:2])
    custodians.change(console, files.write(one))
    _, late = change(words[:2])
    with pytest.raises(BadInput, match="not signed"):
        custodians.change(console, files.write(late))
    with pytest.raises(BadInput, match="already"):
        custodians.change(console, files.write(one))
    told = keys.derive(keys.draw()).public(by=first.statement)
    two = ChangeFile(incident=told.incident, evidence=told.evidence, statement=told.statement, signature=told.signature)
    custodians.change(console, files.write(two))
    assert console.store.row("SELECT count(*) FROM custodians")[0] == 3


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"\xff", b'{"form": "byleave-custodians-1"}', b'{"form": []}', b"[" * 100_000]
)
def test_what_is_no_file_of_ours_is_refused_with_a_sentence(console: Console, words: Words, data: bytes) -> None:
    assert words
    with pytest.raises(BadInput):
        custodians.change(console, data)


def test_a_console_without_custodians_takes_no_change(console: Console) -> None:
    _, told = change(keys.split(keys.draw())[:2])
    with pytest.raises(ConsoleError):
        custodians.change(console, files.write(told))
    assert marks.paired(console) == ()
