"""Owns the pages for many people at once: a file with a preview of every fault, and a pile of letters.

What never happens here: anybody added before somebody has seen what the file would do.
"""

from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from gevent import get_hub
from werkzeug.wrappers import Response

from admin import codes, groups, imports, letters, people
from admin.acting import acting, allowed
from admin.actions import DESK, OPERATORS, Act
from admin.console import console
from admin.errors import BadInput
from admin.letters import Letter
from admin.views.people import file, invitation_of, sender

bp: Final = Blueprint("invitations", __name__, url_prefix="/people")
PILE_MOST: Final = 200
"""Letters at once: a few seconds' work, which is done beside the doors' streams."""
SHOWN_MOST: Final = 20


@bp.get("/import")
@allowed(*OPERATORS)
def choose() -> str:
    """Which file?"""
    return render_template("people_import.html", columns=imports.COLUMNS, most=imports.LINES_MOST)


@bp.post("/import")
@allowed(*OPERATORS)
def preview() -> str:
    """What the file would do; nothing is added."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise BadInput("Choose a file.", "file")
    return _previewed(imports.decoded(sent.stream.read(imports.BYTES_MOST + 1)))


@bp.post("/import/confirmed")
@allowed(*OPERATORS)
def confirmed() -> Response | str:
    """Add the people of a file that somebody has looked at; read again, for the office may have changed since."""
    read = imports.preview(console(), request.form.get("text", ""))
    seen = request.form.get("count", "")
    if not read.good or seen != str(len(read.good)):
        flash("Something changed since you looked. Look once more.", "attention")
        return _previewed(read.text)
    new = {people.fresh(): entry for entry in read.good}
    with acting(Act.PERSON_IMPORT, people=tuple(new)):
        doors = people.add_all(console(), new)
    console().wake(doors)
    flash(f"{len(read.good)} people are added. Their letters are next.", "done")
    return redirect(url_for("invitations.pile"), 303)


@bp.get("/import/example.csv")
@allowed(*OPERATORS)
def example() -> Response:
    """A file as it should be."""
    return file(("\N{BYTE ORDER MARK}" + imports.EXAMPLE).encode(), "text/csv", "people.csv")


@bp.get("/letters")
@allowed(*DESK)
def pile() -> str:
    """How many letters would there be?"""
    count, each = people.waiting_counts(console())
    return render_template("people_letters.html", count=count, groups=groups.names(console()), each=each, most=PILE_MOST)


@bp.post("/letters")
@allowed(*DESK)
def print_pile() -> Response:
    """One PDF with a letter for everybody who has collected nothing yet; a code is made where none is in force."""
    chosen = request.form.get("group", "")
    if chosen and chosen not in map(str, groups.names(console())):
        raise BadInput("This group is gone. Choose another.", "group")
    due = people.waiting(console(), int(chosen) if chosen else None, PILE_MOST)
    if not due:
        raise BadInput("Nobody there waits for a letter.", "group")
    doors: set[UUID] = set()
    written: list[Letter] = []
    with console().store.transaction():
        for person in due:
            code = codes.in_force(console(), person.id)
            if code is None:
                with acting(Act.PERSON_CODE, subject=person.id):
                    code, told = people.new_code(console(), person.id)
                    doors.update(told)
            with acting(Act.PERSON_LETTER, subject=person.id):
                written.append(invitation_of(person, code))
    console().wake(doors)
    return file(get_hub().threadpool.apply(letters.pdf, (sender(), written)), "application/pdf", "invitations.pdf")


def _previewed(text: str) -> str:
    read = imports.preview(console(), text)
    return render_template(
        "people_preview.html",
        read=read,
        good=[line for line in read.lines if line.entry],
        shown=SHOWN_MOST,
        groups=groups.names(console()),
    )
