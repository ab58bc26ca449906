"""Owns requests of custodians: who is told of which, and only then the key that was asked for.

Telling and giving out are one transaction, and what was told is never changed. When it was asked is when this door heard
of it. What never happens here: a key without somebody told; a request for less than an hour, more than a day, or time to
come; more in a day than the pages can hold; knowing what custodians read.
"""

from datetime import date, datetime
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from device.contract import console, screen, sealed
from device.contract.words import Blob
from device.door import sealing
from device.door.book import CLOCKS_APART_S
from device.door.calendar import touched
from device.door.custodians import Custodians
from device.door.deadlines import by_now
from device.door.evidence import Evidence
from device.door.keys import KeyStore
from device.door.outbox import Outbox
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import VaultError

TOLD_DAYS: Final = 30
"""How long a request stands on the notice page, by the door's own clock. Source: design section 4, "Incidents"."""
KEPT_DAYS: Final = 365
"""How long it stands on the pages of the people concerned; the schema keeps it as long."""
TOLD_MOST: Final = console.ASKED_A_DAY * TOLD_DAYS
"""How many are told at once, newest first: all that can be asked while one stands on the notice page."""


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

        Those that are not follow when they are. In the caller's transaction. The same again tells nothing new and gives the
        same keys out again, for a console that has lost them; another span under the same number is another request. One
        too many in a day is passed over: nobody is told and nothing is given out.
        Raises: VaultError for a span of less than an hour, of more than a day, or that is not over.
        """
        with self._store.transaction():
            told = self._request(asked, seconds(by_now(self._store, now)))
            if told is not None:
                for day in touched(asked.begins_at, asked.ends_at, self._zone):
                    self._release(told, day)

    def day_sealed(self, day: date) -> None:
        """This day can be given out from now on, where it was asked for. In the caller's transaction."""
        for told, begins_at, ends_at in self._store.rows("SELECT number, begins_at, ends_at FROM incidents_told ORDER BY number"):
            if day in touched(moment(begins_at), moment(ends_at), self._zone):
                self._release(told, day)

    def evidence(self, asked: console.EvidenceAsked, now: datetime) -> None:
        """
        Tell the person, then give out their evidence key, sealed to the custodians; everybody has one, whatever they chose.

        What comes after is closed under another key. In the caller's transaction. The same again tells nothing new and gives
        the same out again; one too many of this person in a day is passed over.
        Raises: VaultError for somebody who was never invited here.
        """
        custodians = self._custodians.in_force()
        if custodians is None:
            return
        of = (asked.number, asked.person.bytes)
        with self._store.transaction():
            row = self._store.row("SELECT released FROM evidence_told WHERE request = ? AND person = ?", of)
            if row is None:
                at = seconds(by_now(self._store, now))
                query = "SELECT count(*) FROM evidence_told WHERE person = ? AND at > ?"
                if self._store.row(query, (asked.person.bytes, at - days(1)))[0] >= console.ASKED_A_DAY:
                    return
                bound = sealed.evidence_seal(asked.number, asked.person)
                row = (sealing.to(custodians.evidence, self._evidence.key(asked.person), bound),)
                query = "INSERT INTO evidence_told (request, person, released, at) VALUES (?, ?, ?, ?)"
                self._store.run(query, (*of, *row, at))
                self._evidence.renew(asked.person)
            key = Blob(row[0])
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
        query = "SELECT at FROM evidence_told WHERE person = ? ORDER BY number DESC LIMIT ?"
        return tuple(moment(at) for (at,) in self._store.rows(query, (person.bytes, TOLD_MOST)))

    def prune(self) -> None:
        """What was told a year ago, by the latest moment the vault has seen, is told no more."""
        before = int(self._store.row("SELECT seen_at FROM door")[0]) - days(KEPT_DAYS)
        for table in ("incidents_told", "evidence_told"):
            if self._store.row(f"SELECT 1 FROM {table} WHERE at <= ?", (before,)):  # noqa: S608  # one of our own two
                self._store.run(f"DELETE FROM {table} WHERE at <= ?", (before,))  # noqa: S608  # one of our own two

    def _request(self, asked: console.IncidentAsked, at: int) -> int | None:
        """Under which number people are told of it: one that was told of already, or a new one, or none."""
        values = (asked.number, asked.reason.value, seconds(asked.begins_at), seconds(asked.ends_at))
        same = "SELECT number FROM incidents_told WHERE (incident, reason, begins_at, ends_at) = (?, ?, ?, ?)"
        row = self._store.row(same, values)
        if row is None:
            # Two clocks may be a little apart; more is time to come, in which nobody can have opened yet.
            if seconds(asked.ends_at) > at + CLOCKS_APART_S:
                raise VaultError("Custodians are asked for time that has passed.")
            if self._store.row("SELECT count(*) FROM incidents_told WHERE at > ?", (at - days(1),))[0] >= console.ASKED_A_DAY:
                return None
            query = "INSERT INTO incidents_told (incident, reason, begins_at, ends_at, at) VALUES (?, ?, ?, ?, ?)"
            self._store.run(query, (*values, at))
            row = self._store.row(same, values)
        return int(row[0])

    def _release(self, told: int, day: date) -> None:
        query = "SELECT incident, reason, begins_at, ends_at FROM incidents_told WHERE number = ?"
        incident, reason, begins_at, ends_at = self._store.row(query, (told,))
        self._tell(told, begins_at, ends_at)
        number = sealed.day_number(day)
        row = self._store.row("SELECT release FROM sealed_days WHERE day = ?", (number,))
        if row is not None:
            span = sealed.released(incident, console.Reason(reason), begins_at, ends_at, number)
            key = Blob(row[0] + self._keys.sign(span))
            self._outbox.put(lambda at: console.DayReleased(number=at, incident=incident, day=moment(number), key=key))

    def _tell(self, told: int, begins_at: int, ends_at: int) -> None:
        # Whoever's openings were dropped since then has none to be found by: they are told as if they had come.
        self._store.run(
            """INSERT OR IGNORE INTO concerned SELECT :told, person FROM openings WHERE at >= :begins AND at < :ends
            UNION SELECT :told, person FROM openings_dropped WHERE at >= :begins""",
            {"told": told, "begins": begins_at, "ends": ends_at},
        )

    def _told(self, query: str, *values: bytes | int) -> tuple[screen.Asked, ...]:
        return tuple(
            screen.Asked(reason=console.Reason(reason), begins_at=moment(begins_at), ends_at=moment(ends_at), asked_at=moment(at))
            for reason, begins_at, ends_at, at in self._store.rows(query, values)
        )


_TOLD: Final = "SELECT reason, begins_at, ends_at, at FROM incidents_told"
