"""A stage for every story: one door with everything outside it simulated."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.stagehands import Theatre, two_factors


@pytest.fixture
def theatre(tmp_path: Path) -> Iterator[Theatre]:
    told = Theatre(tmp_path)
    yield told
    told.close()


@pytest.fixture
def strict(tmp_path: Path) -> Iterator[Theatre]:
    told = Theatre(tmp_path, two_factors)
    yield told
    told.close()
