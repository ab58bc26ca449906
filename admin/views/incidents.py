"""What custodians are asked to open: requests, what doors have let go of, the files to take away, and who custodians are."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from admin import custodians, doors, forms, incidents, settings
from admin.acting import acting, allowed, may
from admin.actions import Act
from admin.console import console
from admin.errors import BadInput
from admin.incident import export
from device.contract.console import Reason, Role

bp = Blueprint("incidents", __name__, url_prefix="/incidents")

REASONS: Final = {
    Reason.BREAK_IN: "A break-in",
    Reason.THEFT: "A theft",
    Reason.VIOLENCE: "Violence or a threat of it",
    Reason.DAMAGE: "Damage",
    Reason.SAFETY: "Somebody's safety",
    Reason.COURT_ORDER: "A court's order",
}
STATEMENT_MOST: Final = 4_000


@bp.get("/")
@allowed(Role.PRIVACY_OFFICER, Role.AUDITOR)
def index() -> str:
    """Every request."""
    office = console()
    named = may(Act.EVIDENCE_ASK)
    return render_template(
        "incidents.html",
        incidents=incidents.every(office),
        evidence=incidents.evidence(office),
        reasons=REASONS,
        may_ask=may(Act.INCIDENT_ASK),
        named=named,
    )


@bp.get("/new")
@allowed(Role.PRIVACY_OFFICER)
def new() -> str:
    """The form of a request for a day."""
    office = console()
    today = office.clock.now().astimezone(settings.zone(office)).date()
    kept = settings.limits(office).openings_days
    return render_template(
        "incident_new.html",
        doors=[(door.id, door.name) for door in doors.every(office) if door.state is not doors.State.NEW],
        reasons=list(REASONS.items()),
        today=today,
        first=today - timedelta(days=kept),
        kept=kept,
        zone=office.config.zone,
    )


@bp.post("/new")
@allowed(Role.PRIVACY_OFFICER)
def ask() -> Response:
    """Ask one door for one span."""
    office, reason = console(), forms.choice("reason", "The reason", Reason)
    door, begins_at, ends_at = _door(), *_span()
    if not forms.ticked("told"):
        raise BadInput("Tick this box, if you want people to be told.", "told")
    with acting(Act.INCIDENT_ASK, subject=door, reason=reason, begins=begins_at, ends=ends_at):
        _, woken = incidents.ask(office, door, reason, begins_at, ends_at, office.clock.now())
    office.wake(woken)
    flash("The door is told. It tells the people concerned first, and then lets go of the day.", "done")
    return redirect(url_for("incidents.index"), 303)


@bp.post("/<int(max=2147483647):number>/file")
@allowed(Role.PRIVACY_OFFICER)
def take(number: int) -> Response:
    """The file of a released day, for two custodians."""
    with acting(Act.INCIDENT_EXPORT, subject=number):
        file = export.day(console(), number)
    return _file(file, f"byleave-incident-{number}.json")


@bp.get("/evidence")
@allowed(Role.PRIVACY_OFFICER)
def person() -> str:
    """Find the person whose evidence is wanted."""
    words = request.args.get("name", "")[:100]
    return render_template("evidence_new.html", words=words, found=incidents.named(console(), words))


@bp.post("/evidence")
@allowed(Role.PRIVACY_OFFICER)
def ask_evidence() -> Response:
    """Ask the doors for one person's evidence."""
    try:
        who = UUID(hex=request.form.get("person", ""))
    except ValueError:
        raise BadInput("Choose a person from the list.") from None
    with acting(Act.EVIDENCE_ASK, subject=who):
        _, woken = incidents.ask_evidence(console(), who, console().clock.now())
    console().wake(woken)
    flash("The doors are told. Each tells the person first, and then lets go of the evidence.", "done")
    return redirect(url_for("incidents.index"), 303)


@bp.post("/evidence/<int(max=2147483647):number>/file")
@allowed(Role.PRIVACY_OFFICER)
def take_evidence(number: int) -> Response:
    """The file of released evidence, for two custodians."""
    with acting(Act.EVIDENCE_EXPORT, subject=number):
        file = export.evidence(console(), number)
    return _file(file, f"byleave-evidence-{number}.json")


@bp.get("/custodians")
@allowed(Role.PRIVACY_OFFICER, Role.AUDITOR)
def keepers() -> str:
    """Whose keys are in force, and which doors know them."""
    office = console()
    force = custodians.in_force(office)
    rows = office.store.rows(
        "SELECT name, custodians IS ? FROM doors WHERE retired_at IS NULL AND paired_at IS NOT NULL ORDER BY name",
        (None if force is None else bytes(force.incident),),
    )
    return render_template(
        "custodians.html",
        key=None if force is None else force.incident.hex(" ", 4),
        since=office.store.row("SELECT max(since), count(*) FROM custodians"),
        doors=rows,
        may_change=may(Act.CUSTODIANS_CHANGE),
    )


@bp.post("/custodians")
@allowed(Role.PRIVACY_OFFICER)
def change_keepers() -> Response:
    """Bring in a change that the custodians before have signed."""
    statement = forms.text("statement", "The statement", most=STATEMENT_MOST, lines=True)
    with acting(Act.CUSTODIANS_CHANGE):
        try:
            custodians.change(console(), statement.encode())
        except BadInput as fault:
            raise BadInput(str(fault), "statement") from None
    flash("Brought in. Each door checks the signature itself and tells of the change for 30 days.", "done")
    return redirect(url_for("incidents.keepers"), 303)


def _door() -> UUID:
    try:
        return UUID(request.form.get("door", ""))
    except ValueError:
        raise BadInput("Choose a door.", "door") from None


def _span() -> tuple[datetime, datetime]:
    """Day and hours as typed, in the office's zone; a clock's end that is not after its beginning is on the next day."""
    day = forms.day("day", "The day") or date.min
    begins, ends = _time("begins"), _time("ends")
    last = day if ends > begins else day + timedelta(days=1)
    zone = settings.zone(console())
    # In UTC, for the hours between two moments of one zone are those of its clock, which is put forward and back.
    return datetime.combine(day, begins, zone).astimezone(UTC), datetime.combine(last, ends, zone).astimezone(UTC)


def _time(field: str) -> time:
    try:
        return datetime.strptime(request.form.get(field, ""), "%H:%M").time()  # noqa: DTZ007  # a clock's face has no zone
    except ValueError:
        raise BadInput("Write the time like 08:30.", field) from None


def _file(content: bytes, name: str) -> Response:
    return Response(content, mimetype="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'})
