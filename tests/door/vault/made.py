"""One real door's storage: real files, real keys, real SQLite; only the clock is an argument."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from device.config import Keeping, Site
from device.door.consent import Event, Who
from device.door.forget import Forget
from device.door.keys import FileKeyStore
from device.door.notice import Notices, render
from device.door.people import People, Redeemed
from device.door.store import Store
from device.door.vault import Vault

NOW: Final = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEEPING: Final = Keeping(template_days=365, unused_days=90, openings_days=90, code_days=7, notice_days=30)
SITE: Final = Site(
    name="Example Ltd",
    door="Front door",
    controller="Example Ltd, 1 High Street",
    contact="privacy@example.org",
    zone="UTC",
)
MODEL: Final = bytes(range(32))


@dataclass
class Door:
    """A door's storage, open."""

    data: Path
    keys_folder: Path
    keys: FileKeyStore
    store: Store
    vault: Vault
    people: People
    forget: Forget
    notices: Notices

    @classmethod
    def at(cls, folder: Path, *, new: bool = False, model: bytes = MODEL) -> "Door":
        data, keys_folder = folder / "data", folder / "keys"
        keys = FileKeyStore.create(keys_folder) if new else FileKeyStore.open(keys_folder)
        store = Store.create(data) if new else Store.open(data)
        try:
            vault, people = Vault(store, keys, model, KEEPING), People(store, keys)
        except BaseException:
            store.close()
            raise
        notices = Notices(store)
        notices.put_in_force(render(SITE, KEEPING), NOW)
        return cls(data, keys_folder, keys, store, vault, people, Forget(vault, people), notices)

    def admit(self, now: datetime = NOW) -> Redeemed:
        _, code = self.people.invite(now, now + timedelta(days=7))
        return self.people.redeem(code, now)

    def give(self, person: UUID, now: datetime = NOW) -> None:
        self.vault.advance(person, Event.GIVE, Who.PERSON, now, self.notices.current)

    def enrol(self, person: UUID, now: datetime = NOW, mean: NDArray[np.float32] | None = None) -> NDArray[np.float32]:
        """A yes and a template, written straight away; gives the template."""
        self.give(person, now)
        mean = template() if mean is None else mean
        self.vault.put_template(self.vault.active(person, now), mean, now)
        return mean

    def fill(self, number: int) -> list[UUID]:
        """So many people with a template each, in one transaction."""
        with self.store.transaction():
            people = [self.admit().person for _ in range(number)]
            for person in people:
                self.enrol(person)
        return people

    def row(self, person: UUID) -> tuple[bytes, bytes]:
        """The wrapped key and the sealed template, as they lie there."""
        wrapped, sealed = self.store.row("SELECT wrapped, sealed FROM templates WHERE person = ?", (person.bytes,))
        return wrapped, sealed

    def templates(self) -> int:
        return int(self.store.row("SELECT count(*) FROM templates")[0])


def template() -> NDArray[np.float32]:
    """Made-up numbers of a template's size; nobody's face."""
    return np.random.default_rng().normal(0, 0.12, 128).astype(np.float32)


def somewhere(folder: Path, needle: bytes) -> bool:
    """Plainly: whether these bytes are in any file of this folder."""
    return any(needle in path.read_bytes() for path in folder.rglob("*") if path.is_file())
