"""The office's pages: what each does, who may, what it says, and what it can never show."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask

from admin import audit, custodians, custody, doors, groups, holidays, hours, incidents, marks, notices, settings, times
from admin.actions import Act
from admin.console import Console
from admin.doors import State
from admin.link.pairing import pairings
from device.contract.console import CommandKind, Language, Reason, Role
from tests.admin.conftest import NOON, Clockwork, Visitor, acts, words
from tests.admin.office.conftest import marked, standing

As = Callable[..., Visitor]
ADoor = Callable[..., UUID]
KIOSK = Path(__file__).parents[3] / "device/front/kiosk/templates/notice.html"
OFFICE: tuple[str, ...] = (
    "/",
    "/doors/",
    "/doors/new",
    "/hours/",
    "/hours/new",
    "/hours/holidays",
    "/notices/",
    "/incidents/",
    "/incidents/new",
)
OFFICE += ("/incidents/evidence", "/incidents/custodians", "/audit/", "/settings/")
SEES = {
    Role.FRONT_DESK: {"/", "/doors/", "/hours/"},
    Role.INSTALLER: {"/", "/doors/", "/doors/new"},
    Role.OPERATOR: {"/", "/doors/", "/doors/new", "/hours/", "/hours/new", "/hours/holidays", "/notices/", "/settings/"},
    Role.PRIVACY_OFFICER: set(OFFICE) - {"/doors/new", "/hours/new", "/hours/holidays"},
    Role.AUDITOR: {"/", "/doors/", "/notices/", "/incidents/", "/incidents/custodians", "/audit/", "/settings/"},
}


@pytest.mark.parametrize("role", list(Role))
def test_every_role_sees_its_own_pages_and_no_other(client_as: As, role: Role) -> None:
    """WEB-15."""
    client = client_as(role)
    assert {path for path in OFFICE if client.get(path).status_code == 200} == SEES[role]


def test_a_number_too_large_for_any_table_is_not_there(client_as: As) -> None:
    client = client_as(Role.PRIVACY_OFFICER)
    for path in (f"/notices/{10**30}/en", "/notices/1/xx", f"/audit/?before={10**30}", f"/audit/?before=-{10**30}"):
        assert client.get(path).status_code in {200, 404}
    assert client.post(f"/incidents/{10**30}/file").status_code == 404
    assert client_as(Role.OPERATOR).get(f"/hours/{10**30}").status_code == 404
    assert client_as(Role.OPERATOR).get(f"/hours/holidays?country=DE&year={10**30}").status_code == 200


# --- overview --------------------------------------------------------------------------------------------------------


def test_an_office_that_begins_is_told_what_to_do_first(client_as: As) -> None:
    said = words(client_as(Role.OPERATOR).get("/"))
    assert "There is no door yet." in said
    assert "Add the first door" in said
    assert "Add the first door" not in words(client_as(Role.AUDITOR).get("/"))


def test_nothing_needs_anybody_when_all_is_well(client_as: As, a_door: ADoor, console: Console) -> None:
    a_door("Front"), standing(console, a_door("Back"), NOON, faces=0)
    console.store.run("UPDATE doors SET faces = 0")
    assert "2 doors are up; nothing needs you." in words(client_as(Role.OPERATOR).get("/"))


def test_what_needs_somebody_is_counted_in_the_title_and_told_once(client_as: As, a_door: ADoor, console: Console) -> None:
    standing(console, a_door("Front"), NOON, eyes=0, faces=0)
    standing(console, a_door("Back"), NOON - timedelta(minutes=4), faces=0)
    doors.add(console, "Shed", None)
    said = words(client_as(Role.OPERATOR).get("/"))
    assert "1 of 3 doors is up; 3 things need you." in said
    assert "Front: the camera does not answer." in said
    console.store.run("INSERT INTO alarms (door, alarm, at) SELECT id, 'eyes_down', 0 FROM doors WHERE name = 'Front'")
    said = words(client_as(Role.OPERATOR).get("/"))
    assert "1 of 3 doors is up; 3 things need you." in said
    assert "Front: the camera does not answer." not in said


def test_an_alarm_is_seen_by_pressing_once(client_as: As, a_door: ADoor, console: Console) -> None:
    door = a_door()
    console.store.run("INSERT INTO alarms (door, alarm, at) VALUES (?, 'tamper', 5)", (door.bytes,))
    client = client_as(Role.INSTALLER)
    assert "Somebody tampered with it." in words(client.get("/"))
    assert client.post("/alarms/1/seen").status_code == 303
    assert [alarm.seen for alarm in doors.alarms(console)] == [True]
    assert acts(console) == ["alarm.seen"]
    assert client.post("/alarms/2/seen").status_code == 404
    assert client_as(Role.AUDITOR).post("/alarms/1/seen").status_code == 403


def test_openings_are_a_picture_and_the_same_as_a_table(client_as: As, a_door: ADoor, console: Console) -> None:
    """Promise 9 and 10: sums of all doors, by whole hours; what is not counted is not drawn."""
    front, back = a_door("Front"), a_door("Back")
    hour = times.seconds(NOON) - 3600
    for door, at, openings in ((front, hour, 20), (back, hour, 10), (front, hour - 3600, 15), (front, times.seconds(NOON), 99)):
        console.store.run("INSERT INTO hourly VALUES (?, ?, ?)", (door.bytes, at, openings))
    page = client_as(Role.AUDITOR).get("/").get_data(as_text=True)
    bars = [float(height) for height in re.findall(r'<rect x[^>]*height="([0-9.]+)"></rect>', page)]
    assert bars == [0.0] * 22 + [50.0, 100.0]
    table = re.findall(r'<th scope="row">([^<]+)</th><td>([^<]+)</td>', page)
    assert len(table) == 24
    assert table[-2:] == [("12 June, 12:00", "15"), ("12 June, 13:00", "30")]
    assert table[0] == ("11 June, 14:00", "none counted")


@pytest.mark.parametrize(
    ("told", "said"),
    [([], "not yet measured"), ([(None, None)], "not yet measured"), ([(1, 1), (None, 1)], "yes"), ([(1, 1), (0, 1)], "no")],
)
def test_two_answers_are_yes_no_or_not_yet_measured(
    client_as: As, a_door: ADoor, console: Console, told: list[tuple[int | None, int | None]], said: str
) -> None:
    for number, (budget, badge) in enumerate(told):
        door = a_door(f"Door {number}")
        console.store.run("INSERT INTO answers VALUES (?, ?, 0, 0)", (door.bytes, times.seconds(NOON) - 12 * 86_400))
        console.store.run("INSERT INTO answers VALUES (?, ?, ?, ?)", (door.bytes, times.seconds(NOON) - 86_400, budget, badge))
    if not told:
        a_door()
    page = words(client_as(Role.AUDITOR).get("/"))
    assert f"Is the risk budget met? {said} A stranger" in page


def test_an_answer_that_is_too_old_is_none(client_as: As, a_door: ADoor, console: Console) -> None:
    console.store.run("INSERT INTO answers VALUES (?, ?, 1, 1)", (a_door().bytes, times.seconds(NOON) - 15 * 86_400))
    assert "Is the badge as quick? not yet measured" in words(client_as(Role.AUDITOR).get("/"))


# --- doors -----------------------------------------------------------------------------------------------------------


def test_a_door_is_added_and_paired_by_digits_on_both_screens(client_as: As, console: Console, app: Flask) -> None:
    custodians.create(console)
    client = client_as(Role.INSTALLER)
    added = client.post("/doors/new", {"name": "Front door", "group": ""})
    assert added.status_code == 303
    (door,) = doors.every(console)
    assert "Make a ticket when somebody stands at the door" in words(client.get(added.location))
    page = client.post(f"/doors/{door.id}/pairing/ticket").get_data(as_text=True)
    line = re.search(r"byleave device pair (byleave:[^<]+)", page)
    assert line
    assert "<svg" in page
    assert acts(console) == ["door.pair", "door.pair"]
    later = client.get(f"/doors/{door.id}/pairing").get_data(as_text=True)
    assert line[1] not in later, "a ticket is shown once"
    assert "Waiting for the door" in later
    with app.app_context():
        assert pairings().stage(door.id) == "ticket"
    assert client.post(f"/doors/{door.id}/pairing", {"said": "same"}).status_code == 404, "no digits yet"
    assert client.post(f"/doors/{door.id}/pairing", {"said": "perhaps"}).status_code == 400
    assert client_as(Role.FRONT_DESK).post(f"/doors/{door.id}/pairing/ticket").status_code == 403


def test_a_name_that_is_taken_comes_back_with_the_form(client_as: As, a_door: ADoor, console: Console) -> None:
    a_door("Front")
    answer = client_as(Role.OPERATOR).post("/doors/new", {"name": "front", "group": ""})
    assert answer.status_code == 400
    assert "Another door has this name." in words(answer)
    assert 'value="front"' in answer.get_data(as_text=True)
    assert acts(console) == []


def test_opening_once_is_written_down_and_told_to_that_door(client_as: As, a_door: ADoor, console: Console) -> None:
    """WEB-06, design section 4."""
    front, back = a_door("Front"), a_door("Back")
    woken: list[UUID] = []
    console.wake = woken.extend
    client = client_as(Role.FRONT_DESK)
    assert client.post(f"/doors/{front}/open").status_code == 303
    assert [told.kind for told in doors.told(console, front)] == [CommandKind.OPEN_ONCE]
    assert (doors.told(console, back), woken) == ([], [front])
    (entry,) = audit.newest(console, 9)
    assert (entry.act, entry.subject, entry.role) == (Act.DOOR_OPEN, front.hex, "front_desk")


def test_opening_once_asks_for_a_recent_proof(client_as: As, a_door: ADoor, console: Console, clockwork: Clockwork) -> None:
    """WEB-06."""
    door, client = a_door(), client_as(Role.FRONT_DESK)
    clockwork.forward(6 * 60)
    standing(console, door, clockwork.now())
    assert client.post(f"/doors/{door}/open").status_code == 401
    assert doors.told(console, door) == []


def test_a_door_that_does_not_answer_is_not_opened_later(client_as: As, a_door: ADoor, console: Console) -> None:
    door = standing(console, a_door(), NOON - timedelta(minutes=10))
    answer = client_as(Role.FRONT_DESK).post(f"/doors/{door}/open")
    assert answer.status_code == 400
    assert "too late" in words(answer)
    assert (acts(console), doors.told(console, door)) == ([], [])


def test_test_mode_is_begun_and_ended_with_one_button(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = a_door(), client_as(Role.INSTALLER)
    client.post(f"/doors/{door}/test")
    standing(console, door, NOON, testing=1)
    assert "is in test mode." in words(client.get(f"/doors/{door}"))
    client.post(f"/doors/{door}/test")
    assert [told.kind for told in doors.told(console, door)] == [CommandKind.TEST_END, CommandKind.TEST_BEGIN]


def test_a_door_is_renamed_and_retired(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = a_door("Front"), client_as(Role.OPERATOR)
    client.post(f"/doors/{door}", {"name": "Main door"})
    assert "Main door is up." in words(client.get(f"/doors/{door}"))
    client.post(f"/doors/{door}/retire")
    assert doors.one(console, door).state is State.RETIRED
    said = words(client.get(f"/doors/{door}"))
    assert "Main door is retired." in said
    assert "Open once" not in said
    for path in ("open", "test", "retire", "pairing", "pairing/ticket"):
        assert client.post(f"/doors/{door}/{path}", {"said": "same"}).status_code == 404, path


def test_a_door_that_is_not_there_is_not_there(client_as: As) -> None:
    assert client_as(Role.OPERATOR).get(f"/doors/{uuid4()}").status_code == 404


# --- hours and holidays ----------------------------------------------------------------------------------------------


def week(**days: str) -> dict[str, str]:
    return {f"day{day}": "" for day in range(7)} | days


def test_hours_are_kept_without_a_script(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = a_door(), client_as(Role.OPERATOR)
    client.post("/hours/new", {"name": "Office", "on_holidays": "yes", **week(day0="8-12, 13-17", day4="22-6")})
    (kept,) = hours.every(console)
    assert (kept.name, kept.on_holidays) == ("Office", True)
    assert kept.lines == ("08:00-12:00, 13:00-17:00", "", "", "", "22:00-24:00", "00:00-06:00", "")
    assert [where for where, *_ in marked(console, "hours")] == [door]
    client.post(f"/hours/{kept.number}", {"name": "Office", **week(day1="9-10")})
    (changed,) = hours.every(console)
    assert (changed.number, changed.on_holidays, changed.hours) == (kept.number, False, 1.0)
    groups.add(console, "Staff", {door: kept.number})
    assert client.post(f"/hours/{kept.number}/remove").status_code == 400
    assert acts(console) == ["hours.change", "hours.change"]


def test_a_line_nobody_can_read_comes_back_where_it_was_typed(client_as: As, console: Console) -> None:
    answer = client_as(Role.OPERATOR).post("/hours/new", {"name": "Office", **week(day2="nine to five")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'value="nine to five"' in page
    assert re.search(r'id="day2"[^>]*aria-invalid="true"', page)
    assert hours.every(console) == []


def test_holidays_come_from_a_calendar_or_are_the_offices_own(client_as: As, a_door: ADoor, console: Console) -> None:
    client, day = client_as(Role.OPERATOR), NOON.date()
    a_door()
    page = words(client.get("/hours/holidays?country=DE&part=BY&year=2030"))
    assert "All Saints&#39; Day" in page
    calendar = {"country": "DE", "part": "BY", "year": "2030"}
    ticked = {"days": ["2030-10-03", "2030-12-25", "2031-01-01"]}
    client.post("/hours/holidays/calendar", {**calendar, **ticked})
    assert [day.name for day in holidays.every(console, day)] == ["German Unity Day", "Christmas Day"]
    client.post("/hours/holidays", {"day": "2030-07-01", "name": "Outing"})
    client.post("/hours/holidays/remove", {"day": "2030-12-25"})
    assert [day.name for day in holidays.every(console, day)] == ["Outing", "German Unity Day"]
    assert len(marked(console, "holidays")) == 1
    assert client.post("/hours/holidays", {"day": "2030-06-11", "name": "Past"}).status_code == 400
    assert client.post("/hours/holidays/calendar", {**calendar, "country": "XX"}).status_code == 400
    assert client.post("/hours/holidays/calendar", calendar).status_code == 400


# --- notices ---------------------------------------------------------------------------------------------------------


def test_a_notice_goes_from_draft_to_every_door(client_as: As, a_door: ADoor, console: Console) -> None:
    """Writing is the office's, publishing the privacy officer's."""
    door, operator, officer = a_door(), client_as(Role.OPERATOR), client_as(Role.PRIVACY_OFFICER)
    operator.post("/notices/draft")
    shown = operator.post("/notices/draft/de", {"text": "Höchstens {template_days} Tage."})
    assert "Höchstens 365 Tage." in words(operator.get(shown.location))
    assert operator.post("/notices/publish").status_code == 403
    assert officer.post("/notices/publish").status_code == 303
    edition = notices.in_force(console)
    assert edition is not None
    assert (edition.version, set(edition.texts)) == (1, {Language.EN, Language.DE})
    assert {(where, key) for where, key, _ in marked(console, "notice")} == {
        (door, marks.notice_key(1, language)) for language in (Language.DE, Language.EN)
    }
    assert officer.post("/notices/publish").status_code == 404
    assert "Version 1 is what people read before a yes." in words(operator.get("/notices/"))


def test_a_text_that_cannot_be_shown_comes_back_as_it_was_written(client_as: As) -> None:
    client = client_as(Role.OPERATOR)
    client.post("/notices/draft")
    answer = client.post("/notices/draft/en", {"text": "All of <b>this</b> & no figure."})
    assert answer.status_code == 400
    assert "All of &lt;b&gt;this&lt;/b&gt; &amp; no figure." in answer.get_data(as_text=True)
    assert "Say how long a template lives" in words(answer)


def test_the_preview_says_what_the_kiosk_says_around_the_text(client_as: As) -> None:
    client = client_as(Role.OPERATOR)
    client.post("/notices/draft")
    said = words(client.get("/notices/1/en"))
    kiosk = KIOSK.read_text(encoding="utf-8")
    sentences = re.findall(r"<h1[^>]*>([^<]+)<", kiosk) + re.findall(r"<span>(This door[^<]+)</span>", kiosk)
    sentences += re.findall(r'(?:press|hold)\("[^"]*?(?:", )?"?(Not now|Hold to agree)', kiosk)
    assert {"Before you decide", "Not now", "Hold to agree"} <= {*sentences}
    assert [sentence for sentence in sentences if sentence not in said] == []
    about = re.search(r"A template is gone after (\{\{[^}]+\}\}) (days[^<]+)</p>", kiosk)
    assert about
    assert f"A template is gone after 365 {about[2]}" in said


# --- incidents -------------------------------------------------------------------------------------------------------


def incident(at: UUID, **more: str) -> dict[str, str]:
    return {"door": str(at), "reason": "theft", "day": "2030-06-11", "begins": "18:00", "ends": "06:00", "told": "yes"} | more


def test_a_day_is_asked_for_in_the_offices_time(client_as: As, a_door: ADoor, console: Console) -> None:
    """An end that is not later is on the next day; Berlin is two hours ahead in June."""
    door, client = a_door(), client_as(Role.PRIVACY_OFFICER)
    assert client.post("/incidents/new", incident(door)).status_code == 303
    (found,) = incidents.every(console)
    assert (found.begins_at, found.ends_at) == (NOON - timedelta(hours=20), NOON - timedelta(hours=8))
    assert acts(console) == ["incident.ask"]
    assert "1 day was asked for; 1 waits for the door." in words(client.get("/incidents/"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("told", ""),
        ("door", ""),
        ("door", str(uuid4())),
        ("reason", "curiosity"),
        ("day", "2030-06-13"),
        ("begins", "25:00"),
        ("ends", ""),
    ],
)
def test_a_request_that_is_not_whole_is_not_made(client_as: As, a_door: ADoor, console: Console, field: str, value: str) -> None:
    """A reason comes from a closed list, and nobody asks without knowing that people are told."""
    answer = client_as(Role.PRIVACY_OFFICER).post("/incidents/new", incident(a_door(), **{field: value}))
    assert answer.status_code in {400, 404}
    assert (incidents.every(console), acts(console)) == ([], [])


def test_what_is_not_released_cannot_be_taken_away(client_as: As, a_door: ADoor) -> None:
    client = client_as(Role.PRIVACY_OFFICER)
    client.post("/incidents/new", incident(a_door()))
    assert client.post("/incidents/1/file").status_code == 409
    assert client.post("/incidents/2/file").status_code == 404
    assert client_as(Role.AUDITOR).post("/incidents/1/file").status_code == 403


def test_evidence_is_asked_by_name_and_the_auditor_reads_no_name(client_as: As, a_door: ADoor, console: Console) -> None:
    door, ada = a_door(), uuid4()
    console.store.run("INSERT INTO people VALUES (?, 'Ada Lovelace', NULL, 'en', NULL, NULL, 0, NULL)", (ada.bytes,))
    marks.mark(console, (door,), marks.Kind.PERSON, ada.bytes)
    client = client_as(Role.PRIVACY_OFFICER)
    assert str(ada) in client.get("/incidents/evidence?name=love").get_data(as_text=True)
    assert client.post("/incidents/evidence", {"person": str(ada)}).status_code == 303
    assert client.post("/incidents/evidence", {"person": "nobody"}).status_code == 400
    assert "Ada Lovelace" in words(client.get("/incidents/"))
    auditor = client_as(Role.AUDITOR)
    assert "Ada" not in words(auditor.get("/incidents/")) + words(auditor.get("/audit/"))
    assert acts(console) == ["evidence.ask"]


def test_custodians_change_by_their_statement_only(client_as: As, console: Console) -> None:
    assert "There are no custodians yet." in words(client_as(Role.AUDITOR).get("/incidents/custodians"))
    custodians.create(console)
    client = client_as(Role.PRIVACY_OFFICER)
    force = custodians.in_force(console)
    assert force is not None
    assert force.incident.hex(" ", 4) in words(client.get("/incidents/custodians"))
    for statement in ("", "{}", "not a statement", "x" * 5000):
        assert client.post("/incidents/custodians", {"statement": statement}).status_code == 400
    assert custodians.in_force(console) == force
    assert acts(console) == []


# --- audit -----------------------------------------------------------------------------------------------------------


def test_the_log_is_read_page_by_page_and_taken_as_a_table(client_as: As, a_door: ADoor, console: Console) -> None:
    """WEB-12."""
    door = a_door("Front")
    for number in range(70):
        audit.write(console, Act.DOOR_OPEN, subject=door, details={"number": number})
    client = client_as(Role.AUDITOR)
    page = client.get("/audit/")
    assert "70 acts, each tied to the one before." in words(page)
    assert page.get_data(as_text=True).count("<tr>") == 51
    assert "Front; number 69" in words(page)
    older = client.get("/audit/?before=21").get_data(as_text=True)
    assert older.count("<tr>") == 21
    rows = list(csv.reader(io.StringIO(client.post("/audit/export").get_data(as_text=True))))
    assert [row[0] for row in rows] == ["number", *map(str, range(1, 72))]
    assert rows[-1][4] == "audit.export"


def test_a_log_that_was_tampered_with_says_where(client_as: As, console: Console) -> None:
    for _ in range(5):
        audit.write(console, Act.HOURS_CHANGE)
    console.store.run("DROP TRIGGER no_audit_row_is_changed")
    console.store.run("UPDATE audit SET at = at + 1 WHERE number = 3")
    assert "The log does not fit together from row 3 on." in words(client_as(Role.AUDITOR).get("/audit/"))


# --- settings --------------------------------------------------------------------------------------------------------


def figures(console: Console, **more: int) -> dict[str, str]:
    return {each.key: str(settings.value(console, each)) for each in settings.LIMITS} | {key: str(to) for key, to in more.items()}


def test_figures_are_kept_within_their_caps(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = a_door(), client_as(Role.OPERATOR)
    assert client.post("/settings/", figures(console, template_days=180, open_s=7)).status_code == 303
    assert (settings.limits(console).template_days, settings.limits(console).open_s) == (180, 7)
    assert [where for where, *_ in marked(console, "limits")] == [door]
    (entry,) = audit.newest(console, 9)
    assert entry.details == {"template_days": 180, "open_s": 7}
    answer = client.post("/settings/", figures(console, openings_days=91))
    assert answer.status_code == 400
    assert settings.limits(console).openings_days == 90
    client.post("/settings/", figures(console))
    assert acts(console) == ["setting.change"], "nothing changed, nothing done"


def test_every_figure_tells_its_requirement(client_as: As) -> None:
    said = words(client_as(Role.OPERATOR).get("/settings/"))
    for each in (*settings.LIMITS, settings.BUDGET):
        assert each.requirement in said


def test_the_risk_budget_and_custody_take_two_persons(client_as: As, console: Console) -> None:
    """WEB-16, CUS-03, CON-14."""
    first, second = client_as(Role.PRIVACY_OFFICER, "First"), client_as(Role.PRIVACY_OFFICER, "Second")
    why = {"ground": "hygiene", "consulted": "everybody", "review": "2031-06-01"}
    cases: tuple[tuple[str, dict[str, str], Callable[[], bool]], ...] = (
        ("/settings/budget", {"budget_one_in": "5000"}, lambda: settings.value(console, settings.BUDGET) == 5000),
        ("/settings/custody", why, lambda: custody.justified(console) is not None),
    )
    for path, form, done in cases:
        assert first.post(path, form).status_code == 202
        assert first.post(path, form).status_code == 202, "asking twice is not agreeing"
        assert not done()
        (number,) = console.store.row("SELECT max(id) FROM approvals")
        assert first.post(f"/approvals/{number}", {"say": "agree"}).status_code == 400, "nobody is their own second person"
        assert second.post(f"/approvals/{number}", {"say": "agree"}).status_code == 303
        assert first.post(path, form).status_code == 303
        assert done()
    assert client_as(Role.OPERATOR).post("/settings/budget", {"budget_one_in": "2000"}).status_code == 403


@pytest.mark.parametrize(
    "form",
    [
        {"ground": "", "consulted": "everybody", "review": "2031-06-01"},
        {"ground": "hygiene", "consulted": "nobody", "review": "2031-06-01"},
        {"ground": "hygiene", "consulted": "everybody", "review": "2030-06-12"},
        {"ground": "hygiene", "consulted": "everybody", "review": "2031-06-13"},
    ],
    ids=["no reason", "nobody asked", "today", "over a year"],
)
def test_a_reason_without_its_parts_is_not_even_asked_for(client_as: As, console: Console, form: dict[str, str]) -> None:
    """CUS-03: a review within twelve months."""
    assert client_as(Role.PRIVACY_OFFICER).post("/settings/custody", form).status_code == 400
    assert console.store.rows("SELECT * FROM approvals") == []


def test_a_reason_runs_out_by_itself(client_as: As, a_door: ADoor, console: Console, clockwork: Clockwork) -> None:
    """CUS-03."""
    a_door()
    said = "Doors offer faces, and nobody has written down why"
    assert said in words(client_as(Role.PRIVACY_OFFICER).get("/"))
    day = times.day(times.day_number(NOON.date()) + 10)
    custody.write(console, custody.Custody(ground=custody.Ground.HYGIENE, consulted=custody.Consulted.EVERYBODY, review_on=day))
    assert said not in words(client_as(Role.PRIVACY_OFFICER).get("/"))
    clockwork.forward(10 * 86_400)
    assert said in words(client_as(Role.PRIVACY_OFFICER, "Later").get("/"))


def test_no_page_of_the_office_has_a_word_for_a_choice(client_as: As, a_door: ADoor, console: Console) -> None:
    """ALT-08: nothing here could say who uses a face; the same pages whatever anybody chose."""
    door = a_door()
    incidents.ask(console, door, Reason.THEFT, NOON - timedelta(hours=3), NOON - timedelta(hours=1), NOON)
    clients = {role: client_as(role) for role in Role}
    for role, paths in SEES.items():
        for path in (*paths, f"/doors/{door}"):
            said = words(clients[role].get(path)).lower()
            assert not re.search(r"uses? a face by|declined|refused faces|enrolled|way in", said), path
