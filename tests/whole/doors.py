"""What the tests of a whole door pass around."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from device.cli.stage import Stage
from device.cli.visitor import Visitor
from device.config import Settings


@dataclass
class Place:
    """A door's folder, before anything runs."""

    path: Path
    settings: Settings
    stage: Stage


@dataclass
class Running:
    """A door that runs, and somebody at its kiosk."""

    place: Place
    device: psutil.Process
    kiosk: Visitor
