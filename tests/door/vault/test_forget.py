"""Forgetting that can be proved: bytes before and nowhere after, a receipt that is true, the same for everybody."""

import contextlib
import json
import secrets
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from device.contract.screen import Searched
from device.contract.words import BLOB_MOST
from device.door import deadlines, receipts, search
from device.door.consent import Event, State, Who
from device.door.store import DATABASE
from device.errors import Unknown, VaultError
from tests.door.vault.made import NOW, Door, somewhere

RECEIPT_MOST = 1200
"""Bytes that a QR code of moderate size still holds."""


def _runs(material: bytes) -> list[bytes]:
    """Every run of sixteen bytes, so that no remnant of a row goes unseen."""
    return [material[at : at + 16] for at in range(len(material) - 15)]


def _left(folder: Path, material: bytes) -> bool:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(run in data for run in _runs(material) for data in files)


def test_what_was_there_before_is_nowhere_after(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEL-05, the byte test; the ordinary way needs no rebuilding."""
    monkeypatch.setattr(door.store, "rebuild", _cannot)
    people = door.fill(30)
    first = {person: door.row(person)[0] for person in people}
    for person in people[3:12]:
        wrapped, sealed = door.row(person)
        assert _left(door.data, wrapped)
        assert _left(door.data, sealed)
        door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
        assert not _left(door.data, wrapped)
        assert not _left(door.data, sealed)
        assert not _left(door.data, first[person])
        assert door.vault.state(person) is State.WITHDRAWN
    assert door.templates() == 21


def test_the_others_stay_and_open_under_the_new_key(door: Door) -> None:
    people = [door.admit().person for _ in range(4)]
    means = [door.enrol(person) for person in people]
    before = door.keys.wrapping(1)
    door.forget.forget(people[2], Event.WITHDRAW, Who.PERSON, NOW)
    assert door.keys.generations() == (2,)
    assert door.keys.wrapping(2) != before
    with door.vault.gallery(NOW) as gallery:
        assert gallery.people == (*people[:2], people[3])
        assert np.array_equal(gallery.templates, np.stack([*means[:2], means[3]]))
    assert door.vault.orphans() == 0


def test_many_at_once_go_the_same_way(door: Door) -> None:
    people = door.fill(60)
    material = b"".join(part for person in people for part in door.row(person))
    assert door.forget.sweep(NOW + timedelta(days=90)) == 60
    assert door.templates() == 0
    assert not _left(door.data, material)
    told = door.store.rows("SELECT DISTINCT event, who, searched FROM erasures")
    assert told == [("disuse", "clock", "bytes")]


def test_an_open_gallery_is_wiped_when_somebody_in_it_is_forgotten(door: Door) -> None:
    """DEL-01: at once, in the window that is open too."""
    person = door.admit().person
    door.enrol(person)
    gallery = door.vault.gallery(NOW)
    kept = gallery.templates
    door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert gallery.people == ()
    assert not kept.any()


# --- the test of the test --------------------------------------------------------------------------------------------


def test_without_secure_deletion_the_search_finds_what_was_left(door: Door) -> None:
    people = door.fill(30)
    material = b"".join(door.row(people[7]))
    door.store._connection.execute("PRAGMA secure_delete = 0")
    _delete(door, people[7].bytes)
    door.store.checkpoint()
    assert door.templates() == 29
    assert _survives(door, material)
    assert _left(door.data, material)


def test_without_a_checkpoint_the_search_finds_what_was_left(door: Door) -> None:
    people = door.fill(30)
    material = b"".join(door.row(people[7]))
    _delete(door, people[7].bytes)
    assert _survives(door, material)
    door.store.checkpoint()
    assert not _survives(door, material)
    assert not _left(door.data, material)


@pytest.mark.parametrize("careless", ["checkpoint", "secure_delete", "key"])
def test_an_erasure_that_skips_a_step_gives_no_receipt(door: Door, monkeypatch: pytest.MonkeyPatch, careless: str) -> None:
    """The story itself, with one of its steps taken out, must not say that it is done."""
    people = door.fill(30)
    door.forget.forget(people[0], Event.WITHDRAW, Who.PERSON, NOW)
    if careless == "checkpoint":
        monkeypatch.setattr(door.store, "checkpoint", lambda: None)
        monkeypatch.setattr(door.store, "rebuild", lambda: None)
    elif careless == "secure_delete":
        door.store._connection.execute("PRAGMA secure_delete = 0")
        monkeypatch.setattr(door.store, "rebuild", lambda: None)
    else:
        monkeypatch.setattr(door.keys, "destroy", _cannot)
    with pytest.raises(VaultError):
        door.forget.forget(people[7], Event.WITHDRAW, Who.PERSON, NOW)
    assert door.store.rows("SELECT receipt FROM erasures WHERE person = ?", (people[7].bytes,)) == [(None,)]
    assert people[7] not in door.vault.gallery(NOW).people


def test_what_stayed_between_the_rows_goes_by_writing_every_page_anew(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the first search finds something, the pages are rebuilt, searched again, and only then is there a receipt."""
    people = door.fill(30)
    door.forget.forget(people[0], Event.WITHDRAW, Who.PERSON, NOW)
    material = b"".join(door.row(people[7]))
    door.store._connection.execute("PRAGMA secure_delete = 0")
    rebuilt: list[bool] = []
    real = door.store.rebuild

    def watched() -> None:
        rebuilt.append(_left(door.data, material))
        real()

    monkeypatch.setattr(door.store, "rebuild", watched)
    door.forget.forget(people[7], Event.WITHDRAW, Who.PERSON, NOW)
    assert rebuilt == [True]
    assert not _left(door.data, material)


@pytest.mark.parametrize("at", [0, 1, 7, 8, 61, 62, 592])
def test_the_search_finds_any_run_of_fifteen_bytes(tmp_path: Path, at: int) -> None:
    material = secrets.token_bytes(607)
    (tmp_path / "sub").mkdir()
    filling = bytearray(secrets.token_bytes(5000))
    filling[1234:1249] = material[at : at + 15]
    (tmp_path / "sub" / "file").write_bytes(filling)
    assert search.survives(search.pieces([material]), tmp_path, {})
    filling[1234:1249] = bytes(15)
    (tmp_path / "sub" / "file").write_bytes(filling)
    assert not search.survives(search.pieces([material]), tmp_path, {})


@pytest.mark.parametrize("offset", range(-9, 3))
def test_the_search_looks_across_the_borders_of_its_chunks(tmp_path: Path, offset: int) -> None:
    needle = secrets.token_bytes(8)
    at = (1 << 20) + offset
    (tmp_path / "big").write_bytes(bytes(at) + needle + bytes(100))
    assert search.survives(search.pieces([needle]), tmp_path, {})


def test_the_look_at_the_structure_sees_a_free_page_that_is_not_empty(door: Door) -> None:
    person = door.admit().person
    with door.store.transaction():
        for _ in range(2000):
            door.vault.journal.opened(person, NOW)
    door.vault.journal.drop_openings(person, NOW)
    door.store.checkpoint()
    assert door.store.row("PRAGMA freelist_count")[0] > 2
    assert not search.lingers(door.data, door.store.held)
    database = bytearray((door.data / DATABASE).read_bytes())
    trunk = int.from_bytes(database[32:36], "big")
    leaf = int.from_bytes(database[(trunk - 1) * 4096 + 8 : (trunk - 1) * 4096 + 12], "big")
    database[leaf * 4096 - 5] = 1
    (door.data.parent / "copy").mkdir()
    (door.data.parent / "copy" / DATABASE).write_bytes(database)
    assert search.lingers(door.data.parent / "copy", {})


# --- receipts --------------------------------------------------------------------------------------------------------


def test_the_receipt_is_signed_small_and_honest(door: Door) -> None:
    """DEL-08, and design promise 8: it says what the hardware cannot promise."""
    person = door.admit().person
    door.enrol(person)
    receipt = door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert len(receipt.document) < RECEIPT_MOST < BLOB_MOST
    told = receipts.verify(receipt.document, door.keys.public)
    assert told["result"] == "No face of yours is here."
    assert told["searched"] == receipt.searched == Searched.BYTES
    assert told["trigger"] == "withdraw"
    assert told["subject"] == receipts.subject(person)
    assert told["keys"]["store"] == "file"
    assert "flash" in told["keys"]["promise"]
    assert person.hex not in receipt.document.decode()
    kept = door.store.row("SELECT receipt, searched FROM erasures WHERE person = ?", (person.bytes,))
    assert kept == (receipt.document, "bytes")


def test_an_altered_receipt_does_not_verify(door: Door, tmp_path: Path) -> None:
    document = door.forget.forget(door.admit().person, Event.WITHDRAW, Who.PERSON, NOW).document
    for at in range(0, len(document), 7):
        altered = bytearray(document)
        altered[at] ^= 2
        with pytest.raises(VaultError):
            receipts.verify(bytes(altered), door.keys.public)
    for rubbish in (b"", b"\n", b"{}\n", document[:-1], document.split(b"\n")[0], b"{}\n" + document.split(b"\n")[1]):
        with pytest.raises(VaultError):
            receipts.verify(rubbish, door.keys.public)
    other = Door.at(tmp_path / "other", new=True)
    other.store.close()
    with pytest.raises(VaultError):
        receipts.verify(document, other.keys.public)


def test_a_receipt_tells_nobody_whether_there_was_a_face(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Promise 9 and `design.md` section 4: the same words and form, the same steps, template or not."""
    looked_for: list[int] = []
    real = search.pieces

    def counted(material: Iterable[bytes]) -> search.Pieces:
        wanted = real(material)
        looked_for.append(len(wanted))
        return wanted

    monkeypatch.setattr(search, "pieces", counted)
    with_face, without, declined = (door.admit().person for _ in range(3))
    door.enrol(with_face)
    door.vault.advance(declined, Event.DECLINE, Who.PERSON, NOW)
    told = []
    for person in (with_face, without, declined, with_face):
        before = door.vault.generation
        receipt = door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
        assert door.vault.generation == before + 1
        body = receipts.verify(receipt.document, door.keys.public)
        told.append((len(receipt.document), {k: v for k, v in body.items() if k not in {"receipt", "subject"}}))
    assert told == [told[0]] * 4
    assert len(looked_for) == 4
    assert max(looked_for) - min(looked_for) <= 1
    assert door.vault.state(declined) is State.BADGE_AND_PIN
    assert door.vault.state(without) is State.NOT_CHOSEN


def test_pressing_again_and_again_fills_no_disk(door: Door) -> None:
    """The newest receipt of a person replaces the older ones; a choice that says nothing new is no row."""
    with_face, without = door.admit().person, door.admit().person
    door.enrol(with_face)
    pages = []
    for press in range(30):
        at = NOW + timedelta(seconds=press)
        documents = [door.forget.forget(person, Event.WITHDRAW, Who.PERSON, at).document for person in (with_face, without)]
        pages.append(door.store.row("PRAGMA page_count")[0])
    assert pages[2:] == pages[2:3] * 28
    assert door.store.rows("SELECT receipt FROM erasures ORDER BY number") == [(document,) for document in documents]
    logged = [door.store.rows("SELECT event FROM choices WHERE person = ?", (p.bytes,)) for p in (with_face, without)]
    assert logged == [[("give",), ("store",), ("withdraw",)], [("withdraw",)]]
    door.enrol(with_face)
    door.forget.forget(with_face, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.store.row("SELECT count(*) FROM choices WHERE person = ?", (with_face.bytes,)) == (6,)


def test_the_newest_erasure_is_noted_for_ever(door: Door) -> None:
    door.forget.forget(door.admit().person, Event.WITHDRAW, Who.PERSON, NOW)
    for change in ("UPDATE erasures SET receipt = NULL, finished_at = NULL, searched = NULL", "DELETE FROM erasures"):
        with pytest.raises(VaultError):
            door.store.run(change)


# --- who leaves, who is not there, what is interrupted ---------------------------------------------------------------


def test_who_leaves_takes_badge_pin_openings_and_face_along(door: Door) -> None:
    """DEL-02."""
    made = door.admit()
    door.enrol(made.person)
    door.vault.journal.opened(made.person, NOW)
    material = b"".join(door.row(made.person))
    badge = door.store.row("SELECT digest FROM badges WHERE person = ?", (made.person.bytes,))[0]
    door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    assert door.vault.state(made.person) is State.ENDED
    assert not _left(door.data, material)
    assert not somewhere(door.data, badge)
    for table in ("templates", "badges", "invitations", "openings"):
        query = f"SELECT count(*) FROM {table} WHERE person = ?"  # noqa: S608  # fixed list
        assert door.store.row(query, (made.person.bytes,)) == (0,), table
    door.forget.forget(made.person, Event.END, Who.OFFICE, NOW)
    with pytest.raises(VaultError):
        door.give(made.person)


def test_nobody_is_forgotten_who_was_never_here(door: Door) -> None:
    with pytest.raises(Unknown):
        door.forget.forget(door.admit().person.__class__(int=5), Event.WITHDRAW, Who.PERSON, NOW)
    assert door.keys.generations() == (1,)


def test_the_office_cannot_withdraw_for_a_person(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    with pytest.raises(VaultError):
        door.forget.forget(person, Event.WITHDRAW, Who.OFFICE, NOW)
    assert door.vault.gallery(NOW).people == (person,)
    assert door.forget.sweep(NOW) == 0
    assert door.templates() == 1


def test_who_was_just_ended_may_still_press_withdraw(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    door.forget.forget(person, Event.END, Who.OFFICE, NOW)
    receipt = door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    assert receipts.verify(receipt.document, door.keys.public)["result"] == receipts.RESULT
    assert door.vault.state(person) is State.ENDED
    assert door.forget.sweep(NOW) == 0


def test_after_withdrawing_one_may_say_yes_again(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    mean = door.enrol(person)
    with door.vault.gallery(NOW) as gallery:
        assert np.array_equal(gallery.templates, mean[None])


@pytest.mark.parametrize("step", ["ask", "add", "cut", "destroy", "checkpoint", "receipt"])
def test_an_erasure_cut_short_anywhere_is_whole_after_the_next_start(
    door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Any prefix: not even asked, or it is finished, and the receipt says where only structure could be looked at."""
    people = [door.admit().person for _ in range(3)]
    means = [door.enrol(person) for person in people]
    material = b"".join(door.row(people[1]))
    owners = {"ask": deadlines, "cut": door.vault, "checkpoint": door.store, "receipt": receipts}
    name = "of_erasure" if step == "receipt" else step
    monkeypatch.setattr(owners.get(step, door.keys), name, _power_cut)
    with pytest.raises(SystemExit):
        door.forget.forget(people[1], Event.WITHDRAW, Who.PERSON, NOW)
    monkeypatch.undo()
    door.store.close()
    again = Door.at(tmp_path)
    happened = step != "ask"
    assert again.forget.finish(NOW) == int(happened)
    assert again.keys.generations() == (again.vault.generation,)
    with again.vault.gallery(NOW) as gallery:
        kept = means if not happened else [means[0], means[2]]
        assert np.array_equal(gallery.templates, np.stack(kept))
    if happened:
        assert not _left(again.data, material)
        document, searched = again.store.row("SELECT receipt, searched FROM erasures")
        assert searched == ("bytes" if step in {"add", "cut"} else "structure")
        assert json.loads(document.split(b"\n")[0])["searched"] == searched
        receipts.verify(document, again.keys.public)
    again.store.close()


def _delete(door: Door, person: bytes) -> None:
    door.store.run("DELETE FROM templates WHERE person = ?", (person,))


def _survives(door: Door, material: bytes) -> bool:
    return search.survives(search.pieces([material]), door.data, door.store.held)


def _cannot(*_: object) -> None:
    raise VaultError("The disk is full.")


def _power_cut(*_: object) -> None:
    raise SystemExit


def test_the_search_reads_what_it_must_or_says_that_it_could_not(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    (door.data / "odd").mkdir()
    with contextlib.suppress(FileExistsError):
        (door.data / "odd" / "link").symlink_to("/nowhere")
    assert door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW).searched is Searched.BYTES
