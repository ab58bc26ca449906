"""Owns the one way to do something: who asks, whether they may, whether they proved it, and the row that says so.

A view is open to the roles it names with `allowed`; what it does, it does inside `acting`, which writes the audit row
in the same transaction. What never happens here: an act without a row, a row without its act.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, Final, TypeVar

from flask import g

from admin import approvals, audit
from admin.actions import ACTIONS, Act
from admin.audit import Closed
from admin.console import console
from admin.errors import NotAllowed, ProveAgain, TwoPersons
from admin.sessions import Account, Session
from device.contract.console import Role

View = TypeVar("View", bound=Callable[..., Any])
MARK: Final = "byleave_allowed"


def allowed(*roles: Role) -> Callable[[View], View]:
    """Open a view to these roles; a view without this mark is open to nobody. Stands below the route."""

    def mark(view: View) -> View:
        setattr(view, MARK, frozenset(roles))
        return view

    return mark


def roles_of(view: Callable[..., Any] | None) -> frozenset[Role]:
    """The roles this view is open to."""
    found: frozenset[Role] = getattr(view, MARK, frozenset())
    return found


def session() -> Session:
    """The session of the request that is being answered. Raises: NotAllowed when nobody is signed in."""
    found: Session | None = g.get("byleave_session")
    if found is None:
        raise NotAllowed("Sign in first.")
    return found


def me() -> Account:
    """Who asks. Raises: NotAllowed when nobody is signed in."""
    return session().account


def may(act: Act) -> bool:
    """Whether whoever asks may do this; for what a page offers."""
    return me().role in ACTIONS[act].roles


def prove_first(act: Act) -> None:
    """For a page whose form had better not be filled in twice. Raises: ProveAgain as the act itself would."""
    if ACTIONS[act].grave and not session().proved(console().clock.now()):
        raise ProveAgain(ACTIONS[act].sentence)


@contextlib.contextmanager
def acting(act: Act, *, subject: Closed = None, **details: Closed | tuple[Closed, ...]) -> Iterator[None]:
    """
    Do this act inside: one transaction with its audit row, all or nothing.

    Subject and details are ids, numbers, times and closed words; never what somebody typed.
    Raises: NotAllowed for another role; ProveAgain when a grave act lacks a recent proof; TwoPersons when a second
    person has to agree first, after the request for it is written.
    """
    who, action, office = me(), ACTIONS[act], console()
    if who.role not in action.roles:
        denied(act)
        raise NotAllowed("Your role may not do this.")
    prove_first(act)
    asked = (
        json.dumps([audit.told(subject), {k: audit.told(v) for k, v in sorted(details.items())}]) if action.two_persons else ""
    )
    with office.store.transaction():
        agreed = not action.two_persons or approvals.use(office, act, asked, who.id)
        if agreed:
            audit.write(office, act, account=who.id, role=who.role, subject=subject, details=details)
            yield
    if not agreed:
        approvals.ask(office, act, asked, who)
        raise TwoPersons("A second person has to agree. It is on their page now; when they have, do this once more.")


def denied(act: Act | None = None) -> None:
    """Write down that somebody was refused what their role may not do (WEB-12)."""
    audit.write(console(), Act.DENIED, account=me().id, role=me().role, details={} if act is None else {"act": act})
