"""Owns the pages of visitors: a code with a span and doors, on the screen and on paper.

What never happens here: a visitor's face, or a code that was taken back and is still shown.
"""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin import forms, letters, visitors
from admin.acting import acting, allowed
from admin.actions import DESK, Act
from admin.console import console
from admin.errors import BadInput
from admin.letters import Pass
from admin.views.people import file, sender

bp: Final = Blueprint("visitors", __name__, url_prefix="/visitors")
_MOMENT: Final = "%Y-%m-%dT%H:%M"


@bp.get("/")
@allowed(*DESK)
def index() -> str:
    """Whose codes are in force, or will be."""
    visitors.prune(console())
    return render_template("visitors.html", visitors=visitors.everyone(console()), doors=visitors.doors(console()))


@bp.get("/new")
@allowed(*DESK)
def new() -> str:
    """The form of a new visitor."""
    now = console().clock.now().astimezone(ZoneInfo(console().config.zone)).replace(minute=0)
    return render_template(
        "visitor_form.html",
        doors=[(door.hex, name) for door, name in visitors.doors(console()).items()],
        begins=now.strftime(_MOMENT),
        ends=(now + timedelta(hours=4)).strftime(_MOMENT),
        most=visitors.SPAN_MOST.days,
    )


@bp.post("/new")
@allowed(*DESK)
def add() -> Response:
    """Make a visitor's code."""
    label = forms.text("label", "Who it is for", most=visitors.LABEL_MOST)
    begins_at, ends_at = _moment("begins", "The beginning"), _moment("ends", "The end")
    at = forms.ids("doors", "The doors")
    visitor = visitors.fresh()
    with acting(Act.VISITOR_ADD, subject=visitor, doors=len(at)):
        doors = visitors.add(console(), visitor, label, begins_at, ends_at, at)
    console().wake(doors)
    return redirect(url_for("visitors.page", visitor=visitor), 303)


@bp.get("/<uuid:visitor>")
@allowed(*DESK)
def page(visitor: UUID) -> str:
    """One visitor's code, to show or to photograph."""
    found = visitors.one(console(), visitor)
    return render_template("visitor_page.html", visitor=found, code=None if found.bearer is None else _svg(found.bearer))


@bp.post("/<uuid:visitor>/paper")
@allowed(*DESK)
def paper(visitor: UUID) -> Response:
    """The code as PDF."""
    found = visitors.one(console(), visitor)
    if found.bearer is None:
        raise BadInput("This code was taken back. Nothing of it is left to print.")
    visit = Pass(label=found.label, bearer=found.bearer, begins_at=found.begins_at, ends_at=found.ends_at, doors=found.doors)
    with acting(Act.VISITOR_PAPER, subject=visitor):
        made = letters.pass_pdf(sender(), visit)
    return file(made, "application/pdf", "visitor.pdf")


@bp.post("/<uuid:visitor>/back")
@allowed(*DESK)
def take_back(visitor: UUID) -> Response:
    """Take a code back before its end."""
    with acting(Act.VISITOR_END, subject=visitor):
        doors = visitors.take_back(console(), visitor)
    console().wake(doors)
    flash("Taken back. The code opens nothing any more.", "done")
    return redirect(url_for("visitors.index"), 303)


def _moment(field: str, what: str) -> datetime:
    told = request.form.get(field, "").strip()
    try:
        found = datetime.strptime(told[:16], _MOMENT)  # noqa: DTZ007  (told in the office's zone, which is set next)
    except ValueError:
        raise BadInput(f"{what} must be a day and a time, such as 2030-01-31T09:00.", field) from None
    if not 2000 <= found.year < 2200:
        raise BadInput(f"{what} must be from 2000 to 2199.", field)
    return found.replace(tzinfo=ZoneInfo(console().config.zone))


def _svg(bearer: bytes) -> Markup:
    """Dark on white with its quiet zone, in the dark scheme too: readers want it so (ISO/IEC 18004)."""
    code = segno.make_qr(bearer, error="m")
    drawn = code.svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None)
    return Markup(drawn)  # noqa: S704  (drawn by segno from modules, no text of the payload)
