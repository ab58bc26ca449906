"""The pages of hours, holidays and notices: what each does, who may, and what comes back when it cannot be."""

import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from admin import groups, holidays, hours, marks, notices
from admin.console import Console
from device.contract.console import Language, Role
from tests.admin.conftest import NOON, Visitor, acts, words
from tests.admin.office.conftest import marked

As = Callable[..., Visitor]
ADoor = Callable[..., UUID]
KIOSK = Path(__file__).parents[3] / "device/front/kiosk/templates/notice.html"


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
