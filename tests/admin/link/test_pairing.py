"""A door and a console come to know each other, or do not: over TLS, with somebody at each screen, and somebody between."""

import secrets
import ssl
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import gevent
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from admin import certificate, custodians, doors
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.link import endpoint
from admin.link.pairing import Offer, Pairings, Stage, committed, digits_of, pairings
from device.contract.console import Hourly, Policy
from tests.admin.link.dialling import Clock, Dialler, admit, post, unbased


@dataclass
class NewDoor:
    """A door that was given a ticket; it computes the digits by itself."""

    ticket: str
    device: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def __post_init__(self) -> None:
        word, host, port, self.fingerprint, secret = self.ticket.split(":")
        assert (word, host) == ("byleave", "127.0.0.1")
        assert len(secret) == 22
        self.port, self.secret = int(port), urlsafe_b64decode(secret + "==")
        self.link = self.key.public_key().public_bytes_raw()

    def post(self, path: str, **told: Any) -> tuple[int, dict[str, Any]]:
        return post(self.port, self.fingerprint, path, secret=self.secret, **told)

    def introduce(self) -> int:
        commitment = committed(self.device, self.link, self.nonce)
        status, told = self.post("/link/pair", device=self.device, link=self.link, commitment=commitment, about=False)
        if status == 200:
            assert set(told) == {"door", "policy", "incident", "evidence", "statement", "nonce"}
            self.offer = Offer(door=UUID(hex=told["door"]), **unbased(told))
        return status

    def reveal(self) -> int:
        return self.post("/link/pair/reveal", nonce=self.nonce)[0]

    @property
    def digits(self) -> str:
        return digits_of(self.device, self.link, self.offer, self.nonce)

    def result(self, same: bool) -> Any:
        status, told = self.post("/link/pair/result", same=same)
        return told["paired"] if status == 200 else status


@pytest.fixture
def door(office: Console) -> UUID:
    return doors.add(office, "Front door", None)


@pytest.fixture
def office_side(app: Flask) -> Pairings:
    return pairings(app)


@pytest.fixture
def new(office_side: Pairings, door: UUID, port: int) -> NewDoor:
    found = NewDoor(office_side.ticket(door))
    assert found.port == port
    return found


def keys(office: Console) -> Any:
    return office.store.row("SELECT device, link, paired_at FROM doors")


def test_same_on_both_screens_pairs_and_the_door_is_told_everything(
    office: Console, office_side: Pairings, door: UUID, new: NewDoor
) -> None:
    ada = admit(office, {door: 0})
    assert office_side.stage(door) is Stage.TICKET
    assert new.introduce() == 200
    assert (office_side.stage(door), office_side.digits(door)) == (Stage.MET, None)
    assert new.reveal() == 200
    assert office_side.stage(door) is Stage.COMPARE
    assert office_side.digits(door) == new.digits
    asking = gevent.spawn(new.result, True)
    gevent.sleep(0.1)
    assert not asking.ready()
    office_side.say(door, True)
    assert asking.get(timeout=5) is True
    assert new.result(True) is True
    assert office_side.stage(door) is Stage.PAIRED
    assert office_side.digits(door) is None
    assert keys(office) == (new.device, new.link, int(office.clock.now().timestamp()))
    dialler = Dialler(new.port, new.fingerprint, door, new.key)
    told = dialler.listen().first(Policy)
    assert ada in [person.person for person in told.people]
    assert [sibling.public for sibling in told.siblings.doors] == [new.device]
    assert told.limits is not None
    dialler.close()


def test_the_console_may_say_first(office_side: Pairings, door: UUID, new: NewDoor) -> None:
    new.introduce()
    new.reveal()
    office_side.say(door, True)
    assert office_side.stage(door) is Stage.WAITING
    assert new.result(True) is True


@pytest.mark.parametrize("who", ["the console", "the door"])
def test_different_on_either_screen_pairs_nobody(
    office: Console, office_side: Pairings, door: UUID, new: NewDoor, who: str
) -> None:
    new.introduce()
    new.reveal()
    if who == "the door":
        assert new.result(False) is False
        with pytest.raises(NotThere):
            office_side.say(door, True)
    else:
        office_side.say(door, False)
        assert new.result(True) is False
    assert office_side.stage(door) is Stage.REFUSED
    assert new.result(True) is False
    assert keys(office) == (None, None, None)


@pytest.mark.parametrize("changed", ["device", "link", "door", "policy", "incident", "evidence", "statement"])
def test_somebody_between_who_changes_one_key_makes_the_digits_differ(
    office_side: Pairings, door: UUID, new: NewDoor, changed: str
) -> None:
    """The one between sees and changes everything, but the door's number only after its own is out."""
    honest = NewDoor(new.ticket, key=new.key)
    theirs = secrets.token_bytes(32)
    if changed in {"device", "link"}:
        # The console is told another key than the door has, with a promise that fits it.
        setattr(new, changed, theirs)
    assert new.introduce() == 200
    assert new.reveal() == 200
    said = {name: getattr(new.offer, name) for name in Offer.__slots__}
    if changed not in {"device", "link"}:
        said[changed] = UUID(bytes=theirs[:16]) if changed == "door" else theirs
    honest.offer = Offer(**said)
    honest.nonce = new.nonce
    if changed != "device":
        honest.device = new.device
    assert honest.digits != office_side.digits(door)


def test_a_number_other_than_the_promised_one_ends_the_pairing(office_side: Pairings, door: UUID, new: NewDoor) -> None:
    """Else one could try numbers until the digits suit."""
    new.introduce()
    promised, new.nonce = new.nonce, secrets.token_bytes(32)
    assert new.reveal() == 401
    assert (office_side.stage(door), office_side.digits(door)) == (Stage.REFUSED, None)
    new.nonce = promised
    assert new.reveal() == 401


def test_a_number_is_told_once(new: NewDoor) -> None:
    new.introduce()
    assert new.reveal() == 200
    assert new.reveal() == 401


def test_a_ticket_is_good_once(office_side: Pairings, door: UUID, new: NewDoor) -> None:
    assert new.introduce() == 200
    assert NewDoor(new.ticket).introduce() == 401
    assert office_side.stage(door) is Stage.MET


def test_a_ticket_is_good_for_a_quarter_of_an_hour(office_side: Pairings, door: UUID, new: NewDoor, clockwork: Clock) -> None:
    clockwork.forward(901)
    assert office_side.stage(door) is Stage.NONE
    assert new.introduce() == 401


def test_a_newer_ticket_ends_the_older_one_and_what_began_with_it(office_side: Pairings, door: UUID, new: NewDoor) -> None:
    unused = NewDoor(office_side.ticket(door))
    begun = NewDoor(office_side.ticket(door))
    assert unused.introduce() == 401
    begun.introduce()
    begun.reveal()
    asking = gevent.spawn(begun.result, True)
    gevent.sleep(0.1)
    office_side.ticket(door)
    assert asking.get(timeout=5) is False
    assert office_side.stage(door) is Stage.TICKET
    assert new.introduce() == 401


def test_digits_nobody_compared_in_time_are_gone(
    office: Console, office_side: Pairings, door: UUID, new: NewDoor, clockwork: Clock
) -> None:
    new.introduce()
    new.reveal()
    office_side.say(door, True)
    clockwork.forward(901)
    assert office_side.stage(door) is Stage.NONE
    with pytest.raises(NotThere):
        office_side.say(door, True)
    assert new.result(True) == 401
    assert keys(office) == (None, None, None)


def test_no_ticket_for_a_door_that_is_retired_or_without_custodians(office: Console, office_side: Pairings, door: UUID) -> None:
    with pytest.raises(NotThere):
        office_side.ticket(UUID(int=1))
    office.store.run("DELETE FROM custodians")
    with pytest.raises(BadInput):
        office_side.ticket(door)
    doors.retire(office, door, office.clock.now())
    with pytest.raises(NotThere):
        office_side.ticket(door)


def test_a_door_retired_between_ticket_and_digits_is_not_paired(
    office: Console, office_side: Pairings, door: UUID, new: NewDoor
) -> None:
    new.introduce()
    new.reveal()
    office_side.say(door, True)
    doors.retire(office, door, office.clock.now())
    assert new.result(True) is False
    assert keys(office) == (None, None, None)


def test_a_replaced_door_begins_anew_and_the_broken_one_is_shut_out(
    office: Console, office_side: Pairings, door: UUID, new: NewDoor
) -> None:
    """Policy comes back whole; records begin at one again; the old link's requests are nobody's."""
    ada = admit(office, {door: 0})
    new.introduce()
    new.reveal()
    office_side.say(door, True)
    new.result(True)
    old = Dialler(new.port, new.fingerprint, door, new.key)
    old.up(Hourly(number=40, hour=office.clock.now(), openings=6))
    broken = old.listen()
    broken.first(Policy)
    again = NewDoor(office_side.ticket(door))
    again.introduce()
    again.reveal()
    office_side.say(door, True)
    assert again.result(True) is True
    broken.until(lambda heard: heard.ended)
    assert old.send("POST", "/link/up", b"", old.signed("POST", "/link/up"))[0] == 401
    dialler = Dialler(again.port, again.fingerprint, door, again.key)
    assert dialler.up(Hourly(number=1, hour=office.clock.now(), openings=5)) == 1
    told = dialler.listen().first(Policy)
    assert ada in [person.person for person in told.people]
    for link in (old, dialler):
        link.close()


def test_another_door_of_the_group_is_told_of_the_new_one(
    office: Console, office_side: Pairings, new: NewDoor, door: UUID
) -> None:
    new.introduce()
    new.reveal()
    office_side.say(door, True)
    new.result(True)
    first = Dialler(new.port, new.fingerprint, door, new.key)
    listening = first.listen()
    listening.first(Policy)
    (group,) = office.store.row("SELECT door_group FROM doors")
    second = doors.add(office, "Back door", group)
    other = NewDoor(office_side.ticket(second))
    other.introduce()
    other.reveal()
    office_side.say(second, True)
    other.result(True)

    def both(heard: Any) -> bool:
        told = [m.siblings for m in heard.came if isinstance(m, Policy) and m.siblings]
        return bool(told) and [sibling.public for sibling in told[-1].doors] == [new.device, other.device]

    listening.until(both)
    first.close()


def test_the_ticket_pins_the_certificate_that_is_shown(office: Console, new: NewDoor) -> None:
    assert new.fingerprint == certificate.fingerprint(office.config)
    with pytest.raises(ssl.SSLError):
        post(new.port, "0" * 64, "/link/pair")


def test_a_secret_is_kept_as_a_keyed_digest_only(office: Console, new: NewDoor) -> None:
    (kept,) = office.store.row("SELECT digest FROM tickets")
    assert len(kept) == 32
    assert new.secret not in b"".join(path.read_bytes() for path in office.folder.glob("console.db*"))


@given(st.text(alphabet='{}[]",:abcsecretnonce0123456789=', max_size=80))
def test_only_exactly_the_words_of_pairing_are_read(said: str) -> None:
    """Anything else is malformed; looked at without a socket, for there are many."""
    app = Flask("plain")
    with (
        app.test_request_context("/link/pair/reveal", method="POST", data=said),
        pytest.raises(endpoint._RefusedError) as refused,
    ):
        endpoint._said(secret=16, nonce=32)
    assert refused.value.status == 400


def test_pinned_custodians_are_the_ones_in_force(office: Console, new: NewDoor) -> None:
    new.introduce()
    pinned = custodians.in_force(office)
    assert pinned is not None
    assert (new.offer.incident, new.offer.evidence, new.offer.statement) == (pinned.incident, pinned.evidence, pinned.statement)
    assert new.offer.policy == office.policy_key.public_key().public_bytes_raw()
