"""Starts the front: `python -m device.front SETTINGS.toml [--beat DESCRIPTOR]`."""

import argparse
import sys
from pathlib import Path

from device.config import load
from device.errors import ByleaveError
from device.front import log


def main() -> int:
    """Serve the kiosk until told to end; 1 with one sentence when it cannot."""
    asked = argparse.ArgumentParser(prog="device.front", description="The kiosk's pages on loopback.")
    asked.add_argument("settings", type=Path, help="the door's settings file")
    asked.add_argument("--beat", type=int, help="a descriptor that gets one byte a second")
    told = asked.parse_args()
    try:
        settings = load(told.settings)
        from device.front import process  # noqa: PLC0415  (a refused start need not load the web libraries)

        process.run(settings, told.beat)
    except ByleaveError as fault:
        log.refused(fault)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
