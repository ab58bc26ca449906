"""The first page: whether the doors are up, what needs somebody, and the few figures that doors tell."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import approvals, doors, overview, settings, times
from admin.acting import acting, allowed, may
from admin.actions import ACTIONS, Act
from admin.console import console
from device.contract.console import Alarm, Role

bp = Blueprint("overview", __name__)
bp.add_app_template_filter(times.seconds, "seconds")

ALARMS = {
    Alarm.EYES_DOWN: "The camera process does not answer. Badge and PIN still open.",
    Alarm.SCREEN_DOWN: "The screen does not answer. Badge readers still open.",
    Alarm.LOCK_SILENT: "The lock does not answer.",
    Alarm.CLOCK_STEPPED: "The clock was set.",
    Alarm.POLICY_REFUSED: "It refused something this console sent.",
    Alarm.OUTBOX_FULL: "It cannot hand over what it has to tell.",
    Alarm.DISK_LOW: "Its disk is nearly full.",
    Alarm.TAMPER: "Somebody tampered with it.",
    Alarm.FORCED: "It was forced open.",
    Alarm.HELD_OPEN: "It stands open.",
}
"""What a door says with each alarm."""


@bp.get("/")
@allowed(*Role)
def index() -> str:
    """Everything at a glance."""
    office, now = console(), console().clock.now()
    every = doors.every(office)
    alarms, bars = doors.alarms(office), overview.openings(office, now)
    needs = overview.needs(office, every, alarms, now)
    undecided = [asked for asked in approvals.standing(office) if asked.granted is None] if may(Act.APPROVAL_DECIDE) else []
    return render_template(
        "overview.html",
        title=overview.title(every, len(needs) + len(undecided) + sum(not alarm.seen for alarm in alarms)),
        every=every,
        shown=overview.first(every),
        needs=needs,
        alarms=alarms[: overview.ALARMS],
        more_alarms=len(alarms[overview.ALARMS :]),
        words=ALARMS,
        undecided=[(asked, ACTIONS[asked.act].sentence) for asked in undecided],
        bars=bars,
        most=max((bar.openings for bar in bars), default=0),
        answers=overview.answers(office, now),
        budget=settings.value(office, settings.BUDGET),
        may_see_alarm=may(Act.ALARM_SEEN),
    )


@bp.post("/alarms/<int(max=2147483647):alarm>/seen")
@allowed(Role.FRONT_DESK, Role.OPERATOR, Role.INSTALLER)
def seen(alarm: int) -> Response:
    """Somebody has seen it."""
    with acting(Act.ALARM_SEEN, subject=alarm):
        doors.saw(console(), alarm, console().clock.now())
    flash("Noted. An alarm that goes on stays in the list until it is over.", "done")
    return redirect(url_for("overview.index"), 303)
