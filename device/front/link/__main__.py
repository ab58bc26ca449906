"""Starts the link: `python -m device.front.link SETTINGS.toml [--beat FD]`."""

import sys

from device.beat import Beat, room
from device.config import Settings


def _run(settings: Settings, beat: Beat) -> None:
    from device.front.link import process  # noqa: PLC0415  (a refused start need not load the libraries)

    process.run(settings, beat)


if __name__ == "__main__":
    sys.exit(room(sys.argv[1:], _run))
