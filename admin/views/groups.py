"""Owns the pages of groups: which doors admit them, and when.

A few doors stand in the form of a group; of many, those that are looked for do, and all that are found can be given the
same hours at once. What never happens here: a door for one person alone; a change of a door that nobody looked for.
"""

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import doors, forms, groups, pages
from admin.acting import acting, allowed
from admin.actions import OPERATORS, Act
from admin.console import console
from admin.errors import BadInput
from admin.groups import Which

bp: Final = Blueprint("groups", __name__, url_prefix="/people/groups")
NOT_HERE: Final = ""
NEVER: Final = "never"
"""What is chosen for many doors at once where the group is to open none of them."""
FORM_DOORS: Final = 24
"""Doors in a form."""
WHICH: Final = {Which.OPENED: "Doors it opens", Which.OTHERS: "Other doors"}


@bp.get("/")
@allowed(*OPERATORS)
def index() -> str:
    """Every group."""
    every, words = groups.everyone(console()), request.args.get("words", "")[: groups.NAME_MOST]
    return render_template(
        "groups.html",
        every=every,
        page=pages.cut(pages.named(every, words, attrgetter("name")), request.args.get("page", "")),
        sought={"words": words or None},
        many=len(every) > pages.LINES,
        doors=groups.doors(console()),
        hours=groups.hours(console()),
    )


@bp.get("/new")
@allowed(*OPERATORS)
def new() -> str:
    """The form of a new group."""
    return _form(None)


@bp.post("/new")
@allowed(*OPERATORS)
def add() -> Response:
    """Add a group; where there are many doors, it is given its own next."""
    name, admits = _typed({})
    with acting(Act.GROUP_CHANGE, doors=len(admits)):
        group = groups.add(console(), name, admits)
    if _many():
        flash("There is a new group. Choose its doors.", "done")
        return redirect(url_for("groups.form", group=group), 303)
    flash("There is a new group. Put people into it from their pages, or with a file.", "done")
    return redirect(url_for("groups.index"), 303)


@bp.get("/<int:group>")
@allowed(*OPERATORS)
def form(group: int) -> str:
    """The form of a group that is there."""
    return _form(groups.one(console(), group))


@bp.post("/<int:group>")
@allowed(*OPERATORS)
def change(group: int) -> Response:
    """Change a group; the doors are told of everybody in it."""
    name, admits = _typed(groups.one(console(), group).doors)
    _change(group, name, admits)
    flash("Written down, and the doors are told.", "done")
    back = url_for("groups.form", group=group, page=request.args.get("page"), **_sought()) if _many() else url_for("groups.index")
    return redirect(back, 303)


@bp.post("/<int:group>/doors")
@allowed(*OPERATORS)
def change_all(group: int) -> Response:
    """Give all doors that are found the same hours, or take them all away."""
    before = groups.one(console(), group)
    found = {door for door, _ in _found(before.doors)}
    if forms.whole("count", "The number of doors", 0, 2**31) != len(found):
        raise BadInput("Something changed since you looked. Look at the doors again.")
    told = request.form.get("at", "")
    admits = {door: at for door, at in before.doors.items() if door not in found}
    if told != NEVER:
        admits |= dict.fromkeys(found, _hours(told, "at"))
    _change(group, before.name, admits)
    flash(f"Written down for {len(found):,} doors, and they are told.", "done")
    return redirect(url_for("groups.form", group=group, words=_sought()["words"]), 303)


@bp.post("/<int:group>/remove")
@allowed(*OPERATORS)
def remove(group: int) -> Response:
    """Take away a group that nobody is in."""
    with acting(Act.GROUP_CHANGE, subject=group, removed=True):
        groups.remove(console(), group)
    flash("The group is gone.", "done")
    return redirect(url_for("groups.index"), 303)


def _form(group: groups.Group | None) -> str:
    found, hours = _found({} if group is None else group.doors), groups.hours(console())
    return render_template(
        "group_form.html",
        group=group,
        many=_many(),
        page=pages.cut(found, request.args.get("page", ""), FORM_DOORS),
        sought=_sought(),
        which=WHICH,
        hours=hours,
        at_once=[(NEVER, "Never: it opens none of them"), *hours.items()],
    )


def _many() -> bool:
    return len(groups.doors(console())) > FORM_DOORS


def _sought() -> dict[str, Any]:
    """Which doors are looked for, as it stands in the page's address."""
    words, which = request.args.get("words", "")[: doors.NAME_MOST], request.args.get("which", "")
    return {"words": words or None, "which": Which(which) if which in list(Which) else None}


def _found(own: Mapping[UUID, int]) -> list[tuple[UUID, str]]:
    """The doors that are looked for; all of them, by name, while they are few."""
    known = groups.doors(console())
    if len(known) <= FORM_DOORS:
        return list(known.items())
    return groups.sought(known, own, _sought()["words"] or "", _sought()["which"])


def _typed(admits: Mapping[UUID, int]) -> tuple[str, dict[UUID, int]]:
    """The name, and the doors of before with what the form says of those in it."""
    name, admits = forms.text("name", "The name", most=groups.NAME_MOST), dict(admits)
    for door in groups.doors(console()):
        field = f"at_{door.hex}"
        if field not in request.form:
            continue
        admits.pop(door, None)
        if request.form[field] != NOT_HERE:
            admits[door] = _hours(request.form[field], field)
    return name, admits


def _hours(told: str, field: str) -> int:
    if told not in map(str, groups.hours(console())):
        raise BadInput("These hours are gone. Choose others.", field)
    return int(told)


def _change(group: int, name: str, admits: Mapping[UUID, int]) -> None:
    with acting(Act.GROUP_CHANGE, subject=group, doors=len(admits)):
        woken = groups.change(console(), group, name, admits)
    console().wake(woken)
