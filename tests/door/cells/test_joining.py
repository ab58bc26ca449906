"""How the office's key comes to a new door: by digits that a person carries, and by nothing else."""

import hmac
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from device.contract.console import JOIN_DIGITS, JoinAsked, JoinGranted, JoinSealed, JoinWanted
from device.contract.words import BLOB_MOST, Blob
from device.door import joining
from device.door.consent import Event, Who
from device.door.group import SIGNERS_MOST
from device.door.joining import GOOD, PART_BYTES, PARTS_MOST, WRONG_MOST
from device.door.keys import FileKeyStore
from device.errors import VaultError
from tests.door.cells.made import Place, close, know, minute, office
from tests.door.vault.made import NOW, somewhere

SECOND = timedelta(seconds=1)


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Place]:
    """The first door of an office."""
    places = office(tmp_path / "old", 1)
    yield places[0]
    close(places)


@pytest.fixture
def new(tmp_path: Path, old: Place) -> Iterator[Place]:
    """A new door of the same office."""
    place = Place.at(tmp_path / "new", 1)
    know([old, place])
    yield place
    close([place])


def _ask(new: Place, old: Place) -> str:
    """The new door shows digits, and the console tells the old one, beside which somebody expects it; the digits."""
    digits, asked = new.joining.begin(NOW)
    old.joining.expect(NOW)
    old.joining.wanted(_wanted(new, asked(1)), NOW)
    return digits


def _wanted(new: Place, asked: JoinAsked) -> JoinWanted:
    return JoinWanted(door=new.sibling().door, public=asked.public, salt=asked.salt, proof=asked.proof)


def _granted(old: Place) -> list[JoinSealed]:
    """What the console hands on."""
    records = [record for record in old.post.records if isinstance(record, JoinGranted)]
    return [JoinSealed(part=record.part, of=record.of, sealed=record.sealed) for record in records]


def test_the_first_door_of_an_office_holds_its_key_and_a_new_one_does_not(old: Place, new: Place) -> None:
    assert old.joining.joined
    assert not old.joining.needed
    assert not new.joining.joined
    assert new.joining.needed


def test_a_door_that_made_badges_before_it_was_told_of_others_keeps_its_key(tmp_path: Path, old: Place) -> None:
    place = Place.at(tmp_path / "used", 1)
    assert not place.joining.joined
    place.door.admit()
    know([old, place])
    assert place.joining.joined
    close([place])


def test_digits_carried_from_screen_to_screen_bring_key_and_book(old: Place, new: Place) -> None:
    """Badges open at the new door, the next ones cross in cells, and no template came along."""
    made = old.door.admit()
    new.admit(made.person)
    old.door.enrol(made.person)
    digits = _ask(new, old)
    assert len(digits) == JOIN_DIGITS
    assert old.joining.typed(digits, NOW)
    parts = _granted(old)
    assert [new.joining.sealed(part, NOW) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert new.joining.joined
    assert new.door.keys.office_key == old.door.keys.office_key
    assert FileKeyStore.open(new.door.keys_folder).office_key == old.door.keys.office_key
    assert new.door.people.by_badge(made.badge) == new.door.people.by_pin(made.pin) == made.person
    assert not new.has_face(made.person)
    second = new.door.admit()
    old.admit(second.person)
    minute([old, new])
    assert old.door.people.by_badge(second.badge) == second.person


def test_a_code_that_came_before_the_key_is_good_after_it(old: Place, new: Place) -> None:
    person, code = new.door.people.invite(NOW, NOW + timedelta(days=7))
    assert old.joining.typed(_ask(new, old), NOW)
    for part in _granted(old):
        new.joining.sealed(part, NOW)
    assert new.door.people.redeem(code, NOW).person == person


def test_a_replaced_door_gets_the_book_back_and_the_badges_it_signed_itself(tmp_path: Path) -> None:
    """`byleave device replace`: badges of the broken door open at the new one, templates are gone."""
    broken, whole = office(tmp_path, 2)
    made = broken.door.admit()
    whole.admit(made.person)
    broken.door.enrol(made.person)
    for _ in range(2):
        minute([broken, whole])
    instead = Place.at(tmp_path / "instead", 0)
    know([instead, whole])
    instead.cells.siblings((instead.sibling(), whole.sibling()))
    instead.door.store.run("UPDATE office SET joined = 0")
    instead.admit(made.person)
    assert whole.joining.typed(_ask(instead, whole), NOW)
    for part in _granted(whole):
        instead.joining.sealed(part, NOW)
    assert instead.door.people.by_badge(made.badge) == made.person
    assert not instead.has_face(made.person)
    close([broken, whole, instead])


def test_parts_may_come_in_any_order_and_again(old: Place, new: Place) -> None:
    people = [old.door.admit() for _ in range(60)]
    for one in people:
        new.admit(one.person)
    assert old.joining.typed(_ask(new, old), NOW)
    parts = _granted(old)
    assert len(parts) > 2
    came = [new.joining.sealed(part, NOW) for part in (parts[0], parts[0], *reversed(parts))]
    assert came == [False] * len(parts) + [True, False]
    assert all(new.door.people.by_badge(one.badge) == one.person for one in people)


def test_what_is_granted_is_as_long_as_the_policy_makes_it(old: Place, new: Place) -> None:
    """Nothing can be counted in it but who is admitted: not who has collected, not who has a face."""
    codes = [old.door.people.invite(NOW, NOW + timedelta(days=7)) for _ in range(40)]
    told = []
    for batch in ([], codes[:20], codes[20:]):
        for _, code in batch:
            person = old.door.people.redeem(code, NOW).person
            old.door.enrol(person)
        assert old.joining.typed(_ask(new, old), NOW)
        told.append([len(part.sealed) for part in _granted(old)])
        old.post.records.clear()
    assert told == [told[0]] * 3
    assert max(told[0]) <= PART_BYTES <= BLOB_MOST


def test_a_new_door_is_told_of_on_the_notice_page_for_thirty_days(old: Place, new: Place) -> None:
    assert old.joining.granted(NOW) == ()
    assert old.joining.typed(_ask(new, old), NOW)
    assert old.joining.granted(NOW + timedelta(days=30) - SECOND) == (NOW,)
    assert old.joining.granted(NOW + timedelta(days=30)) == ()


# --- who may not -----------------------------------------------------------------------------------------------------


def test_wrong_digits_give_nothing_and_five_of_them_end_it(old: Place, new: Place) -> None:
    digits = _ask(new, old)
    wrong = f"{(int(digits) + 1) % 10**12:012}"
    for _ in range(WRONG_MOST - 1):
        assert not old.joining.typed(wrong, NOW)
    assert old.joining.typed(digits, NOW)
    digits = _ask(new, old)
    assert not old.joining.typed(wrong, NOW)
    old.post.records.clear()
    assert not old.joining.typed(digits, NOW)
    digits = _ask(new, old)
    assert not old.joining.typed(digits, NOW + GOOD - SECOND)
    assert old.post.records == []
    old.joining.wanted(_wanted(new, new.joining.begin(NOW + GOOD)[1](1)), NOW + GOOD)
    assert not old.joining.typed("1" * 11, NOW + GOOD)


def test_digits_are_good_for_a_quarter_of_an_hour_at_both_doors(old: Place, new: Place) -> None:
    digits = _ask(new, old)
    assert new.joining.until(NOW + GOOD - SECOND) == NOW + GOOD
    assert new.joining.until(NOW + GOOD) is None
    assert not old.joining.typed(digits, NOW + GOOD)
    digits = _ask(new, old)
    assert old.joining.typed(digits, NOW + GOOD - SECOND)
    parts = _granted(old)
    assert not any(new.joining.sealed(part, NOW + GOOD) for part in parts)
    assert not new.joining.joined


def test_a_request_that_is_told_again_lives_no_longer(old: Place, new: Place) -> None:
    digits, asked = new.joining.begin(NOW)
    for minutes in (0, 10):
        old.joining.wanted(_wanted(new, asked(1)), NOW + timedelta(minutes=minutes))
    assert not old.joining.typed(digits, NOW + GOOD)


def test_a_console_that_puts_its_own_key_in_gets_nothing(old: Place, new: Place) -> None:
    """It knows everything that went by it, and not the digits."""
    digits, asked = new.joining.begin(NOW)
    own = X25519PrivateKey.generate().public_key().public_bytes_raw()
    old.joining.wanted(replace(_wanted(new, asked(1)), public=Blob(own)), NOW)
    assert not old.joining.typed(digits, NOW)
    assert old.post.records == []


def test_a_console_that_grants_a_key_of_its_own_is_not_believed(old: Place, new: Place) -> None:
    """Sealing to the new door is something anybody can do; only the digits make it the office's key."""
    before = new.door.keys.office_key
    _, asked = new.joining.begin(NOW)
    said = asked(1)
    public, salt = bytes(said.public), bytes(said.salt)
    content = secrets.token_bytes(32) + b"\0"
    for key in (secrets.token_bytes(32), bytes(said.proof)):
        mac = hmac.digest(key, b"byleave-join-granted-1\0" + content, "sha256")
        sealed = joining._SUITE.encrypt(mac + content, X25519PublicKey.from_public_bytes(public), joining._info(public, salt))
        assert not new.joining.sealed(JoinSealed(part=0, of=1, sealed=Blob(sealed)), NOW)
    assert new.door.keys.office_key == before
    assert not new.joining.joined
    del old


def test_a_touched_piece_spoils_it_and_the_whole_may_come_again(old: Place, new: Place) -> None:
    assert old.joining.typed(_ask(new, old), NOW)
    parts = _granted(old)
    hurt = bytearray(parts[0].sealed)
    hurt[40] ^= 1
    for part in (replace(parts[0], sealed=Blob(bytes(hurt))), *parts[1:]):
        assert not new.joining.sealed(part, NOW)
    assert [new.joining.sealed(part, NOW) for part in parts][-1]


@pytest.mark.parametrize(("part", "of"), [(1, 1), (-1, 1), (0, 0), (0, PARTS_MOST + 1), (5, -1)])
def test_a_piece_that_cannot_be_is_nothing(old: Place, new: Place, part: int, of: int) -> None:
    assert old.joining.typed(_ask(new, old), NOW)
    assert not new.joining.sealed(JoinSealed(part=part, of=of, sealed=Blob(b"x")), NOW)
    assert new.joining._parts == {}
    assert [new.joining.sealed(piece, NOW) for piece in _granted(old)][-1]


def test_a_piece_of_something_else_does_not_get_in_between(old: Place, new: Place) -> None:
    for _ in range(60):
        old.door.admit()
    assert old.joining.typed(_ask(new, old), NOW)
    parts = _granted(old)
    assert not new.joining.sealed(JoinSealed(part=8, of=9, sealed=Blob(b"x")), NOW)
    assert [new.joining.sealed(piece, NOW) for piece in parts][-1]


def test_what_is_granted_to_one_door_opens_at_no_other(tmp_path: Path, old: Place, new: Place) -> None:
    other = Place.at(tmp_path / "other", 2)
    know([old, new, other])
    other.joining.begin(NOW)
    assert old.joining.typed(_ask(new, old), NOW)
    assert not any(other.joining.sealed(part, NOW) for part in _granted(old))
    close([other])


def test_a_door_without_the_key_grants_nothing_and_one_that_has_it_asks_for_none(old: Place, new: Place) -> None:
    digits, asked = new.joining.begin(NOW)
    new.joining.wanted(_wanted(new, asked(1)), NOW)
    assert not new.joining.typed(digits, NOW)
    assert new.post.records == []
    with pytest.raises(VaultError):
        old.joining.begin(NOW)
    assert not old.joining.sealed(JoinSealed(part=0, of=1, sealed=Blob(b"x")), NOW)


def test_many_requests_do_not_fill_the_memory(old: Place, new: Place) -> None:
    _, asked = new.joining.begin(NOW)
    for number in range(100):
        old.joining.wanted(replace(_wanted(new, asked(1)), door=UUID(int=number)), NOW)
    assert len(old.joining._theirs) <= 7
    old.joining.wanted(replace(_wanted(new, asked(1)), public=Blob(b"short"), door=UUID(int=500)), NOW)
    assert UUID(int=500) not in old.joining._theirs


def test_digits_and_key_are_in_no_data_folder_and_no_record(old: Place, new: Place) -> None:
    made = old.door.admit()
    old.door.forget.forget(made.person, Event.WITHDRAW, Who.PERSON, NOW)
    digits = _ask(new, old)
    assert old.joining.typed(digits, NOW)
    for part in _granted(old):
        new.joining.sealed(part, NOW)
    key = old.door.keys.office_key
    for place in (old, new):
        for secret in (key, key.hex().encode(), digits.encode()):
            assert not somewhere(place.door.data, secret)
    assert not any(key in bytes(record.sealed) for record in old.post.records if isinstance(record, JoinGranted))


def test_what_is_no_key_is_not_adopted(new: Place) -> None:
    before = new.door.keys.office_key
    for wrong in (b"", bytes(31), bytes(33)):
        with pytest.raises(VaultError):
            new.door.keys.adopt(wrong)
    assert new.door.keys.office_key == before


def test_a_withdrawal_asked_at_a_door_that_has_not_joined_is_told_when_it_has(old: Place, new: Place) -> None:
    """Until then it says nothing in its cells, for nobody could read it."""
    made = old.door.admit()
    new.admit(made.person)
    old.door.enrol(made.person)
    assert new.cells.withdraw_everywhere(made.person, NOW) == 1
    minute([old, new])
    assert new.door.store.row("SELECT sent FROM matters") == (0,)
    assert old.has_face(made.person)
    assert old.joining.typed(_ask(new, old), NOW)
    for part in _granted(old):
        new.joining.sealed(part, NOW)
    for _ in range(2):
        minute([old, new])
    assert not old.has_face(made.person)
    assert new.cells.unconfirmed(made.person) == 0


def test_five_wrong_digits_end_also_what_was_asked_last(old: Place, new: Place) -> None:
    assert not old.joining.typed("0" * JOIN_DIGITS, NOW)
    later = NOW + timedelta(minutes=10)
    digits, asked = new.joining.begin(later)
    old.joining.wanted(_wanted(new, asked(1)), later)
    for _ in range(WRONG_MOST - 1):
        assert not old.joining.typed(f"{(int(digits) + 1) % 10**12:012}", later)
    assert not old.joining.typed(digits, NOW + GOOD + SECOND)


def test_digits_alone_grant_nothing_where_nobody_beside_the_door_expects_a_new_one(old: Place, new: Place) -> None:
    """A console can invent a door and its digits, and somebody can walk past the screen; neither is beside the door."""
    digits, asked = new.joining.begin(NOW)
    old.joining.wanted(_wanted(new, asked(1)), NOW)
    assert not old.joining.typed(digits, NOW)
    assert _granted(old) == []
    until = old.joining.expect(NOW)
    assert not old.joining.typed(digits, until)
    assert old.joining.typed(digits, until - SECOND)
    # Good for one door.
    old.joining.wanted(_wanted(new, asked(2)), NOW)
    assert not old.joining.typed(digits, NOW)


def test_a_console_cannot_drown_a_door_in_keys(old: Place) -> None:
    for number in range(SIGNERS_MOST + 10):
        old.joining._group.believe(bytes([number % 256, number // 256]) + bytes(30))
    assert len(old.joining._group.signers()) == SIGNERS_MOST


@pytest.mark.usefixtures("old")
def test_a_door_that_waits_and_is_left_alone_holds_the_key(new: Place) -> None:
    """Nobody is left who could grant it."""
    assert new.joining.needed
    new.cells.siblings((new.sibling(),))
    assert new.joining.joined


def test_doors_that_all_wait_for_one_another_need_somebody_to_say_which_is_the_first(new: Place) -> None:
    with pytest.raises(VaultError):
        new.joining.expect(NOW)
    assert not new.joining.joined
    assert new.joining.expect(NOW, first=True) == NOW + GOOD
    assert new.joining.joined
