"""Weekly hours as a grid, and the holidays on which they do not count."""

from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import forms, holidays, hours, times
from admin.acting import acting, allowed, may
from admin.actions import OPERATORS, Act
from admin.console import console
from admin.errors import BadInput
from device.contract.console import Role

bp = Blueprint("hours", __name__, url_prefix="/hours")

LINE_MOST = 200
EMPTY = hours.Week(number=0, name="", on_holidays=False, spans=())


@bp.get("/")
@allowed(Role.OPERATOR, Role.FRONT_DESK, Role.PRIVACY_OFFICER)
def index() -> str:
    """Every set of weekly hours, and the days to come."""
    office = console()
    return render_template(
        "hours.html",
        weeks=[(week, hours.used_by(office, week.number)) for week in hours.every(office)],
        summary=hours.summary,
        days=holidays.every(office, _today()),
        may_change=may(Act.HOURS_CHANGE),
    )


@bp.get("/new")
@allowed(*OPERATORS)
def new() -> str:
    """The grid of a new set."""
    return _week(EMPTY)


@bp.post("/new")
@allowed(*OPERATORS)
def add() -> Response:
    """Keep a new set."""
    return _keep(None)


@bp.get("/<int(max=2147483647):number>")
@allowed(*OPERATORS)
def one(number: int) -> str:
    """The grid of one set."""
    return _week(hours.one(console(), number))


@bp.post("/<int(max=2147483647):number>")
@allowed(*OPERATORS)
def change(number: int) -> Response:
    """Keep what was drawn or typed."""
    return _keep(number)


@bp.post("/<int(max=2147483647):number>/remove")
@allowed(*OPERATORS)
def remove(number: int) -> Response:
    """These hours are no more."""
    with acting(Act.HOURS_CHANGE, subject=number, gone=True):
        woken = hours.remove(console(), number, console().clock.now())
    console().wake(woken)
    flash("These hours are gone.", "done")
    return redirect(url_for("hours.index"), 303)


def _week(week: hours.Week) -> str:
    return render_template("hours_week.html", week=week, days=hours.DAYS, used=hours.used_by(console(), week.number))


def _keep(number: int | None) -> Response:
    name, on_holidays = forms.text("name", "A name", most=hours.NAME_MOST), forms.ticked("on_holidays")
    spans = hours.typed([forms.text(f"day{day}", hours.DAYS[day], most=LINE_MOST, least=0) for day in range(7)])
    with acting(Act.HOURS_CHANGE, subject=number):
        _, woken = hours.keep(console(), number, name, on_holidays, spans)
    console().wake(woken)
    flash("The doors know these hours from now on.", "done")
    return redirect(url_for("hours.index"), 303)


# --- holidays --------------------------------------------------------------------------------------------------------


@bp.get("/holidays")
@bp.get("/holidays/calendar")
@allowed(*OPERATORS)
def days() -> str:
    """The days to come, and calendars to take more from."""
    today = _today()
    code, part = request.args.get("country", "")[:2], request.args.get("part", "")[:20]
    year = request.args.get("year", type=int, default=today.year)
    offered: list[holidays.Holiday] = []
    trouble = None
    country = next((known for known in holidays.countries() if known.code == code), None)
    if country is not None:
        try:
            offered = [day for day in holidays.calendar(code, part, year) if day.day >= today]
        except BadInput as fault:
            trouble = str(fault)
    return render_template(
        "holidays.html",
        days=holidays.every(console(), today),
        countries=[(known.code, known.name) for known in holidays.countries()],
        country=country,
        part=part,
        year=year,
        years=[(each, each) for each in range(today.year, today.year + 3)],
        offered=offered,
        trouble=trouble,
        kept={day.day for day in holidays.every(console(), today)},
    )


@bp.post("/holidays")
@allowed(*OPERATORS)
def add_days() -> Response:
    """Add one day of the office's own."""
    day = forms.day("day", "The day")
    name = forms.text("name", "A name", most=holidays.NAME_MOST)
    return _add([holidays.Holiday(day or date.min, name)])


@bp.post("/holidays/calendar")
@allowed(*OPERATORS)
def add_calendar() -> Response:
    """Add the ticked days of a country's calendar."""
    year = forms.whole("year", "The year", 1971, 2099)
    offered = holidays.calendar(request.form.get("country", ""), request.form.get("part", ""), year)
    ticked = set(request.form.getlist("days"))
    chosen = [day for day in offered if day.day.isoformat() in ticked]
    if not chosen:
        raise BadInput("Tick the days on which ordinary hours do not count.")
    return _add(chosen)


@bp.post("/holidays/remove")
@allowed(*OPERATORS)
def remove_day() -> Response:
    """An ordinary day again."""
    day = forms.day("day", "The day") or date.min
    with acting(Act.HOLIDAYS_CHANGE, subject=times.day_number(day), gone=True):
        woken = holidays.remove(console(), day, _today())
    console().wake(woken)
    flash("An ordinary day again.", "done")
    return redirect(url_for("hours.days"), 303)


def _add(days: list[holidays.Holiday]) -> Response:
    with acting(Act.HOLIDAYS_CHANGE, added=len(days)):
        woken = holidays.add(console(), days, _today())
    console().wake(woken)
    flash(f"{len(days)} days added." if len(days) > 1 else "The day is added.", "done")
    return redirect(url_for("hours.days"), 303)


def _today() -> date:
    return times.local(console().clock.now(), console().config.zone)
