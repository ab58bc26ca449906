"""A whole door, as the demo makes it: real processes, real networks, portraits for a camera, a simulated lock."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from device.cli import demo
from device.cli.visitor import Visitor
from tests.whole.doors import Place, Running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    settings, stage = demo.make(tmp_path)
    return Place(tmp_path / "settings.toml", settings, stage)


@pytest.fixture
def running(place: Place) -> Iterator[Running]:
    with demo.running(place.path, place.settings) as device, Visitor(demo.kiosk_url(place.settings)) as kiosk:
        kiosk.until("Idle", holds=lambda scene: scene["camera"])
        yield Running(place, device, kiosk)
