from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.vault.made import Door


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    opened = Door.at(tmp_path, new=True)
    yield opened
    opened.store.close()
