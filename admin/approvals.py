"""Owns the second person: what was asked for, who agreed, and that one agreement is good for one act.

What never happens here: the act itself; one account agreeing with itself, which the table refuses too.
"""

from dataclasses import dataclass
from typing import Final

from admin.actions import Act
from admin.console import Console
from admin.errors import BadInput, NotThere

GOOD_S: Final = 7 * 86_400
"""A request that is older has to be made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One request for a second person."""

    id: int
    act: Act
    details: str
    asked_by: int
    asker: str
    asked_at: int
    granted: bool | None


def ask(console: Console, act: Act, details: str, account: int) -> int:
    """Ask, unless the same person already asks for the same; its id."""
    open_ = console.store.row(
        "SELECT id FROM approvals WHERE act = ? AND details = ? AND asked_by = ? AND decided_at IS NULL AND asked_at >= ?",
        (act.value, details, account, _since(console)),
    )
    if open_:
        return int(open_[0])
    now = int(console.clock.now().timestamp())
    with console.store.transaction():
        console.store.run(
            "INSERT INTO approvals (act, details, asked_by, asked_at) VALUES (?, ?, ?, ?)", (act.value, details, account, now)
        )
        return int(console.store.row("SELECT last_insert_rowid()")[0])


def use(console: Console, act: Act, details: str, account: int) -> bool:
    """Use up one agreement to exactly this, by this person; whether there was one."""
    row = console.store.row(
        "SELECT id FROM approvals WHERE act = ? AND details = ? AND asked_by = ? AND granted = 1 AND asked_at >= ?",
        (act.value, details, account, _since(console)),
    )
    return row is not None and console.store.run("DELETE FROM approvals WHERE id = ?", row) == 1


def decide(console: Console, approval: int, account: int, granted: bool) -> None:
    """
    Agree or disagree as the second person.

    Raises: NotThere when it was decided, is too old or never was; BadInput for one's own request.
    """
    row = console.store.row(
        "SELECT asked_by FROM approvals WHERE id = ? AND decided_at IS NULL AND asked_at >= ?", (approval, _since(console))
    )
    if row is None:
        raise NotThere("This request has been decided or is too old.")
    if row[0] == account:
        raise BadInput("You asked for this yourself. Somebody else has to agree.")
    console.store.run(
        "UPDATE approvals SET decided_by = ?, decided_at = ?, granted = ? WHERE id = ?",
        (account, int(console.clock.now().timestamp()), int(granted), approval),
    )


def standing(console: Console) -> list[Approval]:
    """What is asked or agreed to and not yet done, the oldest first."""
    rows = console.store.rows(
        """SELECT approvals.id, act, details, asked_by, name, asked_at, granted FROM approvals
        JOIN accounts ON accounts.id = asked_by WHERE asked_at >= ? AND granted IS NOT 0 ORDER BY asked_at""",
        (_since(console),),
    )
    return [
        Approval(
            id=i,
            act=Act(act),
            details=details,
            asked_by=by,
            asker=name,
            asked_at=at,
            granted=None if told is None else bool(told),
        )
        for i, act, details, by, name, at, told in rows
    ]


def waiting(console: Console, account: int) -> int:
    """How many requests this person could decide."""
    query = "SELECT count(*) FROM approvals WHERE decided_at IS NULL AND asked_at >= ? AND asked_by != ?"
    return int(console.store.row(query, (_since(console), account))[0])


def _since(console: Console) -> int:
    return int(console.clock.now().timestamp()) - GOOD_S
