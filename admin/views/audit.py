"""The audit log: what was done here, by whom, in which order; checked from the first row to the last."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from admin import accounts, audit, doors
from admin.acting import acting, allowed
from admin.actions import ACTIONS, Act
from admin.audit import Entry
from admin.console import Console, console
from device.contract.console import Role

bp = Blueprint("audit", __name__, url_prefix="/audit")

LINES: Final = 50
NUMBER_MOST: Final = 2**53
AT_ONCE: Final = 5_000
"""Rows that are checked whenever the page opens; more are, when asked to."""


@bp.get("/")
@allowed(Role.AUDITOR, Role.PRIVACY_OFFICER)
def index() -> str:
    """The newest rows, or those before a number."""
    office = console()
    before = request.args.get("before", type=int)
    before = None if before is None else min(max(before, 0), NUMBER_MOST)
    rows = audit.newest(office, LINES, before)
    count = office.store.row("SELECT count(*) FROM audit")[0]
    named = {door.id.hex: door.name for retired in (False, True) for door in doors.every(office, retired=retired)}
    whole = count <= AT_ONCE or "check" in request.args
    return render_template(
        "audit.html",
        rows=rows,
        count=count,
        whole=whole,
        broken=audit.checked(office) if whole else None,
        sentences={act: ACTIONS[act].sentence for act in Act},
        names={known.id: known.name for known in accounts.everyone(office)},
        about={row.number: _about(row, named) for row in rows},
        older=rows[-1].number if len(rows) == LINES and rows[-1].number > 1 else None,
        before=before,
        cut=office.store.row("SELECT number, at FROM audit_cut"),
    )


@bp.post("/export")
@allowed(Role.AUDITOR, Role.PRIVACY_OFFICER)
def export() -> Response:
    """The whole log as a table, with the hashes that tie each row to the one before; made while it goes out."""
    with acting(Act.AUDIT_EXPORT):
        last = audit.newest(console(), 1)[0].number
    headers = {"Content-Disposition": 'attachment; filename="byleave-audit.csv"'}
    return Response(_lines(console(), last), mimetype="text/csv", headers=headers)


def _lines(office: Console, last: int) -> Iterator[str]:
    number = 0
    rows: list[Any] = [audit.COLUMNS]
    while rows:
        table = io.StringIO()
        csv.writer(table).writerows(rows)
        yield table.getvalue()
        rows = audit.kept(office, number, last, AT_ONCE)
        number = rows[-1][0] if rows else last


def _about(row: Entry, named: dict[str, str]) -> str:
    """What a row is about, as far as the log says: a door by its name, else the closed words it holds."""
    subject = row.subject or ""
    subject = named.get(subject, f"no. {subject}" if subject.isdigit() else subject[:8])
    words = ", ".join(f"{key.replace('_', ' ')} {_said(value)}" for key, value in row.details.items())
    return "; ".join(part for part in (subject, words) if part)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return str(len(value))
    return str(value).replace("_", " ")
