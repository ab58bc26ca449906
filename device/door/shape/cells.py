"""Owns step 0006 of the vault's shape. What was shipped is never edited."""

from typing import Final

STATEMENTS: Final[tuple[str, ...]] = ()
