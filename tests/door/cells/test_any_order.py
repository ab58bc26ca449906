"""Cells lost, late, twice and out of order between two and eight doors: all doors end equal, and nobody's face is left."""

import secrets
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from device.door.consent import Event, Who
from tests.door.cells.made import Place, Sent, admitted, close, know, minute, office
from tests.door.vault.made import NOW

PEOPLE = 3
MINUTES_MOST = 40


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Place]]:
    """One office for all the examples; each has people of its own, and as many of the doors as it likes."""
    folder: Path = tmp_path_factory.mktemp("eight")
    places = office(folder, 8)
    yield places
    close(places)


Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(st.sampled_from(["make", "fill", "fill", "come", "come", "come", "withdraw"]), *[st.integers(0, 7)] * 3),
    max_size=40,
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=25,
    deadline=None,
    derandomize=True,
)
@given(doors=st.integers(2, 8), steps=STEPS)
def test_all_doors_end_equal_in_whatever_order_they_hear(eight: list[Place], doors: int, steps: list[Step]) -> None:
    """Design section 4, *Several doors*: the later badge, the earlier of two equal PINs, every withdrawal at every door."""
    places = eight[:doors]
    know(places)
    people = [admitted(places) for _ in range(PEOPLE)]
    pins = [secrets.token_bytes(32) for _ in range(2)]
    for place in places:
        place.door.enrol(people[0])
        place.door.enrol(people[1])
    air: list[Sent] = []
    withdrawn = set[UUID]()
    for what, which, whom, how in steps:
        place, person = places[which % doors], people[whom % PEOPLE]
        if what == "make":
            # Clocks differ by minutes, and so little is drawn that PINs meet.
            place.make(person, secrets.token_bytes(32), pins[how % 2], NOW + timedelta(minutes=how - 4))
        elif what == "fill":
            air.append(place.fill())
        elif what == "come" and air:
            sent = air[(how + whom * 8) % len(air)]
            place.take(sent)
        elif what == "withdraw":
            place.cells.withdraw_everywhere(person, NOW)
            place.door.forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
            withdrawn.add(person)
    _settle_down(places)
    event(f"{sum(1 for what, *_ in steps if what == 'make')} badges")
    ours = [{person.bytes: place.opens().get(person.bytes) for person in people} for place in places]
    assert ours == ours[:1] * doors
    assert [place.book.of(people[2]) for place in places] == [places[0].book.of(people[2])] * doors
    used = [known[1] for known in ours[0].values() if known is not None]
    assert len(set(used)) == len(used)
    for place in places:
        for person in people[:2]:
            assert place.has_face(person) == (person not in withdrawn)
        for person in withdrawn:
            assert place.cells.unconfirmed(person) == 0
            assert place.door.store.row("SELECT receipt IS NOT NULL FROM erasures WHERE person = ?", (person.bytes,)) == (1,)


def _settle_down(places: list[Place]) -> None:
    for _ in range(MINUTES_MOST):
        minute(places)
        if not any(place.matters.waiting() for place in places):
            return
    pytest.fail("Something waits for ever.")
