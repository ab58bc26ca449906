"""Owns the pages of groups: which doors admit them, and when.

What never happens here: a door for one person alone.
"""

from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import forms, groups
from admin.acting import acting, allowed
from admin.actions import OPERATORS, Act
from admin.console import console
from admin.errors import BadInput

bp: Final = Blueprint("groups", __name__, url_prefix="/people/groups")
NOT_HERE: Final = ""


@bp.get("/")
@allowed(*OPERATORS)
def index() -> str:
    """Every group."""
    return render_template(
        "groups.html", groups=groups.everyone(console()), doors=groups.doors(console()), hours=groups.hours(console())
    )


@bp.get("/new")
@allowed(*OPERATORS)
def new() -> str:
    """The form of a new group."""
    return _form(None)


@bp.post("/new")
@allowed(*OPERATORS)
def add() -> Response:
    """Add a group."""
    name, admits = _typed()
    with acting(Act.GROUP_CHANGE, doors=len(admits)):
        groups.add(console(), name, admits)
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
    name, admits = _typed()
    with acting(Act.GROUP_CHANGE, subject=group, doors=len(admits)):
        doors = groups.change(console(), group, name, admits)
    console().wake(doors)
    flash("Written down, and the doors are told.", "done")
    return redirect(url_for("groups.index"), 303)


@bp.post("/<int:group>/remove")
@allowed(*OPERATORS)
def remove(group: int) -> Response:
    """Take away a group that nobody is in."""
    with acting(Act.GROUP_CHANGE, subject=group, removed=True):
        groups.remove(console(), group)
    flash("The group is gone.", "done")
    return redirect(url_for("groups.index"), 303)


def _form(group: groups.Group | None) -> str:
    return render_template("group_form.html", group=group, doors=groups.doors(console()), hours=groups.hours(console()))


def _typed() -> tuple[str, dict[UUID, int]]:
    name = forms.text("name", "The name", most=groups.NAME_MOST)
    admits: dict[UUID, int] = {}
    for door in groups.doors(console()):
        told = request.form.get(f"at_{door.hex}", NOT_HERE)
        if told != NOT_HERE:
            if told not in map(str, groups.hours(console())):
                raise BadInput("These hours are gone. Choose others.", f"at_{door.hex}")
            admits[door] = int(told)
    return name, admits
