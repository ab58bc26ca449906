"""Settings: each with its caps and the requirement they come from; and what two persons decide together."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import custody, forms, settings, times
from admin.acting import acting, allowed, may
from admin.actions import OPERATORS, PRIVACY, Act
from admin.console import console
from admin.custody import CONSULTED, GROUNDS, Consulted, Custody, Ground
from device.contract.console import Role

bp = Blueprint("settings", __name__, url_prefix="/settings")


@bp.get("/")
@bp.get("/budget")
@bp.get("/custody")
@allowed(Role.OPERATOR, Role.PRIVACY_OFFICER, Role.AUDITOR)
def index() -> str:
    """Everything the office may set."""
    office = console()
    today = times.local(office.clock.now(), office.config.zone)
    return render_template(
        "settings.html",
        limits=[(setting, settings.value(office, setting)) for setting in settings.LIMITS],
        budget=settings.BUDGET,
        budget_is=settings.value(office, settings.BUDGET),
        custody=custody.justified(office),
        grounds=GROUNDS,
        consulted=CONSULTED,
        latest=today + custody.REVIEW_WITHIN,
        config=office.config,
        may_set=may(Act.SETTING_CHANGE),
        may_two=may(Act.CUSTODY_ENABLE),
    )


@bp.post("/")
@allowed(*OPERATORS)
def change() -> Response:
    """Set the figures that reach the doors; those that stay the same are left alone."""
    office = console()
    typed = {each.key: forms.whole(each.key, f"“{each.words}”", each.least, each.most) for each in settings.LIMITS}
    changed = {key: to for key, to in typed.items() if to != getattr(settings.limits(office), key)}
    if changed:
        with acting(Act.SETTING_CHANGE, **changed):
            woken = {door for key, to in changed.items() for door in settings.change(office, key, to, office.clock.now())}
        office.wake(woken)
    flash("The doors follow within a minute." if changed else "Nothing was changed.", "done")
    return redirect(url_for("settings.index"), 303)


@bp.post("/budget")
@allowed(*PRIVACY)
def budget() -> Response:
    """Another risk budget, once a second person has agreed."""
    to = forms.whole(settings.BUDGET.key, "The budget", settings.BUDGET.least, settings.BUDGET.most)
    with acting(Act.BUDGET_CHANGE, one_in=to):
        settings.change_budget(console(), to)
    flash("The budget is changed.", "done")
    return redirect(url_for("settings.index"), 303)


@bp.post("/custody")
@allowed(*PRIVACY)
def justify() -> Response:
    """Write down why templates are kept at the doors, once a second person has agreed."""
    ground = forms.choice("ground", "A reason", Ground)
    consulted = forms.choice("consulted", "Who was asked", Consulted)
    review_on = forms.day("review", "The day of the next look") or date.min
    custody.check(review_on, times.local(console().clock.now(), console().config.zone))
    with acting(Act.CUSTODY_ENABLE, ground=ground, consulted=consulted, review=times.day_number(review_on)):
        custody.write(console(), Custody(ground=ground, consulted=consulted, review_on=review_on))
    flash("Written down. It has to be looked at again on the day you chose.", "done")
    return redirect(url_for("settings.index"), 303)
