"""Starts the door: `python -m device.door SETTINGS.toml [--beat FD]`."""

import sys

from device.beat import room
from device.door.process import run

if __name__ == "__main__":
    sys.exit(room(sys.argv[1:], run))
