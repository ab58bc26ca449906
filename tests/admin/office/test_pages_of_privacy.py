"""The pages of incidents, custodians, audit log and settings: who may, who is told, and what takes two persons."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from admin import audit, custodians, custody, incidents, marks, settings, times
from admin.actions import Act
from admin.console import Console
from device.contract.console import Role
from tests.admin.conftest import NOON, Clockwork, Visitor, acts, words
from tests.admin.office.conftest import marked

As = Callable[..., Visitor]
ADoor = Callable[..., UUID]


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
    ("now", "day", "begins", "ends"),
    [
        (datetime(2030, 10, 28, 12, tzinfo=UTC), "2030-10-27", "00:00", "00:00"),
        (datetime(2030, 4, 2, 12, tzinfo=UTC), "2030-03-31", "02:00", "03:00"),
    ],
    ids=["25 hours", "an hour that is not there"],
)
def test_a_span_is_as_long_as_it_was_though_the_clock_was_put(
    client_as: As, a_door: ADoor, console: Console, clockwork: Clockwork, now: datetime, day: str, begins: str, ends: str
) -> None:
    """Promise 10: a day is 24 hours, and never more than was typed."""
    clockwork.set(now)
    asked = incident(a_door(), day=day, begins=begins, ends=ends)
    assert client_as(Role.PRIVACY_OFFICER).post("/incidents/new", asked).status_code == 400
    assert incidents.every(console) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("told", ""),
        ("door", ""),
        ("door", "00000000-0000-4000-8000-000000000000"),
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


def test_the_table_of_the_log_has_every_row_and_its_hashes_and_asks_for_a_proof(
    client_as: As, console: Console, clockwork: Clockwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WEB-12 and WEB-06: whoever gets the table can see that each row is tied to the one before, from the cut on."""
    monkeypatch.setattr("admin.views.audit.AT_ONCE", 4)
    for number in range(10):
        audit.write(console, Act.DOOR_OPEN, details={"number": number})
        clockwork.forward(1)
    audit.cut(console, clockwork.now() - timedelta(seconds=8))
    client = client_as(Role.AUDITOR)
    head, *rows = csv.reader(io.StringIO(client.post("/audit/export").get_data(as_text=True)))
    assert head == list(audit.COLUMNS)
    assert [row[0] for row in rows] == [*map(str, range(3, 12))]
    assert rows[-1][4] == "audit.export"
    tied = [console.store.row("SELECT hash FROM audit_cut")[0].hex(), *(row[8] for row in rows)]
    assert [row[7] for row in rows] == tied[:-1]
    clockwork.forward(301)
    assert client.post("/audit/export").status_code == 401


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
