"""The pages of people, groups and visitors, as somebody at a desk uses them."""

import io
import json
import re
from collections.abc import Callable
from uuid import UUID

import pytest

from admin import codes, doors, groups, pages, people, visitors
from admin.console import Console
from admin.entries import Entry
from admin.people import Search, Standing
from admin.views.groups import FORM_DOORS
from device.contract.console import LookReason, Role
from tests.admin.conftest import NOON, Clockwork, Visitor, acts, words
from tests.admin.people.conftest import added, collected, told

Desk = Callable[..., Visitor]


def test_adding_somebody_leads_to_their_page_and_the_letter(console: Console, client_as: Desk, studio: int) -> None:
    desk = client_as(Role.FRONT_DESK)
    assert desk.get("/people/new").status_code == 200
    answer = desk.post("/people/new", {"name": "Mira Sol", "email": "", "language": "de", "groups": str(studio)})
    assert answer.status_code == 303
    page = words(desk.get(answer.location))
    assert "Mira Sol has a code until 19 June 2030." in page
    assert "How Mira Sol opens a door is not known here." in page
    letter = desk.post(f"{answer.location}/letter")
    assert letter.get_data().startswith(b"%PDF")
    assert letter.headers["Content-Disposition"] == 'attachment; filename="invitation.pdf"'
    assert acts(console) == ["person.add", "person.open", "person.letter"]


def test_a_form_that_came_back_has_all_that_was_typed_and_the_sentence(console: Console, client_as: Desk, studio: int) -> None:
    typed = {"name": "Mira Sol", "email": "nothing", "language": "fr", "groups": str(studio)}
    answer = client_as(Role.FRONT_DESK).post("/people/new", typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "This is not an e-mail address." in page
    for kept in ('value="Mira Sol"', 'value="nothing"', 'value="fr" selected', f'value="{studio}" checked'):
        assert kept in page
    assert people.find(console, Search())[1] == 0


def test_a_page_opens_with_a_reason_only_and_shuts_again(
    console: Console, client_as: Desk, mira: UUID, clockwork: Clockwork
) -> None:
    """Opening a person's page is an act; the person sees it at the door as role, reason and day."""
    officer = client_as(Role.PRIVACY_OFFICER)
    shut = officer.get(f"/people/{mira}")
    assert (shut.status_code, shut.location) == (303, f"/people/{mira}/reason")
    asked = officer.get(shut.location)
    assert "The person reads it at the door" in words(asked)
    assert "Mira" not in words(asked)
    assert officer.post(shut.location, {"reason": "curiosity"}).status_code == 400
    assert officer.get(f"/people/{mira}").status_code == 303
    assert officer.post(shut.location, {"reason": "question"}).status_code == 303
    assert officer.get(f"/people/{mira}").status_code == 200
    assert [(look.role, look.reason, look.day) for look in people.looks(console, mira)] == [
        (Role.PRIVACY_OFFICER, LookReason.QUESTION, NOON.date())
    ]
    assert told(console, "page") == {("Front door", (1).to_bytes(8, "big"))}
    assert acts(console) == ["person.open"]
    clockwork.forward(14 * 60)
    assert officer.get(f"/people/{mira}").status_code == 200
    clockwork.forward(60)
    assert officer.get(f"/people/{mira}").status_code == 303


def test_one_page_that_is_open_opens_no_other_and_nobody_elses(
    console: Console, client_as: Desk, mira: UUID, studio: int
) -> None:
    other = added(console, Entry(name="Jonas", groups=frozenset({studio})))
    desk, second = client_as(Role.FRONT_DESK), client_as(Role.FRONT_DESK, "Second desk")
    desk.post(f"/people/{mira}/reason", {"reason": "question"})
    assert desk.get(f"/people/{mira}").status_code == 200
    assert desk.get(f"/people/{other}").status_code == 303
    assert second.get(f"/people/{mira}").status_code == 303


ACTS = ["change", "code", "letter", "mail", "end"]


@pytest.mark.parametrize("act", ["", "/change", *(f"/{act}" for act in ACTS), "/requests", "/copy"])
def test_nothing_of_a_person_is_shown_or_done_without_the_reason(console: Console, client_as: Desk, mira: UUID, act: str) -> None:
    who = client_as(Role.PRIVACY_OFFICER if act == "/copy" else Role.FRONT_DESK)
    answer = who.get(f"/people/{mira}") if not act else who.post(f"/people/{mira}{act}", {"name": "Other"})
    assert (answer.status_code, answer.location) == (303, f"/people/{mira}/reason")
    assert acts(console) == []
    assert people.one(console, mira).entry.name == "Mira Sol"


@pytest.fixture
def desk(client_as: Desk, mira: UUID) -> Visitor:
    """Somebody at the desk with Mira's page open."""
    desk = client_as(Role.FRONT_DESK)
    desk.post(f"/people/{mira}/reason", {"reason": "invitation"})
    return desk


def test_a_new_code_from_the_page_and_the_doors_are_woken(console: Console, desk: Visitor, mira: UUID) -> None:
    woken: list[UUID] = []
    console.wake = woken.extend
    collected(console, mira)
    assert "Mira Sol has badge and PIN." in words(desk.get(f"/people/{mira}"))
    assert "There is no code in force" in words(desk.post(f"/people/{mira}/letter"))
    assert desk.post(f"/people/{mira}/code").status_code == 303
    assert codes.in_force(console, mira)
    assert len(woken) == 1
    assert "New code until 19 June 2030" in words(desk.get(f"/people/{mira}"))


def test_ending_from_the_page_names_the_doors_that_have_not_confirmed(console: Console, desk: Visitor, mira: UUID) -> None:
    woken: list[UUID] = []
    console.wake = woken.extend
    assert desk.post(f"/people/{mira}/end").status_code == 303
    page = words(desk.get(f"/people/{mira}"))
    assert "Mira Sol has ended; 1 door has still to confirm." in page
    assert "Front door: not yet" in page
    assert len(woken) == 1
    console.store.run("UPDATE endings SET confirmed_at = ?", (int(NOON.timestamp()),))
    page = words(desk.get(f"/people/{mira}"))
    assert "Mira Sol has ended." in page
    assert "Front door: confirmed 12 June 2030" in page
    assert "End now" not in page


def test_ending_asks_for_a_proof_when_the_last_one_is_old(
    console: Console, desk: Visitor, mira: UUID, clockwork: Clockwork
) -> None:
    """WEB-06."""
    clockwork.forward(6 * 60)
    assert desk.post(f"/people/{mira}/end").status_code == 401
    assert people.one(console, mira).ended_at is None


@pytest.mark.usefixtures("mira")
def test_the_list_says_how_many_have_not_collected_and_finds(console: Console, client_as: Desk, studio: int) -> None:
    jonas = added(console, Entry(name="Jonas Weiß"))
    collected(console, jonas)
    desk = client_as(Role.OPERATOR)
    assert "2 people; 1 has not collected badge and PIN yet." in words(desk.get("/people/"))
    page = words(desk.get("/people/?words=weiss"))
    assert "Jonas Weiß" in page
    assert "Mira Sol" not in page
    assert "Jonas" not in words(desk.get(f"/people/?group={studio}"))
    assert "Mira" not in words(desk.get("/people/?standing=collected"))
    for odd in ("page=0", "page=99999999999", "page=x", "standing=face", "group=x", "words=%00%25", "group=-1"):
        assert desk.get(f"/people/?{odd}").status_code == 200


def test_requests_wait_in_the_list_until_the_privacy_officer_answers(
    console: Console, desk: Visitor, client_as: Desk, mira: UUID
) -> None:
    """TRA-06: the month is shown."""
    noted = desk.post(f"/people/{mira}/requests", {"kind": "access", "received": "2030-06-10"})
    assert noted.status_code == 303
    assert "28 days left" in words(desk.get("/people/"))
    assert desk.post(f"/people/{mira}/requests/1/answered").status_code == 403
    assert desk.post(f"/people/{mira}/requests", {"kind": "access", "received": "2030-06-13"}).status_code == 400
    officer = client_as(Role.PRIVACY_OFFICER)
    officer.post(f"/people/{mira}/reason", {"reason": "access_request"})
    other = added(console, Entry(name="Other"))
    officer.post(f"/people/{other}/reason", {"reason": "access_request"})
    assert officer.post(f"/people/{other}/requests/1/answered").status_code == 404
    copy = officer.post(f"/people/{mira}/copy")
    assert (copy.status_code, copy.mimetype) == (200, "application/json")
    assert officer.post(f"/people/{mira}/requests/1/answered").status_code == 303
    assert "days left" not in words(officer.get("/people/"))
    assert "Answered 12 June 2030" in words(officer.get(f"/people/{mira}"))


CSV = "name,email,groups\nAna,ana@example.org,Studio\n,x,Nowhere\nBo,,\n"


@pytest.mark.usefixtures("studio")
def test_a_file_is_looked_at_and_then_added(console: Console, client_as: Desk) -> None:
    """Nothing imported until confirmed."""
    operator = client_as(Role.OPERATOR)
    assert operator.get("/people/import").status_code == 200
    seen = operator.post("/people/import", {"file": (io.BytesIO(CSV.encode()), "people.csv")})
    page = words(seen)
    assert "2 people can be added; 1 line cannot." in page
    for fault in ("There is no group of this name.", "Write a name.", "This is not an e-mail address."):
        assert fault in page
    assert people.find(console, Search())[1] == 0
    unseen = operator.post("/people/import/confirmed", {"text": CSV, "count": "3"})
    assert "Something changed since you looked." in words(unseen)
    assert people.find(console, Search())[1] == 0
    done = operator.post("/people/import/confirmed", {"text": CSV, "count": "2"})
    assert (done.status_code, done.location) == (303, "/people/letters")
    assert [person.entry.name for person in people.find(console, Search())[0]] == ["Ana", "Bo"]
    (details,) = console.store.row("SELECT details FROM audit WHERE act = 'person.import'")
    assert sorted(json.loads(details)["people"]) == sorted(person.id.hex for person in people.find(console, Search())[0])
    again = operator.post("/people/import/confirmed", {"text": CSV, "count": "2"})
    assert "No line of this file can be added." in words(again)
    assert people.find(console, Search())[1] == 2
    assert operator.get("/people/import/example.csv").mimetype == "text/csv"


def test_a_file_that_cannot_be_read_says_why_on_its_page(client_as: Desk) -> None:
    operator = client_as(Role.OPERATOR)
    for data, sentence in ((b"\xff\xfe", "not UTF-8"), (b"who\nMira", "must be the heading"), (b"", "heading")):
        answer = operator.post("/people/import", {"file": (io.BytesIO(data), "people.csv")})
        assert answer.status_code == 400
        assert sentence in words(answer)
    assert "Choose a file" in words(operator.post("/people/import"))


def test_a_pile_of_letters_makes_the_codes_that_are_missing(
    console: Console, client_as: Desk, mira: UUID, clockwork: Clockwork
) -> None:
    jonas, later = (
        added(console, Entry(name="Jonas")),
        added(console, Entry(name="Later", begins_on=NOON.date().replace(year=2031))),
    )
    clockwork.forward(8 * 86_400)
    first = people.new_code(console, mira)[0]
    desk = client_as(Role.FRONT_DESK)
    assert "2 people wait for a letter." in words(desk.get("/people/letters"))
    pile = desk.post("/people/letters", {"group": ""})
    assert pile.get_data().count(b"/Type /Page\n") == 2
    assert codes.in_force(console, mira) == first
    assert codes.in_force(console, jonas)
    assert people.one(console, later).standing is Standing.WITHOUT
    assert sorted(acts(console)) == ["person.code", "person.letter", "person.letter"]
    assert desk.post("/people/letters", {"group": "77"}).status_code == 400


def test_groups_are_made_changed_and_removed(console: Console, client_as: Desk, a_door: Callable[..., UUID]) -> None:
    door = a_door()
    operator = client_as(Role.OPERATOR)
    assert "There are no groups yet." in words(operator.get("/people/groups/"))
    assert operator.post("/people/groups/new", {"name": "Studio", f"at_{door.hex}": "0"}).status_code == 303
    group = groups.everyone(console)[0]
    assert dict(group.doors) == {door: 0}
    person = added(console, Entry(name="Mira", groups=frozenset({group.id})))
    assert "1 person is in it." in words(operator.get(f"/people/groups/{group.id}"))
    assert operator.post(f"/people/groups/{group.id}/remove").status_code == 400
    console.store.run("UPDATE marks SET number = 0")
    assert operator.post(f"/people/groups/{group.id}", {"name": "Studio", f"at_{door.hex}": ""}).status_code == 303
    assert console.store.rows("SELECT key FROM marks WHERE kind = 'person' AND number > 0") == [(person.bytes,)]
    assert operator.post(f"/people/groups/{group.id}", {"name": "Studio", f"at_{door.hex}": "9"}).status_code == 400
    people.end(console, person)
    assert operator.post(f"/people/groups/{group.id}/remove").status_code == 303
    assert operator.get(f"/people/groups/{group.id}").status_code == 404
    assert acts(console) == ["group.change"] * 3


@pytest.fixture
def wing(console: Console) -> list[UUID]:
    """More doors than a form holds, by name; 25 of 30 in the north wing."""
    names = [f"North {number:02}" for number in range(25)] + [f"South {number}" for number in range(5)]
    return [doors.add(console, name, None) for name in names]


def test_a_few_doors_stand_in_the_form_and_nothing_else(client_as: Desk, console: Console) -> None:
    few = [doors.add(console, f"Door {number:02}", None) for number in range(FORM_DOORS)]
    group = groups.add(console, "Studio", {few[5]: 0})
    page = client_as(Role.OPERATOR).get(f"/people/groups/{group}").get_data(as_text=True)
    assert re.findall(r'<select id="at_(\w+)"', page) == [door.hex for door in few]
    assert not re.search('role="search"|class="pages"|at once', page)


def test_of_many_doors_the_form_holds_those_that_are_looked_for_and_changes_no_other(
    console: Console, client_as: Desk, wing: list[UUID]
) -> None:
    operator = client_as(Role.OPERATOR)
    group = groups.add(console, "Studio", {wing[0]: 0, wing[29]: 0})
    page = operator.get(f"/people/groups/{group}").get_data(as_text=True)
    assert re.findall(r'<select id="at_(\w+)"', page) == [wing[number].hex for number in (0, 29, *range(1, 23))]
    assert "Page 1 of 2, 30 doors" in words(operator.get(f"/people/groups/{group}"))
    south = f"/people/groups/{group}?words=south&which=others"
    page = operator.get(south).get_data(as_text=True)
    shown = re.findall(r'<select id="at_(\w+)"', page)
    assert shown == [door.hex for door in wing[25:29]]
    told_ = {f"at_{door}": "0" if door == wing[26].hex else "" for door in shown}
    answer = operator.post(south, {"name": "Studio", **told_})
    assert answer.location == f"/people/groups/{group}?words=south&which=others", "back to what was looked for"
    assert set(groups.one(console, group).doors) == {wing[0], wing[29], wing[26]}
    again = operator.post(south, {"name": "", **told_})
    assert (again.status_code, re.findall(r'<select id="at_(\w+)"', again.get_data(as_text=True))) == (
        400,
        [door.hex for door in (wing[25], wing[27], wing[28])],
    )
    assert "No door matches." in words(operator.get(f"/people/groups/{group}?words=west"))


def test_all_doors_that_are_found_are_changed_at_once(console: Console, client_as: Desk, wing: list[UUID]) -> None:
    console.store.run("INSERT INTO hours (id, name, on_holidays) VALUES (5, 'Daytime', 0)")
    operator, group = client_as(Role.OPERATOR), groups.add(console, "Studio", {wing[0]: 0, wing[29]: 0})
    added(console, Entry(name="Mira", groups=frozenset({group})))
    woken: list[UUID] = []
    console.wake = woken.extend
    page = operator.get(f"/people/groups/{group}?words=north").get_data(as_text=True)
    assert f'action="/people/groups/{group}/doors?words=north"' in page
    assert '<input type="hidden" name="count" value="25">' in page
    north = f"/people/groups/{group}/doors?words=north"
    assert operator.post(north, {"count": "25", "at": "5"}).location == f"/people/groups/{group}?words=north"
    assert groups.one(console, group).doors == {**dict.fromkeys(wing[:25], 5), wing[29]: 0}
    assert set(woken) == set(wing[:25])
    own = f"/people/groups/{group}/doors?which=opened"
    operator.post(own, {"count": "26", "at": "0"})
    assert groups.one(console, group).doors == dict.fromkeys([*wing[:25], wing[29]], 0)
    operator.post(f"/people/groups/{group}/doors?words=south", {"count": "5", "at": "never"})
    assert set(groups.one(console, group).doors) == set(wing[:25])
    assert acts(console) == ["group.change"] * 3


@pytest.mark.parametrize(
    ("told_", "sentence"),
    [
        ({"count": "24", "at": "0"}, "Something changed since you looked."),
        ({"count": "25", "at": "7"}, "These hours are gone."),
        ({"count": "25"}, "These hours are gone."),
        ({"count": "25", "at": ""}, "These hours are gone."),
        ({"at": "never"}, "The number of doors"),
    ],
)
def test_what_was_not_seen_or_not_chosen_is_not_changed_at_once(
    console: Console, client_as: Desk, wing: list[UUID], told_: dict[str, str], sentence: str
) -> None:
    group = groups.add(console, "Studio", {wing[0]: 0})
    answer = client_as(Role.OPERATOR).post(f"/people/groups/{group}/doors?words=north", told_)
    assert answer.status_code == 400
    assert sentence in words(answer)
    assert groups.one(console, group).doors == {wing[0]: 0}
    assert acts(console) == []


def test_a_new_group_among_many_doors_is_named_first_and_then_given_its_own(client_as: Desk, wing: list[UUID]) -> None:
    operator = client_as(Role.OPERATOR)
    assert wing[0].hex not in operator.get("/people/groups/new").get_data(as_text=True)
    answer = operator.post("/people/groups/new", {"name": "Studio"})
    assert words(operator.get(answer.location)).count("Studio opens 0 doors.") == 2, "title and heading"


def test_a_group_with_many_doors_takes_a_few_lines_and_many_groups_take_pages(
    console: Console, client_as: Desk, wing: list[UUID]
) -> None:
    operator = client_as(Role.OPERATOR)
    groups.add(console, "All", dict.fromkeys(wing, 0))
    groups.add(console, "House", dict.fromkeys(wing[: groups.FEW], 0))
    page = words(operator.get("/people/groups/"))
    assert page.count("North 07 always") == 2
    assert "North 08" not in page
    assert page.count("and 22 more") == page.count(" more ") == 1
    assert 'role="search"' not in operator.get("/people/groups/").get_data(as_text=True)
    for number in range(pages.LINES - 1):
        groups.add(console, f"Team {number:02}", {})
    assert "51 groups say" in words(operator.get("/people/groups/"))
    assert "Team 48" not in words(operator.get("/people/groups/"))
    assert "Team 48" in words(operator.get("/people/groups/?page=2"))
    found = words(operator.get("/people/groups/?words=team+48"))
    assert "Team 48" in found
    assert "House" not in found
    assert "No group matches." in words(operator.get("/people/groups/?words=west"))


VISIT = {"label": "Plumber", "begins": "2030-06-12T14:00", "ends": "2030-06-12T18:00"}


def test_a_visitors_code_is_made_shown_printed_and_taken_back(
    console: Console, client_as: Desk, a_door: Callable[..., UUID]
) -> None:
    door = a_door()
    desk = client_as(Role.FRONT_DESK)
    assert "Make a code for somebody" in words(desk.get("/visitors/"))
    assert desk.get("/visitors/new").status_code == 200
    made = desk.post("/visitors/new", {**VISIT, "doors": door.hex})
    page = desk.get(made.location).get_data(as_text=True)
    assert "Plumber can open now." in page
    assert 'class="qr"' in page
    assert "BYLV1" not in page
    visitor = visitors.everyone(console)[0]
    assert visitor.begins_at == NOON
    assert desk.post(f"/visitors/{visitor.id}/paper").get_data().startswith(b"%PDF")
    assert desk.post(f"/visitors/{visitor.id}/back").status_code == 303
    assert 'class="qr"' not in desk.get(f"/visitors/{visitor.id}").get_data(as_text=True)
    assert desk.post(f"/visitors/{visitor.id}/paper").status_code == 400
    assert acts(console) == ["visitor.add", "visitor.paper", "visitor.end"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", ""),
        ("label", "x" * 61),
        ("begins", "now"),
        ("ends", "2030-06-12T14:00"),
        ("ends", "2030-06-20T14:00"),
        ("doors", "x"),
    ],
)
def test_a_visitors_form_says_what_is_wrong_at_its_field(
    console: Console, client_as: Desk, a_door: Callable[..., UUID], field: str, value: str
) -> None:
    told_ = {**VISIT, "doors": a_door().hex} | {field: value}
    answer = client_as(Role.FRONT_DESK).post("/visitors/new", told_)
    assert answer.status_code == 400
    assert f'id="{field}-no"' in answer.get_data(as_text=True)
    assert visitors.everyone(console) == ()


def test_each_role_opens_its_own_pages_only(client_as: Desk, mira: UUID) -> None:
    pages = {
        "/people/": {Role.FRONT_DESK, Role.OPERATOR, Role.PRIVACY_OFFICER},
        "/people/new": {Role.FRONT_DESK, Role.OPERATOR},
        "/people/import": {Role.OPERATOR},
        "/people/letters": {Role.FRONT_DESK, Role.OPERATOR},
        "/people/groups/": {Role.OPERATOR},
        "/visitors/": {Role.FRONT_DESK, Role.OPERATOR},
        f"/people/{mira}/reason": {Role.FRONT_DESK, Role.OPERATOR, Role.PRIVACY_OFFICER},
    }
    for role in Role:
        who = client_as(role)
        assert {path for path in pages if who.get(path).status_code == 200} == {
            path for path, may in pages.items() if role in may
        }
