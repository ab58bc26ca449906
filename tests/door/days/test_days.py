"""A day's end: one sealed bundle, always; who came is inside, how they came is nowhere."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from admin.errors import BadInput
from admin.incident import keys, opening
from device.contract import sealed
from device.contract.console import Bundle, BundlePart
from tests.door.days.made import DAY, NIGHT, OPENINGS_DAYS, Paired, ask, at
from tests.door.vault.made import Door

NEXT = DAY + timedelta(days=1)


def test_two_custodians_read_a_released_day_and_find_who_came_when(paired: Paired) -> None:
    """Promise 10."""
    ada, bob = (paired.door.admit().person for _ in "ab")
    paired.opens(ada, at(8, 30))
    paired.opens(bob, at(8, 30))
    paired.opens(ada, at(18, 5))
    paired.days.end(DAY, NIGHT)
    asked = ask(at(0), at(0, day=NEXT))
    paired.requests.incident(asked, NIGHT)
    assert sorted(paired.passed(asked)) == sorted([(ada, at(8, 30)), (bob, at(8, 30)), (ada, at(18, 5))])


def test_nothing_of_a_day_lies_in_the_open(paired: Paired) -> None:
    """Promise 10: what the console keeps tells nobody anything."""
    person = paired.door.admit().person
    paired.opens(person, at(9))
    paired.days.end(DAY, NIGHT)
    told = b"".join(paired.bundle(bundle) for bundle in Bundle)
    for needle in (person.bytes, paired.door.keys.public, b"Europe/Berlin", int(at(0).timestamp()).to_bytes(8, "big")):
        assert needle not in told


@pytest.mark.parametrize("openings", [0, 1, 190])
def test_an_empty_day_looks_like_a_day_with_openings(paired: Paired, openings: int) -> None:
    person = paired.door.admit().person
    for number in range(openings):
        paired.opens(person, at(8) + timedelta(seconds=number))
    paired.days.end(DAY, NIGHT)
    assert len(paired.bundle(Bundle.JOURNAL)) == sealed.DAY_PARTS_LEAST * sealed.PART_BYTES


@settings(deadline=None)
@given(
    number=st.integers(0, 3000),
    someone=st.tuples(st.uuids(), st.integers(0, 90_000)),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"]),
)
def test_every_day_comes_back_as_it_was_in_a_power_of_two_of_parts(number: int, someone: tuple[UUID, int], zone: str) -> None:
    day = sealed.Day(0, 86_400, zone, bytes(32), (someone,) * number)
    plain = sealed.pack_day(day)
    assert sealed.unpack_day(plain) == day
    size = sealed.CLOSED_KEY_BYTES + sealed.NONCE_BYTES + len(plain) + sealed.TAG_BYTES
    parts, left = divmod(size, sealed.PART_BYTES)
    assert left == 0
    assert parts >= sealed.DAY_PARTS_LEAST
    assert parts & (parts - 1) == 0


def test_custodians_alone_cannot_open_a_day_that_the_door_has_not_released(paired: Paired) -> None:
    """Design, section 4: two custodians alone cannot open the past."""
    paired.days.end(DAY, NIGHT)
    asked = ask(at(0), at(12))
    paired.requests.incident(asked, NIGHT)
    file = paired.exported(asked)
    guessed = replace(file.days[0], key=bytes(32) + file.days[0].key[32:])
    with pytest.raises(BadInput):
        opening.span(replace(file, days=(guessed,)), paired.private)


def test_the_release_key_alone_opens_nothing(paired: Paired) -> None:
    """The console has bundle and release key, and still cannot read."""
    paired.days.end(DAY, NIGHT)
    asked = ask(at(0), at(12))
    paired.requests.incident(asked, NIGHT)
    with pytest.raises(BadInput, match="do not open it"):
        opening.span(paired.exported(asked), keys.derive(keys.draw()))


def test_a_bundle_of_one_day_or_door_does_not_pass_for_another(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    asked = ask(at(0), at(12))
    paired.requests.incident(asked, NIGHT)
    file = paired.exported(asked)
    with pytest.raises(BadInput):
        opening.span(replace(file, door=uuid4()), paired.private)
    with pytest.raises(BadInput):
        opening.span(replace(file, days=(replace(file.days[0], day=file.days[0].day + 86_400),)), paired.private)


def test_a_day_is_sealed_once(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    before = paired.outbox.last
    paired.days.end(DAY, NIGHT + timedelta(hours=1))
    assert paired.outbox.last == before


def test_a_clock_set_back_brings_nobody_into_a_day_that_is_over(paired: Paired) -> None:
    person = paired.door.admit().person
    paired.days.end(DAY, NIGHT)
    paired.opens(person, at(12))
    paired.days.end(NEXT, NIGHT + timedelta(days=1))
    asked = ask(at(0, day=NEXT), at(12, day=NEXT))
    paired.requests.incident(asked, NIGHT + timedelta(days=1))
    assert paired.passed(asked) == [(person, at(0, day=NEXT))]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 10, 25), 25), (date(2026, 3, 29), 23)])
def test_a_day_is_as_long_as_it_is_at_the_door(paired: Paired, day: date, hours: int) -> None:
    """The hour that comes twice belongs to its day, and so does the last one of a short day."""
    person = paired.door.admit().person
    first, last = at(0, day=day), at(23, 59, day=day)
    paired.opens(person, first)
    paired.opens(person, last)
    assert last - first == timedelta(hours=hours, minutes=-1)
    night = at(0, 1, day + timedelta(days=1))
    paired.days.end(day, night)
    asked = ask(last - timedelta(minutes=59), last + timedelta(minutes=1))
    paired.requests.incident(asked, night)
    assert paired.passed(asked) == [(person, last)]


def test_release_keys_go_with_the_openings(paired: Paired) -> None:
    """DEL-09: nobody can open a day any more whose openings are gone."""
    paired.days.end(DAY, NIGHT)
    later = DAY + timedelta(days=OPENINGS_DAYS)
    paired.days.end(later, NIGHT + timedelta(days=OPENINGS_DAYS))
    assert len(paired.door.store.rows("SELECT * FROM sealed_days")) == 2
    paired.days.end(later + timedelta(days=1), NIGHT + timedelta(days=OPENINGS_DAYS + 1))
    assert sealed.day_number(DAY) not in [day for day, _ in paired.door.store.rows("SELECT * FROM sealed_days")]
    paired.requests.incident(ask(at(0), at(12)), NIGHT + timedelta(days=OPENINGS_DAYS + 1))
    assert paired.released() == []


def test_a_door_that_is_not_paired_seals_nothing(tmp_path: Path) -> None:
    alone = Paired(Door.at(tmp_path, new=True))
    alone.days.end(DAY, NIGHT)
    assert alone.records() == []
    alone.door.store.close()


def test_every_day_has_both_bundles(paired: Paired) -> None:
    paired.days.end(DAY, NIGHT)
    assert {one.bundle for one in paired.records() if isinstance(one, BundlePart)} == set(Bundle)


def test_there_is_no_place_for_a_way_in(paired: Paired) -> None:
    """Design, section 4: the day's bundle does not hold the way in; a person and a second have twenty bytes."""
    columns = [row[1] for row in paired.door.store.rows("PRAGMA table_info(openings)")]
    assert columns == ["number", "person", "at"]
    many = sealed.Day(0, 86_400, "UTC", bytes(32), tuple((uuid4(), 5) for _ in range(700)))
    assert sealed.pack_day(many).rstrip(b"\0").endswith(many.entries[-1][0].bytes + (5).to_bytes(4, "big"))
    assert (
        len(sealed.pack_day(many).rstrip(b"\0")) - len(sealed.pack_day(replace(many, entries=many.entries[:-1])).rstrip(b"\0"))
        == 20
    )
