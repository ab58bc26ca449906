"""Owns the pages of people: the list, a new person, and one person's page, which opens with a reason that the person reads.

What never happens here: a page of somebody's that was opened unnoticed; anything about how they open a door.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from admin import codes, copies, entries, forms, groups, letters, mail, people, requests, times
from admin.acting import acting, allowed, may, me
from admin.actions import DESK, PRIVACY, Act
from admin.codes import CODE_LIFE, Code
from admin.console import console
from admin.entries import LANGUAGES, Entry
from admin.errors import BadInput
from admin.letters import Letter, Sender
from admin.pages import LINES
from admin.people import Person, Search, Standing
from device.contract.console import LookReason

bp: Final = Blueprint("people", __name__, url_prefix="/people")
READERS: Final = DESK | PRIVACY
OPEN_FOR: Final = timedelta(minutes=15)
"""How long a page stays open on one reason."""
OPEN_MOST: Final = 10
OPENED: Final = "opened"  # a key of the cookie
REASONS: Final = {
    LookReason.INVITATION: "Their invitation or badge",
    LookReason.CORRECTION: "Something is to be corrected",
    LookReason.QUESTION: "They ask something",
    LookReason.ACCESS_REQUEST: "They ask for their data",
    LookReason.LEAVING: "They leave",
}
STANDINGS: Final = {
    Standing.INVITED: "Invited",
    Standing.COLLECTED: "Collected",
    Standing.WITHOUT: "Without a code",
    Standing.ENDED: "Ended",
}
KINDS: Final = {
    requests.Kind.ACCESS: "A copy of their data",
    requests.Kind.CORRECTION: "A correction",
    requests.Kind.ERASURE: "Erasure",
    requests.Kind.RESTRICTION: "Restriction",
    requests.Kind.OBJECTION: "Objection",
}


@bp.get("/")
@allowed(*READERS)
def index() -> str:
    """Who there is."""
    known = groups.names(console())
    wanted = request.args.get("standing", "")
    group = request.args.get("group", "")
    page = request.args.get("page", "1")
    search = Search(
        words=request.args.get("words", "")[: entries.NAME_MOST],
        standing=Standing(wanted) if wanted in list(Standing) else None,
        group=int(group) if group in map(str, known) else None,
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
    )
    found, count = people.find(console(), search)
    pages = max(1, -(-count // LINES))
    return render_template(
        "people.html",
        found=found,
        count=count,
        search=search,
        page=min(max(search.page, 1), pages),
        pages=pages,
        counts=people.counts(console()),
        groups=known,
        waiting=requests.waiting(console()),
        standings=STANDINGS,
        may_add=may(Act.PERSON_ADD),
        may_import=may(Act.PERSON_IMPORT),
    )


@bp.get("/new")
@allowed(*DESK)
def new() -> str:
    """The form of a new person."""
    return render_template("people_form.html", person=None, groups=groups.names(console()), languages=LANGUAGES)


@bp.post("/new")
@allowed(*DESK)
def add() -> Response:
    """Add somebody; their page opens on the reason that is plain, for the letter."""
    entry, person = _typed(), people.fresh()
    with acting(Act.PERSON_ADD, subject=person):
        doors = people.add(console(), person, entry)
        with acting(Act.PERSON_OPEN, subject=person, reason=LookReason.INVITATION):
            told = people.look(console(), person, me().role, LookReason.INVITATION)
    _open(person)
    console().wake({*doors, *told})
    flash("Added. The letter below is how they come in.", "done")
    return redirect(url_for("people.page", person=person), 303)


def opened(view: Callable[..., Any]) -> Callable[..., Any]:
    """A view of one person: nothing of it without a reason that the person is told."""

    @wraps(view)
    def guarded(person: UUID, **more: Any) -> Any:
        until = session.get(OPENED, {}).get(_mark(person), 0)
        if until <= times.seconds(console().clock.now()):
            return redirect(url_for("people.reason", person=person), 303)
        return view(person, **more)

    return guarded


@bp.get("/<uuid:person>/reason")
@allowed(*READERS)
def reason(person: UUID) -> str:
    """Why is this page opened?"""
    people.one(console(), person)
    return render_template("people_reason.html", person=person, reasons=REASONS)


@bp.post("/<uuid:person>/reason")
@allowed(*READERS)
def open_page(person: UUID) -> Response:
    """Open somebody's page."""
    why = forms.choice("reason", "The reason", LookReason)
    with acting(Act.PERSON_OPEN, subject=person, reason=why):
        doors = people.look(console(), person, me().role, why)
    _open(person)
    console().wake(doors)
    return redirect(url_for("people.page", person=person), 303)


@bp.get("/<uuid:person>")
@allowed(*READERS)
@opened
def page(person: UUID) -> str:
    """All that the console knows of somebody."""
    found = people.one(console(), person)
    known = groups.names(console())
    today = times.local(console().clock.now(), console().config.zone)
    return render_template(
        "people_page.html",
        person=found,
        groups=[name for group, name in known.items() if group in found.entry.groups],
        language=LANGUAGES[found.entry.language],
        doors=_doors(found),
        endings=people.endings(console(), person),
        requests=requests.of(console(), person),
        looks=people.looks(console(), person),
        kinds=KINDS,
        reasons=REASONS,
        today=today,
        early=found.entry.begins_on is not None and found.entry.begins_on >= today + CODE_LIFE,
        mails=console().config.smtp is not None,
        may={act.name: may(act) for act in (Act.PERSON_CHANGE, Act.PERSON_COPY, Act.REQUEST_NOTE, Act.REQUEST_ANSWER)},
    )


@bp.get("/<uuid:person>/change")
@allowed(*DESK)
@opened
def form(person: UUID) -> str:
    """The form of somebody who is there."""
    found = people.one(console(), person)
    return render_template("people_form.html", person=found, groups=groups.names(console()), languages=LANGUAGES)


@bp.post("/<uuid:person>/change")
@allowed(*DESK)
@opened
def change(person: UUID) -> Response:
    """Change what is written down."""
    entry = _typed()
    with acting(Act.PERSON_CHANGE, subject=person):
        doors = people.change(console(), person, entry)
    return _done(person, doors, "Written down.")


@bp.post("/<uuid:person>/code")
@allowed(*DESK)
@opened
def new_code(person: UUID) -> Response:
    """A new code; an older one is dead."""
    with acting(Act.PERSON_CODE, subject=person):
        _, doors = people.new_code(console(), person)
    return _done(person, doors, "There is a new code. Any older one opens nothing now. Print the letter or send it.")


@bp.post("/<uuid:person>/letter")
@allowed(*DESK)
@opened
def letter(person: UUID) -> Response:
    """The invitation as PDF."""
    invitation, _ = _letter(person)
    with acting(Act.PERSON_LETTER, subject=person):
        made = letters.pdf(sender(), (invitation,))
    return file(made, "application/pdf", "invitation.pdf")


@bp.post("/<uuid:person>/mail")
@allowed(*DESK)
@opened
def send(person: UUID) -> Response:
    """The invitation by e-mail."""
    invitation, to = _letter(person)
    server, address = mail.ready(console().config.smtp, to)
    with acting(Act.PERSON_MAIL, subject=person):
        pass  # written before it goes: nothing in a transaction may wait for another machine
    mail.send(server, sender(), invitation, address)
    return _done(person, (), "The invitation is on its way.")


@bp.post("/<uuid:person>/end")
@allowed(*DESK)
@opened
def end(person: UUID) -> Response:
    """Somebody leaves: one act, at every door."""
    with acting(Act.PERSON_END, subject=person):
        doors = people.end(console(), person)
    return _done(person, doors, "Ended. Each door confirms here when it has forgotten them.")


@bp.post("/<uuid:person>/copy")
@allowed(*PRIVACY)
@opened
def copy(person: UUID) -> Response:
    """All the console holds on somebody, to hand to them."""
    with acting(Act.PERSON_COPY, subject=person):
        made = copies.copy(console(), person)
    return file(made, "application/json", "copy.json")


@bp.post("/<uuid:person>/requests")
@allowed(*READERS)
@opened
def note(person: UUID) -> Response:
    """A request has come; a month runs."""
    kind = forms.choice("kind", "What they ask for", requests.Kind)
    received_on = forms.day("received", "The day it came")
    if received_on is None:
        raise BadInput("The day it came is missing.", "received")
    with acting(Act.REQUEST_NOTE, subject=person, kind=kind):
        requests.note(console(), person, kind, received_on)
    return _done(person, (), "Noted. It is to be answered within a month.")


@bp.post("/<uuid:person>/requests/<int:number>/answered")
@allowed(*PRIVACY)
@opened
def answered(person: UUID, number: int) -> Response:
    """A request was answered."""
    with acting(Act.REQUEST_ANSWER, subject=person, request=number):
        requests.answer(console(), person, number)
    return _done(person, (), "Marked as answered.")


def sender() -> Sender:
    """Whose letters these are."""
    config = console().config
    return Sender(office=config.office, contact=config.contact, zone=config.zone)


def invitation_of(person: Person, code: Code) -> Letter:
    """What somebody's letter says."""
    begins_on = person.entry.begins_on
    begun = begins_on is None or begins_on <= times.local(console().clock.now(), console().config.zone)
    return Letter(
        name=person.entry.name,
        language=person.entry.language,
        code=code,
        doors=_doors(person),
        begins_on=None if begun else begins_on,
    )


def file(content: bytes, kind: str, name: str) -> Response:
    """A file to keep; the browser shows none of it."""
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _typed() -> Entry:
    entry, faults = entries.read(request.form, forms.wholes("groups", "The groups"), groups.names(console()))
    if entry is None:
        raise faults[0]
    return entry


def _letter(person: UUID) -> tuple[Letter, str | None]:
    found, code = people.one(console(), person), codes.in_force(console(), person)
    if code is None:
        raise BadInput("There is no code in force. Make a new one first.")
    return invitation_of(found, code), found.entry.email


def _doors(person: Person) -> tuple[str, ...]:
    names = groups.doors(console())
    at = {door for group, doors in groups.admitting(console()).items() if group in person.entry.groups for door in doors}
    return tuple(name for door, name in names.items() if door in at)


def _mark(person: UUID) -> str:
    return f"{me().id}:{person.hex}"


def _open(person: UUID) -> None:
    until = times.seconds(console().clock.now() + OPEN_FOR)
    still = {mark: end for mark, end in session.get(OPENED, {}).items() if mark != _mark(person)}
    session[OPENED] = dict([*still.items(), (_mark(person), until)][-OPEN_MOST:])


def _done(person: UUID, doors: tuple[UUID, ...], sentence: str) -> Response:
    console().wake(doors)
    flash(sentence, "done")
    return redirect(url_for("people.page", person=person), 303)
