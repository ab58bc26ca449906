from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.cells.made import Place, close, office


@pytest.fixture
def two(tmp_path: Path) -> Iterator[list[Place]]:
    """Two doors of one office."""
    places = office(tmp_path, 2)
    yield places
    close(places)


@pytest.fixture
def three(tmp_path: Path) -> Iterator[list[Place]]:
    """Three doors of one office."""
    places = office(tmp_path, 3)
    yield places
    close(places)
