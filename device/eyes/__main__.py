"""Starts eyes: `python -m device.eyes SETTINGS.toml [--beat FD]`."""

import sys

from device.beat import room
from device.eyes.process import run

if __name__ == "__main__":
    sys.exit(room(sys.argv[1:], run))
