"""Starts the keeper: `python -m device.lock SETTINGS.toml`."""

import json
import signal
import sys
from pathlib import Path

from device.config import LockKind, Settings, load
from device.errors import ByleaveError
from device.lock.bolt import Bolt
from device.lock.keeper import Keeper
from device.lock.simulated import SimulatedBolt


def _bolt(settings: Settings) -> Bolt:
    if settings.lock.kind is LockKind.SIMULATED:
        return SimulatedBolt(simulated=settings.simulated)
    from device.lock import relay  # noqa: PLC0415  (gpiozero is loaded only where there is a relay)

    return relay.RelayBolt(settings.lock.pin or 0, relay.factory(settings.lock.pins or ""), active_high=settings.lock.active_high)


def main(path: str) -> int:
    """Keep the lock until told to end; 1 with one sentence when it cannot."""
    try:
        settings = load(Path(path))
        keeper = Keeper(settings.folders.run / "lock.sock", _bolt(settings))
    except ByleaveError as fault:
        print(json.dumps({"code": fault.code, "sentence": fault.sentence}), file=sys.stderr)  # noqa: T201  (the one place it speaks)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: keeper.end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keeper.run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
