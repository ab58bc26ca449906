"""Owns whom this door seals to: the custodians' three public keys, pinned at pairing, changed only by those before.

What never happens here: a private half; a change that its predecessors did not sign.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from device.contract import console, sealed
from device.contract.words import Blob
from device.door import sealing
from device.door.outbox import Outbox
from device.door.store import Store
from device.door.times import days, moment, seconds
from device.errors import PolicyRefused, VaultError

TOLD_DAYS: Final = 30
"""How long a change stands on the notice page. Source: design section 4, "Incidents"."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The public halves, 32 bytes each."""

    incident: bytes
    """X25519: days are sealed to it."""
    evidence: bytes
    """X25519: evidence keys are sealed to it."""
    statement: bytes
    """Ed25519: verifies the next change."""


class Custodians:
    """Who can open a day of this door together."""

    def __init__(self, store: Store, outbox: Outbox) -> None:
        self._store = store
        self._outbox = outbox

    def pin(self, keys: Keys, now: datetime) -> None:
        """
        At pairing, in its transaction, after the console is pinned: these, whoever they were before.

        Raises: VaultError when one of them is no key.
        """
        if not _whole(keys):
            raise VaultError("What was offered as the custodians' keys cannot be sealed to.")
        with self._store.transaction():
            if self.in_force() != keys:
                self._put(keys, now)
            self._tell(keys)

    def accept(self, change: console.Custodians, now: datetime) -> None:
        """
        In the policy's transaction: hand over to these, when the statement key in force signed it; again is harmless.

        Raises: VaultError when it did not, or nobody was pinned yet; PolicyRefused when one of them is no key.
        """
        keys, before = Keys(change.incident, change.evidence, change.statement), self.in_force()
        if before == keys:
            return
        if before is None:
            raise VaultError("Custodians are pinned when a door is paired, and not by a policy.")
        try:
            told = sealed.change(keys.incident, keys.evidence, keys.statement)
            Ed25519PublicKey.from_public_bytes(before.statement).verify(change.signature, told)
        except InvalidSignature:
            raise VaultError("A change of custodians was not signed by those before.") from None
        if not _whole(keys):
            raise PolicyRefused("What was signed as the custodians' keys cannot be sealed to.")
        with self._store.transaction():
            self._put(keys, now)
            self._tell(keys)

    def in_force(self) -> Keys | None:
        """Those days are sealed to now; nobody before pairing."""
        row = self._store.row("SELECT incident, evidence, statement FROM custodians ORDER BY number DESC LIMIT 1")
        return None if row is None else Keys(*row)

    def changed(self, now: datetime) -> tuple[datetime, ...]:
        """When the keys changed in the last 30 days, newest first; the first pinning is no change."""
        query = "SELECT since FROM custodians WHERE number > 1 AND since > ? ORDER BY number DESC"
        return tuple(moment(since) for (since,) in self._store.rows(query, (seconds(now) - days(TOLD_DAYS),)))

    def _put(self, keys: Keys, now: datetime) -> None:
        self._store.run(
            "INSERT INTO custodians SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ? FROM custodians",
            (keys.incident, keys.evidence, keys.statement, seconds(now)),
        )

    def _tell(self, keys: Keys) -> None:
        self._outbox.put(lambda number: console.CustodiansAccepted(number=number, incident=Blob(keys.incident)))


def _whole(keys: Keys) -> bool:
    """Whether a day, a person's key and a change can be closed to them; a point of low order looks like a key and is none."""
    try:
        for public in (keys.incident, keys.evidence):
            sealing.to(public, b"", b"")
        Ed25519PublicKey.from_public_bytes(keys.statement)
    except ValueError:
        return False
    return True
