"""What many tests share."""

from pathlib import Path

import pytest

from device.eyes import networks


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the whole model cache, built once a run."""
    folder = tmp_path_factory.mktemp("models")
    networks.build(folder)
    return folder
