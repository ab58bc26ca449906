"""Killed with SIGKILL at random instants: no promise broken, nothing half erased, no badge lost (`design.md` section 6)."""

import secrets
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import pytest

from device.door import receipts
from device.door.consent import LIVE
from tests.door.vault.made import NOW, Door

PEOPLE = 12


@pytest.mark.parametrize("kills", [15, pytest.param(500, marks=pytest.mark.long)])
def test_killed_at_any_instant_it_is_whole_after_the_next_start(tmp_path: Path, kills: int) -> None:
    door = Door.at(tmp_path, new=True)
    made = [door.admit() for _ in range(PEOPLE)]
    door.store.close()
    told: dict[UUID, tuple[bytes, bytes]] = {}
    forgotten = 0
    for _ in range(kills):
        told |= _killed(tmp_path)
        door = Door.at(tmp_path)
        door.forget.finish(NOW)
        enrolled = _check(door)
        kept = {person for person in enrolled & set(told) if door.row(person)[1] == told[person][0]}
        gone = [told[person] for person in set(told) - kept]
        forgotten += len(gone)
        files = [path.read_bytes() for path in door.data.rglob("*") if path.is_file()]
        assert not any(part in data for sealed, wrapped in gone for part in _parts(sealed + wrapped) for data in files)
        assert all(any(told[person][0][40:80] in data for data in files) for person in kept)
        for one in made:
            assert door.people.by_badge(one.badge) == door.people.by_pin(one.pin) == one.person
        door.store.close()
    assert forgotten


def _killed(folder: Path) -> dict[UUID, tuple[bytes, bytes]]:
    """Let a child run until some instant after its first word, kill it, and hear what it had said."""
    command = [sys.executable, "-m", "tests.door.vault.crash", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(secrets.randbelow(200_000) / 1_000_000)
        child.kill()
        lines += child.stdout.readlines()
    words = [line.split() for line in lines if line.endswith("\n")]
    return {UUID(hex=person): (bytes.fromhex(sealed), bytes.fromhex(wrapped)) for person, sealed, wrapped in words}


def _check(door: Door) -> set[UUID]:
    """Every promise the vault makes; gives who is enrolled."""
    assert door.vault.journal.verify() > 0
    assert door.vault.orphans() == 0
    assert door.keys.generations() == (door.vault.generation,)
    with door.vault.gallery(NOW.replace(year=2026, hour=23)) as gallery:
        enrolled = set(gallery.people)
        assert len(enrolled) == door.templates()
    live = {UUID(bytes=person) for person, state in door.store.rows("SELECT person, state FROM consents") if state in LIVE}
    assert live == enrolled
    for document, searched in door.store.rows("SELECT receipt, searched FROM erasures"):
        assert receipts.verify(document, door.keys.public)["searched"] == searched
    return enrolled


def _parts(material: bytes) -> list[bytes]:
    return [material[at : at + 16] for at in range(0, len(material) - 15, 8)]
