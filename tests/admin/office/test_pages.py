"""The office's pages: what each does, who may, what it says, and what it can never show."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask

from admin import audit, custodians, doors, incidents, overview, pages, times
from admin.actions import Act
from admin.console import Console
from admin.doors import State
from admin.link.pairing import pairings
from device.contract.console import CommandKind, Reason, Role
from tests.admin.conftest import NOON, Clockwork, Visitor, acts, words
from tests.admin.office.conftest import standing

As = Callable[..., Visitor]
ADoor = Callable[..., UUID]
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


def test_of_many_doors_those_with_something_to_say_come_first(client_as: As, a_door: ADoor, console: Console) -> None:
    for number in range(overview.TILES):
        a_door(f"Door {number:02}")
    standing(console, a_door("Zeta"), NOON, lock=0)
    page = client_as(Role.OPERATOR).get("/").get_data(as_text=True)
    shown = re.findall(r"<li><a [^>]*><b>([^<]+)</b>", page)
    assert (len(shown), shown[0]) == (overview.TILES, "Zeta")
    assert "All 25 doors" in page


def test_the_same_of_many_doors_is_one_line_that_leads_to_them(client_as: As, a_door: ADoor, console: Console) -> None:
    early, operator = NOON - timedelta(hours=1), client_as(Role.OPERATOR)
    for number in range(overview.NAMED):
        standing(console, a_door(f"Far {number}"), early, faces=0)
    standing(console, a_door("Near"), NOON, faces=0)
    said = words(operator.get("/"))
    assert "1 of 6 doors is up; 5 things need you." in said
    assert "Far 4 does not answer." in said
    standing(console, a_door("Far 5"), early, faces=0)
    page = operator.get("/").get_data(as_text=True)
    assert "1 of 7 doors is up; 1 thing needs you." in page
    assert "does not answer." not in page
    led = re.search(r'6 doors do not answer\.</p><a [^>]*href="([^"]+)"', page)
    assert led
    told = operator.get(led[1]).get_data(as_text=True)
    assert re.findall(r'<th scope="row"><a [^>]*>([^<]+)', told) == [f"Far {number}" for number in range(6)]
    assert 'value="silent" selected' in told, "the way back to all is there"


def test_alarms_that_find_no_room_are_counted_and_come_when_others_go(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = a_door(), client_as(Role.INSTALLER)
    console.store.run("UPDATE doors SET faces = 0")
    for at in range(overview.ALARMS + 2):
        query = "INSERT INTO alarms (door, alarm, at, over_at) VALUES (?, 'tamper', ?, ?)"
        console.store.run(query, (door.bytes, at, at))
    said = words(client.get("/"))
    assert "The door is up; 22 things need you." in said
    assert said.count("Somebody tampered with it.") == overview.ALARMS
    assert "2 more alarms." in said
    for alarm in (21, 22):
        client.post(f"/alarms/{alarm}/seen")
    assert words(client.get("/")).count("Somebody tampered with it.") == overview.ALARMS
    assert "more alarm" not in words(client.get("/"))


def test_a_door_paired_just_now_needs_nobody_yet(client_as: As, a_door: ADoor, console: Console) -> None:
    door, client = standing(console, a_door(), NOON, minute_at=None, faces=0), client_as(Role.OPERATOR)
    assert "The door is not heard yet; nothing needs you." in words(client.get("/"))
    assert "Front door is not heard yet." in words(client.get(f"/doors/{door}"))
    for path in ("/", "/doors/", f"/doors/{door}"):
        assert "not heard yet" in words(client.get(path))
        assert "silent" not in words(client.get(path)), path


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
    assert "byleave:" not in later
    assert "Waiting for the door" in later
    with app.app_context():
        assert pairings().stage(door.id) == "ticket"
    assert client.post(f"/doors/{door.id}/pairing", {"said": "same"}).status_code == 404, "no digits yet"
    assert client.post(f"/doors/{door.id}/pairing", {"said": "perhaps"}).status_code == 400
    assert client_as(Role.FRONT_DESK).post(f"/doors/{door.id}/pairing/ticket").status_code == 403


def test_a_few_doors_are_seen_at_once_and_many_in_pages_that_find(client_as: As, a_door: ADoor, console: Console) -> None:
    client = client_as(Role.AUDITOR)
    first = doors.one(console, a_door("Garage Süd"))
    for number in range(pages.LINES - 1):
        doors.add(console, f"Door {number:02}", first.group if number < 2 else None)
    assert not re.search('role="search"|class="pages"', client.get("/doors/").get_data(as_text=True))
    doors.add(console, "Door 99", None)
    names = [_names(client.get(f"/doors/?page={number}").get_data(as_text=True)) for number in (1, 2)]
    assert names == [[*(f"Door {number:02}" for number in range(pages.LINES - 1)), "Door 99"], ["Garage Süd"]]
    assert "Page 2 of 2, 51 doors" in words(client.get("/doors/?page=2"))
    found = client.get("/doors/?words=sud+gar").get_data(as_text=True)
    assert _names(found) == ["Garage Süd"]
    assert "Door 00, Door 01</td>" in found, "who shares badges with it, found or not"
    leads = client.get("/doors/?words=door&state=new").get_data(as_text=True)
    assert 'value="door"' in leads
    assert "No door matches." in words(client.get("/doors/?words=west"))
    for odd in ("page=0", "page=x", "page=99999999999", "state=face", "words=%00%25"):
        assert client.get(f"/doors/?{odd}").status_code == 200


def test_the_next_page_looks_for_the_same(client_as: As, console: Console) -> None:
    for number in range(pages.LINES + 1):
        doors.add(console, f"Door {number:02}", None)
    page = client_as(Role.AUDITOR).get("/doors/?words=door&state=new").get_data(as_text=True)
    after = re.search(r'href="(/doors/\?[^"]+)"><span>After', page)
    assert after
    assert _names(client_as(Role.AUDITOR).get(html.unescape(after[1])).get_data(as_text=True)) == ["Door 50"]
    assert "state=new" in after[1]
    assert "words=door" in after[1]


def test_many_retired_doors_are_a_list_of_their_own(client_as: As, a_door: ADoor, console: Console) -> None:
    client, gone = client_as(Role.AUDITOR), a_door("Old shed")
    doors.retire(console, gone, NOON)
    assert "Old shed" in words(client.get("/doors/"))
    for number in range(pages.LINES + 1):
        doors.add(console, f"Door {number:02}", None)
    assert "Old shed" not in words(client.get("/doors/"))
    assert 'href="/doors/?state=retired"' in client.get("/doors/").get_data(as_text=True)
    assert _names(client.get("/doors/?state=retired").get_data(as_text=True)) == ["Old shed"]


def _names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]+)', page)


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


def test_no_page_of_the_office_has_a_word_for_a_choice(client_as: As, a_door: ADoor, console: Console) -> None:
    """ALT-08: nothing here could say who uses a face; the same pages whatever anybody chose."""
    door = a_door()
    incidents.ask(console, door, Reason.THEFT, NOON - timedelta(hours=3), NOON - timedelta(hours=1), NOON)
    clients = {role: client_as(role) for role in Role}
    for role, paths in SEES.items():
        for path in (*paths, f"/doors/{door}"):
            said = words(clients[role].get(path)).lower()
            assert not re.search(r"uses? a face by|declined|refused faces|enrolled|way in", said), path
