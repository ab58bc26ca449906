"""Owns a day's end: the day's openings sealed to the custodians, and the release key that only this door has.

The day's fresh key is sealed to the incident key, that is enclosed under the release key of this one day, and the day
lies under its own key, with times inside. What never happens here: the way in; a key given out; a day sealed twice.
"""

import secrets
from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract import sealed
from device.contract.console import Bundle, BundlePart
from device.contract.words import Blob
from device.door import sealing
from device.door.calendar import bounds
from device.door.console import Console
from device.door.custodians import Custodians
from device.door.evidence import Evidence
from device.door.incidents import Requests
from device.door.keys import KeyStore
from device.door.outbox import Outbox
from device.door.store import Store
from device.door.times import days, moment


class Days:
    """The days of one door, by its own calendar."""

    def __init__(self, store: Store, keys: KeyStore, outbox: Outbox, zone: ZoneInfo, openings_days: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._outbox = outbox
        self._zone = zone
        self._openings_days = openings_days
        self._console = Console(store)
        self._custodians = Custodians(store, outbox)
        self._evidence = Evidence(store)
        self._requests = Requests(store, keys, outbox, zone)

    def end(self, day: date, now: datetime) -> None:
        """
        This day is over: two bundles into the outbox, whatever happened; old release keys go. In the caller's transaction.

        Before pairing, and for a day that is sealed, it does nothing.
        """
        pinned, custodians, number = self._console.pinned, self._custodians.in_force(), sealed.day_number(day)
        if pinned is None or custodians is None or self._store.row("SELECT 1 FROM sealed_days WHERE day >= ?", (number,)):
            return
        release, contents = secrets.token_bytes(sealed.KEY_BYTES), self._contents(day)
        with self._store.transaction():
            # What is sealed is over, even where the clock is set back: a later opening counts as after it.
            self._store.run("UPDATE door SET seen_at = max(seen_at, ?)", (contents.ends_at,))
            self._store.run("INSERT INTO sealed_days VALUES (?, ?)", (number, release))
            self._put(
                Bundle.JOURNAL, number, _bundle(contents, sealed.day_seal(pinned.door, number), custodians.incident, release)
            )
            self._put(Bundle.EVIDENCE, number, self._evidence.bundle(pinned.door, now))
            self._requests.day_sealed(day)
            # Nobody can open a day any more whose openings are gone here (DEL-09).
            self._store.run("DELETE FROM sealed_days WHERE day < ?", (number - days(self._openings_days()),))
            self._requests.prune()

    def _contents(self, day: date) -> sealed.Day:
        begins_at, ends_at = bounds(day, self._zone)
        rows = self._store.rows("SELECT person, at FROM openings WHERE at >= ? AND at < ? ORDER BY at", (begins_at, ends_at))
        entries = tuple((UUID(bytes=person), at - begins_at) for person, at in rows)
        return sealed.Day(begins_at, ends_at, self._zone.key, self._keys.public, entries)

    def _put(self, bundle: Bundle, day: int, data: bytes) -> None:
        pieces = [Blob(data[at : at + sealed.PART_BYTES]) for at in range(0, len(data), sealed.PART_BYTES)]
        for part, piece in enumerate(pieces):
            self._outbox.put(_maker(bundle, moment(day), part, len(pieces), piece))


def _bundle(day: sealed.Day, bound: bytes, incident: bytes, release: bytes) -> bytes:
    key = secrets.token_bytes(sealed.KEY_BYTES)
    return sealing.under(release, sealing.to(incident, key, bound), bound) + sealing.under(key, sealed.pack_day(day), bound)


def _maker(bundle: Bundle, day: datetime, part: int, of: int, piece: Blob) -> Callable[[int], BundlePart]:
    return lambda number: BundlePart(number=number, bundle=bundle, day=day, part=part, of=of, sealed=piece)
