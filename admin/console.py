"""Owns what the console's parts share: database, clock, configuration, keys, and the bell that wakes the doors' streams.

What never happens here: a rule.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask import current_app

from admin.clock import Clock
from admin.config import Config
from admin.store import Store

EXTENSION: Final = "byleave"


@dataclass(slots=True, repr=False)
class Console:
    """One office's console."""

    config: Config
    store: Store
    clock: Clock
    policy_key: Ed25519PrivateKey
    """Signs policy; doors pin its public half when they are paired."""
    secret: bytes
    """32 bytes of which the keys of cookies and stored one-time secrets are made."""
    wake: Callable[[Iterable[UUID]], None] = field(default=lambda _: None)
    """Tells the streams of these doors that there is something for them; called after the transaction, by `marks`."""

    @property
    def folder(self) -> Path:
        """Where database and keys lie."""
        return self.config.folder


def console() -> Console:
    """The console of the request that is being answered."""
    found: Console = current_app.extensions[EXTENSION]
    return found
