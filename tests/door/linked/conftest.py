from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.door.linked.made import Paired


@pytest.fixture
def paired(tmp_path: Path) -> Iterator[Paired]:
    opened = Paired(tmp_path)
    yield opened
    opened.close()
