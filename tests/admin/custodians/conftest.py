"""Two custodians, their lists on files, and the command as they type it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from admin import custodians
from admin.console import Console
from device.cli.main import main

Words = tuple[str, str, str]


@pytest.fixture
def words(console: Console) -> Words:
    """The three lists of this console's custodians, as they are printed once."""
    return custodians.create(console)


@pytest.fixture
def byleave(tmp_path: Path) -> Callable[..., Result]:
    """Run `byleave incident` with these lists typed in, or on files."""

    def byleave(*arguments: str | Path, lists: tuple[str, ...] = (), typed: str = "") -> Result:
        paths = [tmp_path / f"list-{number}.txt" for number in range(len(lists))]
        for path, told in zip(paths, lists, strict=True):
            path.write_text(told, encoding="ascii")
        options = [word for path in paths for word in ("--words", str(path))]
        return CliRunner().invoke(main, ["incident", *map(str, arguments), *options], input=typed)

    return byleave
