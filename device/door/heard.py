"""Owns what was heard of each other door: which cells, so that none counts twice, and which withdrawals were done.

A cell that comes late is still taken when it is one of the last few; older ones are replays. What never happens here: a
seal; an act.
"""

from dataclasses import dataclass
from typing import Final

from device.door.store import Store

BEFORE: Final = 8
"""How many cells before the newest are told apart, one bit each."""


@dataclass(frozen=True, slots=True)
class Cells:
    """The newest cell heard of a door, and which of the eight before it."""

    newest: int
    before: int

    def has(self, counter: int) -> bool:
        """Whether this cell was heard, or is too old to say."""
        back = self.newest - counter
        if back <= 0:
            return back == 0
        return back > BEFORE or bool(self.before >> (back - 1) & 1)

    def with_(self, counter: int) -> "Cells":
        """The same with this cell heard, too."""
        ahead = counter - self.newest
        if ahead <= 0:
            return Cells(self.newest, self.before | 1 << (-ahead - 1))
        before = (self.before << 1 | 1) << (ahead - 1) if ahead <= BEFORE else 0
        return Cells(counter, before & (1 << BEFORE) - 1)

    def all(self) -> tuple[int, ...]:
        """The numbers of the cells."""
        late = (self.newest - 1 - bit for bit in range(BEFORE) if self.before >> bit & 1)
        return tuple(cell for cell in (self.newest, *late) if cell > 0)


NONE: Final = Cells(0, 0)


class Heard:
    """What one door has heard of the others, each by its public key: a replaced door begins anew."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def cells(self, public: bytes) -> Cells:
        """Which cells of this door."""
        row = self._store.row("SELECT newest, before FROM heard_cells WHERE public = ?", (public,))
        return NONE if row is None else Cells(*row)

    def note(self, public: bytes, counter: int, lowest: int) -> None:
        """This cell is done, and nothing of this door's below `lowest` waits for anybody; in the caller's transaction."""
        cells = self.cells(public).with_(counter)
        self._store.run(
            """INSERT INTO heard_cells VALUES (?, ?, ?, ?) ON CONFLICT (public) DO UPDATE SET newest = excluded.newest,
            before = excluded.before, lowest = max(lowest, excluded.lowest)""",
            (public, cells.newest, cells.before, lowest),
        )
        values = {"public": public}
        self._store.run(
            """DELETE FROM heard_matters WHERE public = :public
            AND number < (SELECT lowest FROM heard_cells WHERE public = :public)""",
            values,
        )

    def is_done(self, public: bytes, number: int) -> bool:
        """Whether this door's matter of this number was done here, or waits for nobody any more."""
        done = self._store.row("SELECT 1 FROM heard_matters WHERE public = ? AND number = ?", (public, number))
        return bool(done or self._store.row("SELECT 1 FROM heard_cells WHERE public = ? AND lowest > ?", (public, number)))

    def done(self, public: bytes, number: int) -> None:
        """This door's matter of this number is done here."""
        self._store.run("INSERT INTO heard_matters VALUES (?, ?) ON CONFLICT DO NOTHING", (public, number))

    def only(self, publics: tuple[bytes, ...]) -> None:
        """Forget what was heard of doors that are not in the group any more, in the caller's transaction."""
        for table in ("heard_cells", "heard_matters"):
            for (public,) in self._store.rows(f"SELECT DISTINCT public FROM {table}"):  # noqa: S608  # fixed list
                if public not in publics:
                    self._store.run(f"DELETE FROM {table} WHERE public = ?", (public,))  # noqa: S608  # fixed list
