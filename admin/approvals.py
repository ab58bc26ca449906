"""Owns the second person: what was asked for, who agreed, and that one agreement is good for one act.

Whoever let somebody in, or renewed what they sign in with, could be acting through that account: neither is the
other's second person, nor is anybody further along the same line of links. What never happens here: the act itself;
one account agreeing with itself, which the table refuses too.
"""

from dataclasses import dataclass
from typing import Final

from admin import audit
from admin.actions import Act
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.sessions import Account

GOOD_S: Final = 7 * 86_400
"""A request that is older has to be made again."""
_LINE: Final = """WITH RECURSIVE
up (id) AS (SELECT :of UNION SELECT voucher FROM vouched JOIN up ON account = up.id),
down (id) AS (SELECT :of UNION SELECT account FROM vouched JOIN down ON voucher = down.id)
SELECT id FROM up UNION SELECT id FROM down"""


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


def ask(console: Console, act: Act, details: str, who: Account) -> int:
    """Ask, and write that down, unless the same person already asks for the same; its id."""
    open_ = console.store.row(
        "SELECT id FROM approvals WHERE act = ? AND details = ? AND asked_by = ? AND decided_at IS NULL AND asked_at >= ?",
        (act.value, details, who.id, _since(console)),
    )
    if open_:
        return int(open_[0])
    now = int(console.clock.now().timestamp())
    with console.store.transaction():
        console.store.run(
            "INSERT INTO approvals (act, details, asked_by, asked_at) VALUES (?, ?, ?, ?)", (act.value, details, who.id, now)
        )
        asked = int(console.store.row("SELECT last_insert_rowid()")[0])
        audit.write(console, Act.APPROVAL_ASK, account=who.id, role=who.role, subject=asked, details={"asked": act})
    return asked


def use(console: Console, act: Act, details: str, account: int) -> bool:
    """Use up one agreement to exactly this, by this person; whether there was one."""
    row = console.store.row(
        "SELECT id FROM approvals WHERE act = ? AND details = ? AND asked_by = ? AND granted = 1 AND asked_at >= ?",
        (act.value, details, account, _since(console)),
    )
    return row is not None and console.store.run("DELETE FROM approvals WHERE id = ?", row) == 1


def asked(console: Console, approval: int) -> tuple[Act, int]:
    """What waits for a decision, and who asked. Raises: NotThere when it was decided, is too old or never was."""
    row = console.store.row(
        "SELECT act, asked_by FROM approvals WHERE id = ? AND decided_at IS NULL AND asked_at >= ?", (approval, _since(console))
    )
    if row is None:
        raise NotThere("This request has been decided or is too old.")
    return Act(row[0]), int(row[1])


def line(console: Console, account: int) -> frozenset[int]:
    """This account, whoever let it in or renewed its keys, and whomever it did: nobody there is its second person."""
    return frozenset(row[0] for row in console.store.rows(_LINE, {"of": account}))


def decide(console: Console, approval: int, account: int, granted: bool) -> None:
    """
    Agree or disagree as the second person.

    Raises: NotThere when it was decided, is too old or never was; BadInput for one's own request, or of one's own line.
    """
    _, by = asked(console, approval)
    if by == account:
        raise BadInput("You asked for this yourself. Somebody else has to agree.")
    if by in line(console, account):
        raise BadInput("One of you let the other in, or renewed what they sign in with. Somebody else has to agree.")
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
    query = "SELECT asked_by FROM approvals WHERE decided_at IS NULL AND asked_at >= ?"
    askers = [row[0] for row in console.store.rows(query, (_since(console),))]
    return sum(asker not in line(console, account) for asker in askers)


def _since(console: Console) -> int:
    return int(console.clock.now().timestamp()) - GOOD_S
