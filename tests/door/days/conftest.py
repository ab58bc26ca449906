from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.days.made import Paired, made


@pytest.fixture
def paired(tmp_path: Path) -> Iterator[Paired]:
    found = made(tmp_path)
    yield found
    found.door.store.close()
