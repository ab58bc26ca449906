"""Owns the measurement of erasing among 500 templates, in a vault made for it. What never happens here: a real vault."""

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import numpy as np

from device.config import Keeping, Site
from device.door import notice
from device.door.consent import Event, Who
from device.door.forget import Forget
from device.door.keys import FileKeyStore
from device.door.people import People
from device.door.store import Store
from device.door.vault import Vault

TEMPLATES: Final = 500
ERASURES: Final = 20
NOW: Final = datetime(2026, 1, 5, 9, tzinfo=UTC)
SITE: Final = Site(name="A", door="B", controller="C", contact="D", zone="Europe/Berlin")
KEEPING: Final = Keeping(template_days=365, unused_days=90, openings_days=90, code_days=7, notice_days=30)


def measure(tick: Callable[[int], None]) -> dict[str, float]:
    """The median of withdrawal to receipt, with 500 templates at the start, in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="byleave-bench-") as name:
        folder = Path(name)
        keys = FileKeyStore.create(folder / "keys")
        store = Store.create(folder / "data")
        vault = Vault(store, keys, bytes(32), KEEPING)
        people = People(store, keys)
        vault.notices.put_in_force(notice.render(SITE, KEEPING), NOW)
        everybody = [_enrolled(vault, people, number) for number in range(TEMPLATES)]
        forget = Forget(vault, people)
        took: list[float] = []
        for person in everybody[:ERASURES]:
            began = time.perf_counter()
            forget.forget(person, Event.WITHDRAW, Who.PERSON, NOW)
            took.append((time.perf_counter() - began) * 1000)
            tick(1)
        store.close()
    return {"erase_ms": statistics.median(took)}


def _enrolled(vault: Vault, people: People, number: int) -> UUID:
    person, _ = people.invite(NOW, NOW)
    vault.advance(person, Event.GIVE, Who.PERSON, NOW, vault.notices.current)
    mean = np.random.default_rng(number).normal(0, 0.1, 128).astype(np.float32)
    vault.put_template(vault.active(person, NOW), mean, NOW)
    return person
