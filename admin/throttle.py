"""Owns how often somebody may try: after a few failures each next try waits, twice as long each time, never for good.

Failures are counted for three keys: this name from this address (5 free, then up to 15 minutes), this address (20 free,
then up to 15 minutes) and this name from anywhere (50 free, then up to 1 minute), so that nobody can lock a named
account out: a flood from elsewhere costs its owner a minute, and a passkey needs no name: without one, only the address
counts. Source: WEB-04. What never happens here: a name kept, a lock without an end, a failure that counts after a day.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

ENTRIES_MOST: Final = 10_000
FORGET_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class _Rule:
    free: int
    wait_most_s: int


PAIR: Final = _Rule(free=5, wait_most_s=900)
ADDRESS: Final = _Rule(free=20, wait_most_s=900)
NAME: Final = _Rule(free=50, wait_most_s=60)


class Throttle:
    """Counts failures in memory, by digests; a restart forgets them, and the process may be restarted only by its host."""

    def __init__(self, now_s: Callable[[], float]) -> None:
        self._now_s = now_s
        self._failed: OrderedDict[bytes, tuple[int, float]] = OrderedDict()

    def wait_s(self, name: str, address: str) -> int:
        """How long to wait before the next try; 0 is now."""
        return max(self._wait_s(key, rule) for key, rule in _keys(name, address))

    def failed(self, name: str, address: str) -> None:
        """A try failed; one that is under way counts as failed, until `succeeded` takes it back."""
        for key, _ in _keys(name, address):
            count, _at = self._counted(key)
            self._failed.pop(key, None)
            self._failed[key] = (count + 1, self._now_s())
        while len(self._failed) > ENTRIES_MOST:
            self._failed.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """A try succeeded: it is taken back, one failure of its address too, and all of this name from there."""
        for key, rule in _keys(name, address):
            count, at = self._counted(key)
            left = 0 if rule is PAIR else count - (2 if rule is ADDRESS else 1)
            if left > 0:
                self._failed[key] = (left, at)
            else:
                self._failed.pop(key, None)

    def _counted(self, key: bytes) -> tuple[int, float]:
        """How many failures count, and when the last one was."""
        count, at = self._failed.get(key, (0, 0.0))
        return (count, at) if self._now_s() - at < FORGET_S else (0, 0.0)

    def _wait_s(self, key: bytes, rule: _Rule) -> int:
        count, at = self._counted(key)
        if count < rule.free:
            return 0
        wait_s: int = min(2 ** min(count - rule.free, 30), rule.wait_most_s)
        return max(0, round(wait_s - max(0.0, self._now_s() - at)))


def _keys(name: str, address: str) -> tuple[tuple[bytes, _Rule], ...]:
    who, anybody = name.strip().casefold(), (_digest("address", address), ADDRESS)
    if not who:
        return (anybody,)
    return ((_digest("pair", who, address), PAIR), anybody, (_digest("name", who), NAME))


def _digest(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()
