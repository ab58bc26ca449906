"""Owns one door's stream: what is due to it, said as it becomes due, for ten minutes at most, and a sign of life in between.

What never happens here: something kept for a door that does not listen, beyond what the database keeps anyway.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from admin import times
from admin.console import Console
from admin.link import policy
from admin.link.relay import Relay
from device.contract.console import CellOf, Command, CommandKind, JoinSealed, JoinWanted, Stored, frame, signed
from device.contract.words import Blob, CellBytes, Message

LIVES_S: Final = 600.0
"""Then the link dials again, so that no stream outlives what the network between has forgotten."""
QUIET_S: Final = 70.0
"""A door of a group hears a cell every minute; one that hears nothing so long is told that the console is there."""
JOIN_GOOD: Final = timedelta(minutes=15)


class Stream:
    """What one listening door has been told, and is to be told next."""

    def __init__(self, console: Console, relay: Relay, door: UUID, after: int) -> None:
        self._console = console
        self._relay = relay
        self._door = door
        self._link: bytes | None = None
        self._policy = after
        self._act = 0
        self._heard_on: int | None = None
        self._joins: set[bytes] = set()
        self._granted: list[tuple[int, int, bytes]] = []

    def frames(self, lives_s: float = LIVES_S, quiet_s: float = QUIET_S) -> Iterator[bytes]:
        """One message at a time, until its time is over, a newer stream has begun, or the door is retired or replaced."""
        ends_s, quiet_at_s = time.monotonic() + lives_s, time.monotonic() + quiet_s
        with self._relay.seat(self._door) as seat:
            while (state := self._state()) is not None and not seat.taken:
                seat.bell.clear()
                for message in self._due(*state):
                    yield frame(message)
                    quiet_at_s = time.monotonic() + quiet_s
                    if seat.taken:
                        return
                now_s = time.monotonic()
                if now_s >= ends_s:
                    return
                if now_s >= quiet_at_s:
                    yield frame(Stored(number=self._stored()))
                    quiet_at_s = time.monotonic() + quiet_s
                seat.bell.wait(max(0.0, min(ends_s, quiet_at_s) - time.monotonic()))

    def _due(self, stands: int, commands: bool, joins: bool) -> Iterator[Message]:
        if commands:
            yield from self._commands()
        while self._policy < stands:
            for message in policy.news(self._console, self._door, self._policy):
                self._policy, self._heard_on = message.number, self._today()
                yield message
        # Once a stream and once a day: the console was heard, though nothing is new.
        if self._heard_on != self._today():
            self._heard_on = self._today()
            yield policy.heartbeat(self._console, self._door, self._policy)
        if joins:
            yield from self._wanted()
            yield from self._sealed()
        for slot, cell in self._relay.waiting(self._door):
            yield CellOf(slot=slot, cell=CellBytes(cell))

    def _commands(self) -> Iterator[Command]:
        rows = self._console.store.rows(
            "SELECT act, kind, until FROM commands WHERE door = ? AND act > ? AND done IS NULL AND until > ? ORDER BY act",
            (self._door.bytes, self._act, self._now_s()),
        )
        for act, kind, until in rows:
            self._act = act
            bare = Command(door=self._door, act=act, kind=CommandKind(kind), until=times.moment(until), signature=Blob(b""))
            yield replace(bare, signature=Blob(self._console.policy_key.sign(signed(bare))))

    def _wanted(self) -> Iterator[JoinWanted]:
        rows = self._console.store.rows(
            """SELECT joins.door, public, salt, proof FROM joins JOIN doors ON doors.id = joins.door
            WHERE door_group = (SELECT door_group FROM doors WHERE id = :door) AND joins.door != :door AND joins.at > :since""",
            {"door": self._door.bytes, "since": self._now_s() - int(JOIN_GOOD.total_seconds())},
        )
        for door, public, salt, proof in rows:
            if proof not in self._joins:
                self._joins.add(proof)
                yield JoinWanted(door=UUID(bytes=door), public=Blob(public), salt=Blob(salt), proof=Blob(proof))

    def _sealed(self) -> Iterator[JoinSealed]:
        """The badge book that another door granted, once all its pieces are there."""
        query = "SELECT part, of, sealed FROM join_parts WHERE door = ? ORDER BY part"
        parts = self._console.store.rows(query, (self._door.bytes,))
        if parts and len(parts) == parts[0][1] and parts != self._granted:
            self._granted = parts
            for part, of, sealed in parts:
                yield JoinSealed(part=part, of=of, sealed=Blob(sealed))

    def _state(self) -> tuple[int, bool, bool] | None:
        """Where policy stands, and whether a command or a wish to join waits; nothing when the door was retired or replaced."""
        row = self._console.store.row(
            """SELECT link, policy, EXISTS (SELECT 1 FROM commands WHERE door = doors.id AND done IS NULL),
            EXISTS (SELECT 1 FROM joins) FROM doors WHERE id = ? AND retired_at IS NULL""",
            (self._door.bytes,),
        )
        if row is None or row[0] != (self._link or row[0]):
            return None
        self._link = row[0]
        return int(row[1]), bool(row[2]), bool(row[3])

    def _stored(self) -> int:
        return int(self._console.store.row("SELECT stored FROM doors WHERE id = ?", (self._door.bytes,))[0])

    def _today(self) -> int:
        return self._now_s() // 86_400

    def _now_s(self) -> int:
        return times.seconds(self._console.clock.now())
