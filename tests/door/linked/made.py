"""A paired door, a console that signs, and a link that remembers what it was told; only eyes, lock and clock are simulated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from device.config import Settings
from device.contract import console as words
from device.contract.screen import Button, Issued
from device.contract.words import Blob, Message
from device.door.console import Pinned
from device.door.custodians import Keys
from device.door.linked import Health
from tests.stories.stagehands import Theatre

M = TypeVar("M", bound=Message)

WELL = Health(eyes=True, front=True)


class Paired(Theatre):
    """One door with a console, and everything else outside it simulated."""

    def __init__(self, folder: Path, change: Callable[[Settings], Settings] = lambda settings: settings) -> None:
        self.id = uuid4()
        self.signing = Ed25519PrivateKey.generate()
        self.statement = Ed25519PrivateKey.generate()
        self.told: list[Message] = []
        self.dropped = 0
        self.reads = self.stores = True
        self.number = 0
        self.act = 0
        super().__init__(folder, change)
        incident, evidence = (X25519PrivateKey.generate().public_key().public_bytes_raw() for _ in range(2))
        keys = Keys(incident, evidence, self.statement.public_key().public_bytes_raw())
        policy = self.signing.public_key().public_bytes_raw()
        with self.door.store.transaction():
            self.door.console.pin(Pinned(self.id, policy, bytes(32)), self.clock.now())
            self.door.custodians.pin(keys, self.clock.now())

    def open(self) -> None:
        super().open()
        self.linked = self.door.linked(self._take, self._drop)
        self.linked.came()

    def _take(self, message: Message) -> bool:
        if self.reads:
            self.told.append(message)
        return self.reads

    def _drop(self) -> None:
        self.dropped += 1

    def all(self, kind: type[M]) -> list[M]:
        """What the link was told of this kind."""
        return [message for message in self.told if isinstance(message, kind)]

    def waiting(self, kind: type[M]) -> list[M]:
        """What waits in the outbox of this kind."""
        return [record for record in self.door.outbox.waiting(0, 1_000_000) if isinstance(record, kind)]

    # --- the console ---------------------------------------------------------------------------------------------------

    def policy(self, **fields: Any) -> words.Policy:
        """The next policy, signed."""
        after, self.number = self.number, self.number + 1
        told: words.Policy = self.signed(policy(door=self.id, after=after, number=self.number, at=self.clock.now(), **fields))
        return told

    def signed(self, message: Any, by: Ed25519PrivateKey | None = None) -> Any:
        """The same message, signed by the console or by somebody else."""
        return replace(message, signature=Blob((by or self.signing).sign(words.signed(message))))

    def tell(self, **fields: Any) -> None:
        """The next policy, heard."""
        self.linked.hear(self.policy(**fields))

    def command(self, kind: words.CommandKind, good_s: int = 60) -> words.Command:
        """The next command, signed."""
        self.act += 1
        until = self.clock.now() + timedelta(seconds=good_s)
        command: words.Command = self.signed(
            words.Command(door=self.id, act=self.act, kind=kind, until=until, signature=Blob(b""))
        )
        return command

    def admit(self, **more: Any) -> tuple[UUID, str]:
        """Somebody new, with a code."""
        person, code = uuid4(), f"{uuid4().int % 10**10:010}"
        self.tell(people=(self.admitted(person, code, **more),))
        return person, code

    def admitted(self, person: UUID, code: str | None = None, **more: Any) -> words.Admitted:
        """One person, as a policy tells them."""
        known = {
            "person": person,
            "begins_at": None,
            "ends_at": None,
            "ended": False,
            "hours": (0,),
            "code": None if code is None else digest(code),
            "code_until": None if code is None else self.clock.now() + timedelta(days=7),
        }
        return words.Admitted(**(known | more))

    def welcome(self, **more: Any) -> tuple[UUID, Issued]:
        """Somebody new, with badge and PIN."""
        person, code = self.admit(**more)
        issued = self.collect(code)
        self.visit.home()
        return person, issued

    # --- time ----------------------------------------------------------------------------------------------------------

    def pass_(self, **of: float) -> None:
        """Time passes; deadlines are served, the link ticks, and the console stores what it is told."""
        self.clock.wait(timedelta(**of).total_seconds())
        self.door.serve_deadlines(self.clock.now())
        self.linked.tick(WELL)
        while self.reads and self.stores and self.door.outbox.count():
            self.store()

    def store(self) -> None:
        """The console has stored all that it was told."""
        told = [message.number for message in self.told if isinstance(message, words.Record)]  # type: ignore[attr-defined]  # every record has one
        self.linked.hear(words.Stored(number=max(told)))

    def opens(self, issued: Issued) -> bool:
        """Whether this PIN opens the door now."""
        before = self.lock.openings
        self.visit.home()
        self.visit.keypad_limit.passed()
        self.press(Button.PIN)
        self.type(issued.pin)
        return self.lock.openings > before


def policy(**fields: Any) -> words.Policy:
    """A policy that says only this."""
    empty: dict[str, Any] = dict.fromkeys(("people", "guests", "hours", "notices", "pages", "incidents", "evidence"), ())
    empty |= dict.fromkeys(("holidays", "limits", "siblings", "custodians"))
    return words.Policy(**(empty | {"signature": Blob(b"")} | fields))


def digest(code: str) -> Blob:
    """What a console tells of a code."""
    return Blob(sha256(b"byleave-code-1\0" + code.encode()).digest())


LIMITS = words.Limits(template_days=100, unused_days=50, openings_days=20, notice_days=10, open_s=7)
