"""Owns requests of custodians: who is told of which, and only then the key that was asked for.

Telling and giving out are one transaction, and what was told is never changed. What never happens here: a key without
somebody told; a request that is longer than a day; knowing what custodians read.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract import console, screen, sealed
from device.contract.words import Blob
from device.door import sealing
from device.door.calendar import touched
from device.door.custodians import Custodians
from device.door.deadlines import by_now
from device.door.evidence import Evidence
from device.door.keys import KeyStore
from device.door.outbox import Outbox
from device.door.store import Store
from device.door.times import days, moment, seconds

TOLD_DAYS: Final = 30
"""How long a request stands on the notice page, by the door's own clock. Source: design section 4, "Incidents"."""
KEPT_DAYS: Final = 365
"""How long it stands on the pages of the people concerned; the schema keeps it as long."""
TOLD_MOST: Final = 50
"""How many are told at once, newest first."""


class Requests:
    """What custodians asked of one door."""

    def __init__(self, store: Store, keys: KeyStore, outbox: Outbox, zone: ZoneInfo) -> None:
        self._store = store
        self._keys = keys
        self._outbox = outbox
        self._zone = zone
        self._custodians = Custodians(store, outbox)
        self._evidence = Evidence(store)

    def incident(self, asked: console.IncidentAsked, now: datetime) -> None:
        """
        Tell the people concerned, then give out the release keys of the days it touches that are sealed.

        Those that are not follow when they are. In the caller's transaction; again is harmless, and another request under
        the same number is another request.
        Raises: VaultError for a span of more than a day, or of none.
        """
        at = (seconds(asked.begins_at), seconds(asked.ends_at), seconds(asked.asked_at))
        values = (asked.number, asked.reason.value, *at)
        with self._store.transaction():
            self._store.run(
                """INSERT INTO incidents_told (incident, reason, begins_at, ends_at, asked_at, at) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT DO NOTHING""",
                (*values, seconds(by_now(self._store, now))),
            )
            query = """SELECT number FROM incidents_told
                WHERE (incident, reason, begins_at, ends_at, asked_at) = (?, ?, ?, ?, ?)"""
            told = int(self._store.row(query, values)[0])
            for day in touched(asked.begins_at, asked.ends_at, self._zone):
                self._release(told, asked, day)

    def day_sealed(self, day: date) -> None:
        """This day can be given out from now on, where it was asked for. In the caller's transaction."""
        query = "SELECT number, incident, reason, begins_at, ends_at, asked_at FROM incidents_told ORDER BY number"
        for told, incident, reason, *at in self._store.rows(query):
            begins_at, ends_at, asked_at = map(moment, at)
            if day in touched(begins_at, ends_at, self._zone):
                reason_ = console.Reason(reason)
                asked = console.IncidentAsked(
                    number=incident, reason=reason_, begins_at=begins_at, ends_at=ends_at, asked_at=asked_at
                )
                self._release(told, asked, day)

    def evidence(self, asked: console.EvidenceAsked, now: datetime) -> None:
        """
        Tell the person, then give out their evidence key, sealed to the custodians; everybody has one, whatever they chose.

        In the caller's transaction; again is harmless. Raises: VaultError for somebody who was never invited here.
        """
        custodians = self._custodians.in_force()
        if custodians is None:
            return
        query = """INSERT INTO evidence_told (request, person, asked_at, at) VALUES (?, ?, ?, ?)
            ON CONFLICT (request, person) DO NOTHING"""
        at = (seconds(asked.asked_at), seconds(by_now(self._store, now)))
        with self._store.transaction():
            if not self._store.run(query, (asked.number, asked.person.bytes, *at)):
                return
            bound = sealed.evidence_seal(asked.number, asked.person)
            key = Blob(sealing.to(custodians.evidence, self._evidence.key(asked.person), bound))
            self._outbox.put(lambda number: console.EvidenceReleased(number=number, request=asked.number, key=key))

    def announced(self, now: datetime) -> tuple[screen.Asked, ...]:
        """What stands on the notice page: the requests of the last 30 days, newest first."""
        since = seconds(by_now(self._store, now)) - days(TOLD_DAYS)
        return self._told(f"{_TOLD} WHERE at > ? ORDER BY number DESC LIMIT ?", since, TOLD_MOST)

    def of(self, person: UUID) -> tuple[screen.Asked, ...]:
        """What stands on this person's own page: requests for a span in which they opened this door, newest first."""
        query = f"{_TOLD} JOIN concerned ON told = number WHERE person = ? ORDER BY number DESC LIMIT ?"
        return self._told(query, person.bytes, TOLD_MOST)

    def evidence_of(self, person: UUID) -> tuple[datetime, ...]:
        """When somebody asked for this person's consent evidence, newest first."""
        query = "SELECT asked_at FROM evidence_told WHERE person = ? ORDER BY number DESC LIMIT ?"
        return tuple(moment(at) for (at,) in self._store.rows(query, (person.bytes, TOLD_MOST)))

    def prune(self) -> None:
        """What was told a year ago, by the latest moment the vault has seen, is told no more."""
        before = int(self._store.row("SELECT seen_at FROM door")[0]) - days(KEPT_DAYS)
        for table in ("incidents_told", "evidence_told"):
            if self._store.row(f"SELECT 1 FROM {table} WHERE at <= ?", (before,)):  # noqa: S608  # one of our own two
                self._store.run(f"DELETE FROM {table} WHERE at <= ?", (before,))  # noqa: S608  # one of our own two

    def _release(self, told: int, asked: console.IncidentAsked, day: date) -> None:
        self._tell(told, asked)
        number = sealed.day_number(day)
        row = self._store.row("SELECT release FROM sealed_days WHERE day = ?", (number,))
        query = "INSERT INTO released_days VALUES (?, ?) ON CONFLICT DO NOTHING"
        if row is None or not self._store.run(query, (told, number)):
            return
        span = sealed.released(asked.number, asked.reason, seconds(asked.begins_at), seconds(asked.ends_at), number)
        key = Blob(row[0] + self._keys.sign(span))
        self._outbox.put(lambda at: console.DayReleased(number=at, incident=asked.number, day=moment(number), key=key))

    def _tell(self, told: int, asked: console.IncidentAsked) -> None:
        # Whoever made a badge anew since then has no openings to be found by: they are told as if they had come.
        self._store.run(
            """INSERT OR IGNORE INTO concerned SELECT :told, person FROM openings WHERE at >= :begins AND at < :ends
            UNION SELECT :told, person FROM choices WHERE event = 'card_reset' AND at >= :begins
            UNION SELECT :told, person FROM erasures WHERE event = 'card_reset' AND at >= :begins
            UNION SELECT :told, person FROM asked WHERE event = 'card_reset' AND at >= :begins""",
            {"told": told, "begins": seconds(asked.begins_at), "ends": seconds(asked.ends_at)},
        )

    def _told(self, query: str, *values: bytes | int) -> tuple[screen.Asked, ...]:
        return tuple(
            screen.Asked(
                reason=console.Reason(reason), begins_at=moment(begins_at), ends_at=moment(ends_at), asked_at=moment(asked_at)
            )
            for reason, begins_at, ends_at, asked_at in self._store.rows(query, values)
        )


_TOLD: Final = "SELECT reason, begins_at, ends_at, asked_at FROM incidents_told"
