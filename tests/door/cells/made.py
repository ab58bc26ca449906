"""An office of several real doors, each with its own vault and keys, and between them a post that anybody may disturb."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID, uuid4

from device.contract.console import Record, Sibling
from device.contract.words import Blob, CellBytes
from device.door.book import Book
from device.door.cells import Cells
from device.door.consent import LIVE
from device.door.group import Group
from device.door.joining import Joining
from device.door.matters import Matters
from tests.door.vault.made import NOW, Door

Sent = tuple[int, CellBytes]
"""From which place, and what."""


class Post:
    """An outbox that only counts and keeps."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def put(self, make: object) -> None:
        assert callable(make)
        self.records.append(make(len(self.records) + 1))


@dataclass
class Place:
    """One door, and what it has for the others."""

    slot: int
    door: Door
    cells: Cells
    book: Book
    group: Group
    matters: Matters
    joining: Joining
    post: Post

    @classmethod
    def at(cls, folder: Path, slot: int, *, new: bool = True) -> "Place":
        door = Door.at(folder, new=new)
        post = Post()
        return cls(
            slot=slot,
            door=door,
            cells=Cells(door.store, door.keys, door.forget),
            book=Book(door.store),
            group=Group(door.store),
            matters=Matters(door.store),
            joining=Joining(door.store, door.keys, post.put),
            post=post,
        )

    def sibling(self) -> Sibling:
        return Sibling(door=UUID(int=self.slot + 1), slot=self.slot, public=Blob(self.door.keys.public))

    def admit(self, person: UUID) -> None:
        """What a policy does."""
        with self.door.store.transaction():
            self.door.store.run("INSERT INTO people (id, invited_at) VALUES (?, ?)", (person.bytes, int(NOW.timestamp())))
            self.book.admitted(person)

    def make(self, person: UUID, badge: bytes, pin: bytes, now: datetime = NOW) -> None:
        with self.door.store.transaction():
            self.book.made(person, badge, pin, now)

    def fill(self, now: datetime = NOW) -> Sent:
        return self.slot, self.cells.fill(now)

    def take(self, sent: Sent, now: datetime = NOW) -> None:
        self.cells.take(*sent, now)

    def opens(self) -> dict[bytes, tuple[bytes, bytes]]:
        """Whose badge and PIN open here."""
        rows = self.door.store.rows("SELECT person, digest, pin FROM badges")
        return {person: (digest, pin) for person, digest, pin in rows}

    def has_face(self, person: UUID) -> bool:
        row = self.door.store.row("SELECT 1 FROM templates WHERE person = ?", (person.bytes,))
        assert (row is not None) == (self.door.vault.state(person) in LIVE)
        return row is not None


def office(folder: Path, doors: int) -> list[Place]:
    """So many doors that hold one key and know one another."""
    places = [Place.at(folder / str(slot), slot) for slot in range(doors)]
    for place in places:
        place.door.keys.adopt(places[0].door.keys.office_key)
        place.cells.siblings((place.sibling(),))
    know(places)
    return places


def know(places: list[Place]) -> None:
    """What the console tells each of them."""
    for place in places:
        place.cells.siblings(tuple(other.sibling() for other in places))


def minute(places: list[Place], now: datetime = NOW) -> list[Sent]:
    """Every door's cell to every other; what went over."""
    sent = [place.fill(now) for place in places]
    for one in sent:
        for place in places:
            if place.slot != one[0]:
                place.take(one, now)
    return sent


def admitted(places: list[Place]) -> UUID:
    """Somebody new whom all of these doors admit."""
    person = uuid4()
    for place in places:
        place.admit(person)
    return person


def close(places: list[Place]) -> None:
    for place in places:
        place.door.store.close()
