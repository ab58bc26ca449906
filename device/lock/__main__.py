"""Starts the keeper: `python -m device.lock SETTINGS.toml [--beat FD]`. It outlives whoever hears its beat."""

import signal
import sys

from device.beat import Beat, room
from device.config import LockKind, Settings
from device.lock.bolt import Bolt
from device.lock.keeper import Keeper
from device.lock.simulated import SimulatedBolt


def _bolt(settings: Settings) -> Bolt:
    if settings.lock.kind is LockKind.SIMULATED:
        return SimulatedBolt(simulated=settings.simulated)
    from device.lock import relay  # noqa: PLC0415  (gpiozero is loaded only where there is a relay)

    active_high = settings.lock.active_high is not False
    return relay.RelayBolt(settings.lock.pin or 0, relay.factory(settings.lock.pins or ""), active_high=active_high)


def _run(settings: Settings, _beat: Beat) -> None:
    keeper = Keeper(settings.folders.run / "lock.sock", _bolt(settings))
    signal.signal(signal.SIGTERM, lambda *_: keeper.end())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    keeper.run()


if __name__ == "__main__":
    sys.exit(room(sys.argv[1:], _run))
