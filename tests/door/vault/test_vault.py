"""What is stored, who can open it, and when it stops counting."""

import secrets
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest

from device.contract.screen import Standing
from device.contract.words import NoticeText
from device.door import receipts
from device.door.consent import Event, State, Who
from device.door.keys import FileKeyStore
from device.door.seal import Binding, seal, unseal
from device.door.store import Store
from device.door.vault import Vault
from device.errors import FaultCode, NoConsent, SetupError, Unknown, VaultError
from tests.door.vault.made import KEEPING, MODEL, NOW, Door, somewhere, template

SECOND = timedelta(seconds=1)


def _rewrite(door: Door, column: str, values: list[tuple[bytes, bytes]]) -> None:
    """Like somebody with the file in their hands: without our refusals."""
    connection = door.store._connection
    connection.execute("DROP TRIGGER only_a_templates_key_is_wrapped_anew")
    for person, value in values:
        connection.execute(f"UPDATE templates SET {column} = ? WHERE person = ?", (value, person))  # noqa: S608  # fixed list


def test_what_was_stored_comes_back_exactly(door: Door) -> None:
    people = [door.admit().person for _ in range(3)]
    means = [door.enrol(person) for person in people]
    with door.vault.gallery(NOW) as gallery:
        assert gallery.people == tuple(people)
        assert gallery.templates.flags["C_CONTIGUOUS"]
        assert gallery.templates.dtype == np.float32
        assert np.array_equal(gallery.templates, np.stack(means))
    with door.vault.gallery(NOW, only=people[1]) as gallery:
        assert gallery.people == (people[1],)
        assert np.array_equal(gallery.templates, means[1][None])


def test_a_wiped_gallery_holds_nothing_and_nobody(door: Door) -> None:
    """MIN-03: overwritten, also for whoever kept the array."""
    door.enrol(door.admit().person)
    gallery = door.vault.gallery(NOW)
    kept = gallery.templates
    assert kept.any()
    assert repr(gallery) == "Gallery(hidden)"
    gallery.wipe()
    gallery.wipe()
    assert not kept.any()
    assert gallery.templates.shape == (0, 128)
    assert gallery.people == ()


def test_an_empty_vault_gives_an_empty_gallery(door: Door) -> None:
    with door.vault.gallery(NOW) as gallery:
        assert gallery.templates.shape == (0, 128)


def test_the_plain_template_is_in_no_file(door: Door) -> None:
    mean = door.enrol(door.admit().person)
    door.store.checkpoint()
    assert not somewhere(door.data, mean.tobytes()[:16])
    assert not somewhere(door.keys_folder, mean.tobytes()[:16])


@pytest.mark.parametrize("column", ["wrapped", "sealed"])
def test_a_flipped_bit_does_not_open_and_is_erased_by_the_sweep(door: Door, column: str) -> None:
    """CUS-05."""
    hurt, whole = door.admit().person, door.admit().person
    door.enrol(hurt)
    mean = door.enrol(whole)
    value = bytearray(door.row(hurt)[column == "sealed"])
    value[secrets.randbelow(len(value))] ^= 1 << secrets.randbelow(8)
    _rewrite(door, column, [(hurt.bytes, bytes(value))])
    with pytest.raises(VaultError) as refused:
        door.vault.gallery(NOW)
    assert refused.value.code is FaultCode.VAULT_DAMAGED
    assert door.forget.sweep(NOW) == 1
    assert door.vault.state(hurt) is State.LAPSED
    with door.vault.gallery(NOW) as gallery:
        assert np.array_equal(gallery.templates, mean[None])


def test_a_damaged_key_never_stands_in_the_way_of_an_erasure(door: Door) -> None:
    hurt, other = door.admit().person, door.admit().person
    door.enrol(hurt)
    door.enrol(other)
    _rewrite(door, "wrapped", [(hurt.bytes, secrets.token_bytes(60))])
    door.forget.forget(other, Event.WITHDRAW, Who.PERSON, NOW)
    assert door.templates() == 0
    assert door.vault.state(hurt) is State.LAPSED


def test_swapped_rows_do_not_open(door: Door) -> None:
    """CUS-05: key and template of one person, under another's name."""
    first, second = door.admit().person, door.admit().person
    door.enrol(first)
    door.enrol(second)
    rows = door.row(first), door.row(second)
    _rewrite(door, "wrapped", [(first.bytes, rows[1][0]), (second.bytes, rows[0][0])])
    door.store._connection.execute("UPDATE templates SET sealed = ? WHERE person = ?", (rows[1][1], first.bytes))
    door.store._connection.execute("UPDATE templates SET sealed = ? WHERE person = ?", (rows[0][1], second.bytes))
    with pytest.raises(VaultError):
        door.vault.gallery(NOW)


def test_a_seal_opens_for_its_own_person_consent_model_and_generation_only() -> None:
    """CUS-05, each part of the binding by itself."""
    person, consent, key = uuid4(), uuid4(), secrets.token_bytes(32)
    binding = Binding(person, consent, MODEL)
    mean = template()
    closed = seal(mean, binding, 3, key)
    into = np.zeros(128, dtype="<f4")
    unseal(closed, binding, key, into)
    assert np.array_equal(into, mean)
    others = (Binding(uuid4(), consent, MODEL), Binding(person, uuid4(), MODEL), Binding(person, consent, bytes(32)))
    wrong = [(closed, other, key) for other in others]
    wrong += [(replace(closed, generation=4), binding, key), (closed, binding, secrets.token_bytes(32))]
    for case in wrong:
        with pytest.raises(VaultError):
            unseal(*case, into)


def test_another_models_templates_are_not_matched_and_go(door: Door, tmp_path: Path) -> None:
    """DEL-13."""
    person = door.admit().person
    door.enrol(person)
    door.store.close()
    other = Door.at(tmp_path, model=bytes(32))
    with other.vault.gallery(NOW) as gallery:
        assert gallery.people == ()
    assert other.forget.sweep(NOW) == 1
    assert other.vault.state(person) is State.LAPSED
    other.store.close()


def test_a_copied_data_folder_opens_nothing_without_the_keys(door: Door, tmp_path: Path) -> None:
    """CUS-05: the keys are elsewhere."""
    door.enrol(door.admit().person)
    door.store.close()
    shutil.copytree(door.data, tmp_path / "stolen")
    for name in ("a", "b"):
        keys = FileKeyStore.create(tmp_path / name)
        store = Store.open(tmp_path / "stolen")
        with pytest.raises(SetupError) as refused:
            Vault(store, keys, MODEL, KEEPING)
        assert refused.value.code is FaultCode.KEYS_MISSING
        store.run("UPDATE door SET device = ?", (keys.public,))
        with pytest.raises(VaultError):
            Vault(store, keys, MODEL, KEEPING).gallery(NOW)
        store.close()


def test_an_old_copy_with_the_keys_of_now_opens_nothing_that_was_erased(door: Door, tmp_path: Path) -> None:
    """DEL-06, DEL-12: what came back from an old disk stays closed."""
    person = door.admit().person
    door.enrol(person)
    door.store.checkpoint()
    shutil.copytree(door.data, tmp_path / "old")
    wrapped, sealed = door.row(person)
    door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    store = Store.open(tmp_path / "old")
    assert store.row("SELECT wrapped, sealed FROM templates") == (wrapped, sealed)
    with pytest.raises(SetupError):
        Vault(store, door.keys, MODEL, KEEPING)
    store.run("UPDATE door SET generation = ?", (door.vault.generation,))
    with pytest.raises(VaultError):
        Vault(store, door.keys, MODEL, KEEPING).gallery(NOW)
    store.close()


def test_a_consent_ends_by_itself_to_the_second(door: Door) -> None:
    """CON-09, DEL-11: not matched from that second on, erased by the sweep."""
    person = door.admit().person
    door.enrol(person)
    until = NOW + timedelta(days=365)
    for day in range(60, 365, 60):
        door.vault.used(person, NOW + timedelta(days=day))
    assert door.vault.about(person).gone_at == until
    assert door.forget.sweep(until - SECOND) == 0
    assert door.vault.gallery(until - SECOND).people == (person,)
    assert door.vault.gallery(until).people == ()
    assert door.forget.sweep(until) == 1
    assert door.vault.state(person) is State.EXPIRED
    assert door.templates() == 0


def test_an_unused_face_goes_to_the_second(door: Door) -> None:
    """DEL-03."""
    person = door.admit().person
    door.enrol(person)
    used = NOW + timedelta(days=30)
    door.vault.used(person, used)
    gone = used + timedelta(days=90)
    assert door.vault.about(person).gone_at == gone
    assert door.vault.gallery(gone - SECOND).people == (person,)
    assert door.vault.gallery(gone).people == ()
    assert door.forget.sweep(gone - SECOND) == 0
    assert door.forget.sweep(gone) == 1
    assert door.templates() == 0


def test_a_clock_set_back_revives_nothing(door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was over at the last sweep stays over; what is to come comes after as much time as before."""
    year, week, unused = timedelta(days=365), timedelta(days=7), timedelta(days=90)
    over, coming, fresh = (door.admit().person for _ in range(3))
    door.enrol(over)
    door.enrol(coming, NOW + timedelta(minutes=10))
    gone = NOW + unused
    monkeypatch.setattr(door.keys, "add", _cannot)
    with pytest.raises(VaultError):
        door.forget.sweep(gone)
    assert door.templates() == 2
    back = gone - year
    assert door.vault.gallery(back).people == (coming,)
    door.store.close()
    again = Door.at(tmp_path)
    assert again.vault.gallery(back).people == (coming,)
    assert again.forget.sweep(back) == 1
    assert again.vault.state(over) is State.EXPIRED
    again.enrol(fresh, back)
    assert again.vault.gallery(back).people == (coming, fresh)
    assert again.vault.about(fresh).gone_at == gone + unused
    again.vault.journal.opened(fresh, back)
    swept = [again.forget.sweep(back + timedelta(minutes=minute)) for minute in range(1, 12)]
    assert swept == [0] * 9 + [1, 0]
    assert again.vault.gallery(back).people == (fresh,)
    assert again.vault.journal.openings(fresh) == (gone,)
    assert again.forget.sweep(back + week) == 0
    assert again.vault.gallery(gone + unused).people == ()
    again.store.close()


def test_a_clock_that_starts_in_1970_and_is_set_right_takes_nothing_along(door: Door) -> None:
    """Small computers without a battery begin so; the jump back to today is no time that passed."""
    person = door.admit().person
    door.enrol(person)
    for moment in (NOW, datetime(1970, 1, 1, tzinfo=UTC), NOW + timedelta(minutes=5)):
        assert door.forget.sweep(moment) == 0
    assert door.vault.gallery(NOW).people == (person,)


def test_what_happened_after_the_last_sweep_counts_as_seen(door: Door) -> None:
    """A yes from the minute before the clock was set back is live, not in the future."""
    person = door.admit().person
    door.enrol(person)
    back = NOW - timedelta(days=365)
    assert door.vault.gallery(back).people == (person,)
    assert door.vault.active(person, back).at == NOW


def test_using_a_face_changes_no_template(door: Door) -> None:
    """ACC-14."""
    person = door.admit().person
    door.enrol(person)
    before = door.store.rows("SELECT * FROM templates")
    door.vault.used(person, NOW + SECOND)
    assert door.store.rows("SELECT * FROM templates") == before


def test_looks_that_were_left_take_the_consent_along(door: Door) -> None:
    person = door.admit().person
    door.give(person)
    assert door.vault.advance(person, Event.LEAVE, Who.PERSON, NOW) is State.BADGE_AND_PIN
    door.give(person)
    assert door.forget.sweep(NOW + timedelta(minutes=14)) == 0
    assert door.forget.sweep(NOW + timedelta(minutes=15)) == 1
    assert door.vault.state(person) is State.BADGE_AND_PIN
    door.give(person)
    assert door.forget.finish(NOW) == 0
    assert door.vault.state(person) is State.BADGE_AND_PIN


def test_a_changed_notice_ends_what_was_agreed_before(door: Door) -> None:
    person = door.admit().person
    door.enrol(person)
    door.notices.put_in_force(NoticeText("Something else."), NOW)
    assert door.vault.gallery(NOW).people == ()
    assert door.forget.sweep(NOW) == 1
    assert door.vault.state(person) is State.LAPSED
    assert door.templates() == 0


def test_renewing_takes_a_fresh_yes_and_moves_the_deadline(door: Door) -> None:
    person = door.admit().person
    mean = door.enrol(person)
    later = NOW + timedelta(days=80)
    door.vault.used(person, later)
    door.vault.advance(person, Event.RENEW, Who.PERSON, later, door.notices.current)
    assert door.vault.active(person, later).until == later + timedelta(days=365)
    with door.vault.gallery(later) as gallery:
        assert np.array_equal(gallery.templates, mean[None])
    with pytest.raises(NoConsent):
        door.vault.advance(person, Event.RENEW, Who.PERSON, later)


@pytest.mark.parametrize("after", [timedelta(minutes=1), timedelta(0), -timedelta(days=1)])
def test_a_badge_made_again_without_the_old_pin_stops_the_face_at_once(door: Door, tmp_path: Path, after: timedelta) -> None:
    """In the same second, behind a clock set back, after a restart; even if nobody calls forgetting: the sweep does."""
    person = door.admit().person
    door.enrol(person)
    later = NOW + after
    made = door.people.redeem(door.people.invite_again(person, later, later + timedelta(days=7)), later)
    assert made.again
    assert door.vault.gallery(later).people == ()
    door.store.close()
    again = Door.at(tmp_path)
    assert again.vault.gallery(later).people == ()
    with pytest.raises(NoConsent):
        again.vault.active(person, later)
    assert again.forget.sweep(later) == 1
    assert again.vault.state(person) is State.LAPSED
    again.enrol(person, later)
    assert again.vault.gallery(later).people == (person,)
    again.store.close()


def test_with_the_old_pin_everything_goes_on(door: Door) -> None:
    first = door.admit()
    door.enrol(first.person)
    later = NOW + timedelta(minutes=1)
    made = door.people.redeem(door.people.invite_again(first.person, later, later + timedelta(days=7)), later, first.pin)
    assert not made.again
    assert door.vault.gallery(later).people == (first.person,)
    assert door.forget.sweep(later) == 0


def test_a_person_reads_what_is_theirs(door: Door) -> None:
    person = door.admit().person
    assert door.vault.about(person).standing is Standing.NOT_CHOSEN
    door.vault.advance(person, Event.DECLINE, Who.PERSON, NOW)
    assert door.vault.about(person).standing is Standing.BADGE_AND_PIN
    door.enrol(person)
    about = door.vault.about(person)
    assert (about.standing, about.made_at, about.used_at) == (Standing.FACE_TOO, NOW, None)
    assert about.gone_at == NOW + timedelta(days=90)
    door.forget.forget(person, Event.END, Who.OFFICE, NOW)
    assert door.vault.about(person).standing is Standing.ENDED
    with pytest.raises(Unknown):
        door.vault.about(UUID(int=0))


def test_the_consent_receipt_tells_what_was_agreed(door: Door) -> None:
    """CON-10, CON-04, CON-06."""
    person = door.admit().person
    door.enrol(person)
    document = door.vault.consent_receipt(person, NOW)
    told = receipts.verify(document, door.keys.public)
    assert told["notice"] == {"version": 1, "sha256": door.notices.current.sha256.hex(), "language": "en"}
    assert told["event"]["valid_until"] == "2027-03-02T09:30:00+00:00"
    assert "Withdraw" in told["withdrawal"]
    assert person.hex not in document.decode()
    with pytest.raises(NoConsent):
        door.vault.consent_receipt(door.admit().person, NOW)


def test_the_choice_log_holds_no_template_and_no_face_number(door: Door) -> None:
    """DEL-10: evidence outlives the template and holds nothing biometric."""
    person = door.admit().person
    door.enrol(person, mean=template())
    door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
    events = [event for (event,) in door.store.rows("SELECT event FROM choices WHERE person = ?", (person.bytes,))]
    assert events == ["give", "store", "withdraw"]
    longest = door.store.row("SELECT max(length(consent), length(notice_sha256), length(hash)) FROM choices")[0]
    assert longest <= 32


def test_rows_do_not_come_back_through_replace(door: Door, tmp_path: Path) -> None:
    """REPLACE removes rows; with recursive triggers the refusals see it, after every start."""
    door.vault.advance(door.admit().person, Event.DECLINE, Who.PERSON, NOW)
    door.store.close()
    again = Door.at(tmp_path)
    for table in ("notices", "choices"):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            again.store._connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608  # fixed list
    again.store.close()


def _cannot(*_: object) -> None:
    raise VaultError("The disk is full.")
