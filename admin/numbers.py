"""Owns the next number of whatever doors are told once by its number; after a restored backup it begins far above.

What never happens here: a number used twice, not even across a restored backup.
"""

from typing import Final

from admin.console import Console

COUNTED: Final = {
    "commands": "act",
    "looks": "number",
    "incidents": "number",
    "evidence_requests": "number",
    "notices": "version",
}
"""Table and column of each count that doors remember."""


def following(console: Console, table: str) -> int:
    """The next number of this count. In the caller's transaction."""
    highest = console.store.row(f"SELECT coalesce(max({COUNTED[table]}), 0) FROM {table}")[0]  # noqa: S608  (our own words)
    return max(int(highest), floor(console, table)) + 1


def floor(console: Console, table: str) -> int:
    """Above which this count goes on."""
    kept = console.store.row("SELECT value FROM settings WHERE key = ?", (f"floor_{table}",))
    return 0 if kept is None else int(kept[0])


def lift(console: Console, table: str, to: int) -> None:
    """Let this count go on above this number, and above all it has reached."""
    reached = max(following(console, table) - 1, to)
    if reached == floor(console, table):
        return
    console.store.run(
        "INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (f"floor_{table}", str(reached)),
    )
