"""Doors: found, added, paired, looked after, opened once, tested, replaced, retired."""

from operator import attrgetter
from typing import Final
from uuid import UUID

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from admin import doors, forms, pages, times
from admin.acting import acting, allowed, may
from admin.actions import INSTALLERS, OPERATORS, Act
from admin.console import console
from admin.doors import Only, State
from admin.errors import BadInput
from admin.link.pairing import GOOD_FOR, Stage, pairings
from device.contract.console import GROUP_MOST, CommandKind, Role

bp = Blueprint("doors", __name__, url_prefix="/doors")

COMMANDS: Final = {
    CommandKind.OPEN_ONCE: "Open once",
    CommandKind.TEST_BEGIN: "Test mode on",
    CommandKind.TEST_END: "Test mode off",
}
ONLY: Final = {
    Only.UP: "Up",
    Only.SILENT: "Silent",
    Only.BROKEN: "A part is silent",
    Only.TESTING: "In test mode",
    Only.UNHEARD: "Not heard yet",
    Only.NEW: "Not paired",
    Only.RETIRED: "Retired",
}


@bp.get("/")
@allowed(*Role)
def index() -> str:
    """Every door, with whom it shares badges."""
    every, retired = doors.every(console()), doors.every(console(), retired=True)
    words, told = request.args.get("words", "")[: doors.NAME_MOST], request.args.get("state", "")
    only = Only(told) if told in list(Only) else None
    of = retired if only is Only.RETIRED else every
    found = pages.named((door for door in of if only is None or door.belongs(only)), words, attrgetter("name"))
    return render_template(
        "doors.html",
        said=doors.said(every),
        every=every,
        page=pages.cut(found, request.args.get("page", "")),
        sought={"words": words or None, "state": only},
        # A few doors are seen at once; there is nothing to look for, unless the overview led here.
        many=max(len(every), len(retired)) > pages.LINES or bool(words or only),
        only=ONLY,
        groups=doors.groups(every),
        retired=retired,
        may_add=may(Act.DOOR_PAIR),
    )


@bp.get("/new")
@allowed(*INSTALLERS)
def new() -> str:
    """The form of a new door."""
    groups = doors.groups(doors.every(console()))
    shares = [
        (group, " and ".join(door.name for door in members)) for group, members in groups.items() if len(members) < GROUP_MOST
    ]
    return render_template("door_new.html", shares=[*shares, ("", "No other door")], usual=shares[0][0] if shares else "")


@bp.post("/new")
@allowed(*INSTALLERS)
def add() -> Response:
    """Add a door; it is paired next."""
    name, group = forms.text("name", "A name", most=doors.NAME_MOST), None
    if request.form.get("group"):
        group = forms.whole("group", "The choice", 1, 2**31)
    with acting(Act.DOOR_PAIR):
        door = doors.add(console(), name, group)
    return redirect(url_for("doors.pairing", door=door), 303)


@bp.get("/<uuid:door>")
@allowed(*Role)
def one(door: UUID) -> str:
    """One door."""
    found = doors.one(console(), door)
    return render_template(
        "door.html",
        door=found,
        says=doors.SAYS,
        others=[other for other in doors.sharing(console(), found.group) if other.id != door],
        joining=door in {waiting.id for waiting in doors.joining(console())},
        told=doors.told(console(), door),
        commands=COMMANDS,
        now=console().clock.now(),
        may={act.name: may(act) for act in (Act.DOOR_OPEN, Act.DOOR_TEST, Act.DOOR_RENAME, Act.DOOR_REPLACE, Act.DOOR_RETIRE)},
    )


@bp.post("/<uuid:door>")
@allowed(*INSTALLERS)
def rename(door: UUID) -> Response:
    """Give it another name."""
    with acting(Act.DOOR_RENAME, subject=door):
        doors.rename(console(), door, forms.text("name", "A name", most=doors.NAME_MOST))
    flash("Renamed.", "done")
    return redirect(url_for("doors.one", door=door), 303)


@bp.post("/<uuid:door>/open")
@allowed(Role.FRONT_DESK, Role.OPERATOR)
def open_once(door: UUID) -> Response:
    """Open it once, for whoever stands there."""
    with acting(Act.DOOR_OPEN, subject=door):
        doors.tell(console(), door, CommandKind.OPEN_ONCE, console().clock.now())
    return _woken(door, "The door is told to open. It closes again by itself.")


@bp.post("/<uuid:door>/test")
@allowed(*INSTALLERS)
def test_mode(door: UUID) -> Response:
    """Begin test mode, or end it."""
    on = not doors.in_use(console(), door).testing
    with acting(Act.DOOR_TEST, subject=door, on=on):
        doors.tell(console(), door, CommandKind.TEST_BEGIN if on else CommandKind.TEST_END, console().clock.now())
    words = "Test mode is asked for. It ends by itself after 15 minutes." if on else "The end of test mode is asked for."
    return _woken(door, words)


@bp.post("/<uuid:door>/retire")
@allowed(*OPERATORS)
def retire(door: UUID) -> Response:
    """The office does without this door from now on."""
    with acting(Act.DOOR_RETIRE, subject=door):
        woken = doors.retire(console(), door, console().clock.now())
    console().wake(woken)
    flash("Retired. Beside the door, wipe it, so that what it holds is gone too.", "done")
    return redirect(url_for("doors.index"), 303)


# --- pairing ---------------------------------------------------------------------------------------------------------


@bp.get("/<uuid:door>/pairing")
@allowed(*INSTALLERS)
def pairing(door: UUID) -> str:
    """How far this door's pairing has come."""
    return _pairing("pairing.html", door)


@bp.get("/<uuid:door>/pairing/now")
@allowed(*INSTALLERS)
def pairing_now(door: UUID) -> str:
    """The part of that page which changes, for the script that looks again."""
    return _pairing("pairing_now.html", door)


@bp.post("/<uuid:door>/pairing/ticket")
@allowed(*INSTALLERS)
def ticket(door: UUID) -> str:
    """A new ticket, shown on this answer and never again."""
    replaces = doors.in_use(console(), door).state is not State.NEW
    with acting(Act.DOOR_REPLACE if replaces else Act.DOOR_PAIR, subject=door):
        line = pairings().ticket(door)
    return _pairing("pairing.html", door, line)


@bp.post("/<uuid:door>/pairing")
@allowed(*INSTALLERS)
def compare(door: UUID) -> Response:
    """Whether both screens show the same digits."""
    said = request.form.get("said")
    if said not in {"same", "different"}:
        raise BadInput("Say whether the digits are the same.")
    with acting(Act.DOOR_CONFIRM, subject=door, same=said == "same"):
        pairings().say(door, said == "same")
    return redirect(url_for("doors.pairing", door=door), 303)


def _pairing(template: str, door: UUID, line: str | None = None) -> str:
    found = doors.in_use(console(), door)
    return render_template(
        template,
        door=found,
        stage=pairings().stage(door),
        Stage=Stage,
        digits=pairings().digits(door),
        peopled=pairings().peopled(door),
        replaces=found.state is not State.NEW,
        line=line,
        drawn=None if line is None else _drawn(line),
        until=None if line is None else times.seconds(console().clock.now() + GOOD_FOR),
    )


def _drawn(line: str) -> Markup:
    """The ticket as QR, dark on white in both schemes."""
    drawn = segno.make(line, error="m").svg_inline(
        scale=4, border=2, dark="#1C1F22", light="#ffffff", svgclass="qr", lineclass=None
    )
    return Markup(drawn)  # noqa: S704  # drawn by segno from our own letters and digits


def _woken(door: UUID, words: str) -> Response:
    console().wake((door,))
    flash(words, "done")
    return redirect(url_for("doors.one", door=door), 303)
