"""The pages of people, groups and visitors, as somebody at a desk uses them."""

import io
import json
from collections.abc import Callable
from uuid import UUID

import pytest

from admin import codes, groups, people, visitors
from admin.console import Console
from admin.entries import Entry
from admin.people import Search, Standing
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
