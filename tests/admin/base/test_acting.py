"""One way to do something: permission, proof, a second person, and a row of the log in the same transaction."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask, request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import accounts, acting, app, approvals, audit
from admin.actions import ACTIONS, EVERYBODY, Act
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.keys import derived
from device.contract.console import Role
from tests.admin.base.authenticator import Authenticator
from tests.admin.base.getting_in import options_of
from tests.admin.conftest import Clockwork, Visitor, acts, words


@pytest.fixture
def tried(console: Console) -> Flask:
    """The application with one view more, that does any act it is asked for."""
    flask = app.create_app(console)

    @flask.post("/try/<act>")
    @acting.allowed(*EVERYBODY)
    def trying(act: str) -> str:
        with acting.acting(Act(act), subject=7, to=int(request.form.get("to", "1"))):
            console.store.run("INSERT INTO settings VALUES ('tried', '1') ON CONFLICT (key) DO UPDATE SET value = value + 1")
            if request.form.get("break"):
                raise BadInput("It broke.")
        return "done"

    return flask


@pytest.fixture
def member(tried: Flask, console: Console) -> Callable[..., Visitor]:
    """Somebody of a role with a passkey, signed in by it."""
    keys: dict[str, Authenticator] = {}

    def member(role: Role, name: str = "Anna") -> Visitor:
        visitor, key = Visitor(tried), keys.setdefault(name, Authenticator())
        link = f"/welcome/{accounts.invite(console, role)}"
        told = {"name": name, "way": "passkey", "credential": key.make(options_of(visitor.get(link)))}
        assert visitor.post(link, told).status_code == 303
        visitor.passkey = key  # type: ignore[attr-defined]  # for proving again
        return visitor

    return member


def count(console: Console) -> int:
    row = console.store.row("SELECT value FROM settings WHERE key = 'tried'")
    return int(row[0]) if row else 0


# --- the list of acts ------------------------------------------------------------------------------------------------


def test_every_act_is_described_once_and_no_sentence_names_a_face() -> None:
    assert set(ACTIONS) == set(Act)
    assert len({action.sentence for action in ACTIONS.values()}) == len(ACTIONS)
    assert all(action.grave for action in ACTIONS.values() if action.two_persons)


def test_a_change_of_custody_or_risk_needs_two_persons_and_what_opens_or_exports_a_proof() -> None:
    """WEB-16 and WEB-06: the list of grave acts of the requirement."""
    assert {act for act, action in ACTIONS.items() if action.two_persons} == {Act.CUSTODY_ENABLE, Act.BUDGET_CHANGE}
    grave = {act for act, action in ACTIONS.items() if action.grave}
    assert grave >= {Act.DOOR_OPEN, Act.INCIDENT_EXPORT, Act.EVIDENCE_EXPORT, Act.SETTING_CHANGE, Act.PERSON_COPY, Act.DOOR_PAIR}


@pytest.mark.parametrize("role", list(Role))
def test_an_act_is_done_by_its_roles_only_whatever_view_it_stands_in(
    member: Callable[..., Visitor], console: Console, role: Role
) -> None:
    """WEB-15: the second wall, behind the views' own."""
    visitor, done = member(role), 0
    for act, action in ACTIONS.items():
        if act is Act.DENIED or (action.two_persons and role in action.roles):
            continue
        answer = visitor.post(f"/try/{act.value}")
        assert answer.status_code == (200 if role in action.roles else 403), act
        done += role in action.roles
    assert count(console) == done
    assert acts(console).count("account.denied") == sum(role not in action.roles for action in ACTIONS.values())


# --- the log ---------------------------------------------------------------------------------------------------------


def test_an_act_and_its_row_are_one_transaction(member: Callable[..., Visitor], console: Console) -> None:
    """WEB-12: neither is ever without the other."""
    visitor = member(Role.OPERATOR)
    before = acts(console)
    assert visitor.post("/try/group.change", {"break": "yes"}).status_code == 400
    assert (acts(console), count(console)) == (before, 0)
    assert visitor.post("/try/group.change", {"to": "42"}).status_code == 200
    assert (acts(console), count(console)) == ([*before, "group.change"], 1)
    newest = audit.newest(console, 1)[0]
    assert (newest.role, newest.subject, newest.details) == ("operator", "7", {"to": 42})
    assert newest.at == int(console.clock.now().timestamp())


def test_signing_in_and_failing_are_written_down_with_what_was_used(member: Callable[..., Visitor], console: Console) -> None:
    """WEB-12, ASVS 16.3.1: success and failure, with the kind of factor."""
    member(Role.OPERATOR).post("/sign-in", {"name": "Anna", "password": "x", "code": "1"})
    made, *told = [(entry.act, entry.details) for entry in reversed(audit.newest(console, 9))]
    assert made == (Act.ACCOUNT_MADE, {"link_of": None})
    assert told == [(Act.SIGNED_IN, {"factor": "passkey"}), (Act.SIGN_IN_FAILED, {"factor": "password_and_code"})]
    assert audit.newest(console, 1)[0].account == 1


@pytest.mark.parametrize("told", ["Anna Berg", b"secret", 1.5, ["a"], {"a": 1}, object(), (1, "free")])
def test_nothing_that_could_be_typed_gets_into_the_log(console: Console, told: Any) -> None:
    """WEB-12, ASVS 16.2.5, 16.4.1: numbers, ids, times and closed words are all it takes."""
    for place in ({"subject": told}, {"details": {"of": told}}):
        with pytest.raises(TypeError):
            audit.write(console, Act.PERSON_ADD, **place)
    assert acts(console) == []


def test_what_was_typed_into_any_sign_in_never_reaches_the_log(stranger: Visitor, console: Console) -> None:
    """WEB-12, ASVS 16.4.1: no injection, no password."""
    mark = "canary\n2030-01-01 forged"
    stranger.post("/sign-in", {"name": mark, "password": mark, "code": mark})
    stranger.post("/sign-in/passkey", {"credential": mark})
    stranger.get(f"/welcome/{'canary' * 9}")
    assert acts(console) == ["account.sign_in_failed"] * 2
    assert "canary" not in "\n".join(console.store.connection.iterdump())


def test_no_row_is_changed_or_removed(console: Console) -> None:
    """WEB-12, ASVS 16.4.2."""
    audit.write(console, Act.RETENTION_RAN)
    for statement in ("UPDATE audit SET at = 0", "DELETE FROM audit", "INSERT OR REPLACE INTO audit SELECT * FROM audit"):
        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            console.store.run(statement)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(data=st.data())
def test_whatever_is_changed_behind_its_back_the_chain_breaks_there(console: Console, data: st.DataObject) -> None:
    """WEB-12: a row changed, taken out, put in or moved, in a copy whose guards were removed."""
    while len(acts(console)) < 8:
        audit.write(console, Act.DOOR_OPEN, account=1, role=Role.OPERATOR, subject=UUID(int=len(acts(console))))
    assert audit.checked(console) is None
    kept = console.store
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
        kept.connection.backup(copy)
        for trigger in ("no_audit_row_is_changed", "audit_rows_go_only_behind_the_cut"):
            copy.execute(f"DROP TRIGGER {trigger}")
        number = data.draw(st.integers(1, 8))
        change = data.draw(
            st.sampled_from(
                [
                    "UPDATE audit SET at = at + 1 WHERE number = ?",
                    "UPDATE audit SET account = 2 WHERE number = ?",
                    "UPDATE audit SET role = NULL WHERE number = ?",
                    "UPDATE audit SET act = 'door.rename' WHERE number = ?",
                    "UPDATE audit SET subject = NULL WHERE number = ?",
                    "UPDATE audit SET details = '{\"a\":1}' WHERE number = ?",
                    "UPDATE audit SET hash = zeroblob(32) WHERE number = ?",
                    "DELETE FROM audit WHERE number = ?",
                    "UPDATE audit SET number = number + 100 WHERE number = ?",
                ]
            )
        )
        copy.execute(change, (number,))
        console.store = type(kept)(copy)
        found = audit.checked(console)
        console.store = kept
        last_taken = "DELETE" in change and number == 8
        assert found == (None if last_taken else number)


def forged(console: Console, key: bytes) -> int | None:
    """Row 3 is changed, its hash made anew with this key and named by row 4: where the chain breaks then."""
    while len(acts(console)) < 5:
        audit.write(console, Act.DOOR_OPEN)
    console.store.connection.execute("DROP TRIGGER IF EXISTS no_audit_row_is_changed")
    console.store.run("UPDATE audit SET account = 99 WHERE number = 3")
    *row, previous, _ = console.store.row("SELECT * FROM audit WHERE number = 3")
    made = audit._hash(key, previous, tuple(row))
    console.store.run("UPDATE audit SET hash = ? WHERE number = 3", (made,))
    console.store.run("UPDATE audit SET previous = ? WHERE number = 4", (made,))
    return audit.checked(console)


def test_a_row_cannot_be_forged_without_the_consoles_secret_nor_alone_with_it(console: Console) -> None:
    """WEB-12: a signed local chain; every hash covers the one before."""
    assert forged(console, b"no secret") == 3
    assert forged(console, derived(console, audit.KEY)) == 4


def test_a_cut_keeps_a_checkpoint_and_the_rest_still_follows_from_it(console: Console, clockwork: Clockwork) -> None:
    for _ in range(5):
        audit.write(console, Act.DOOR_OPEN)
        clockwork.forward(100)
    assert audit.cut(console, clockwork.now() - timedelta(seconds=250)) == 3
    assert [entry.number for entry in audit.newest(console, 9)] == [5, 4]
    assert audit.checked(console) is None
    assert audit.write(console, Act.DOOR_OPEN) == 6
    clockwork.forward(10_000)
    assert audit.cut(console, clockwork.now()) == 3
    assert audit.write(console, Act.DOOR_OPEN) == 7
    assert audit.checked(console) is None
    with pytest.raises(sqlite3.IntegrityError):
        console.store.run("DELETE FROM audit WHERE number = 7")


def test_a_clock_that_was_set_back_loses_no_row_early(console: Console, clockwork: Clockwork) -> None:
    for step in (0, 1_000, -900, 1_000):
        clockwork.forward(step)
        audit.write(console, Act.DOOR_OPEN)
    assert audit.cut(console, clockwork.now() - timedelta(seconds=500)) == 1
    assert audit.checked(console) is None


# --- proving again ---------------------------------------------------------------------------------------------------


def test_a_grave_act_asks_once_more_after_five_minutes_and_goes_on_by_itself(
    member: Callable[..., Visitor], console: Console, clockwork: Clockwork
) -> None:
    """WEB-06, ASVS 7.5.3: a stale session is challenged; the form is carried along, not its secrets."""
    visitor = member(Role.OPERATOR)
    assert visitor.post("/try/door.open_once").status_code == 200
    clockwork.forward(301)
    assert visitor.post("/try/group.change").status_code == 200
    page = visitor.post("/try/door.open_once", {"to": "9", "note": 'a"<&', "password": "canary", "code": "canary"})
    assert page.status_code == 401
    assert count(console) == 2
    shown = page.get_data(as_text=True)
    assert "Opened a door once." in shown
    assert 'name="note" value="a&#34;&lt;&amp;"' in shown
    assert "canary" not in shown
    proof = {"to": "9", "repeat": "yes", "proof_credential": visitor.passkey.show(options_of(page))}  # type: ignore[attr-defined]  # set by signing in
    answer = visitor.post("/prove?next=/try/door.open_once", proof)
    assert (answer.status_code, answer.headers["Location"]) == (307, "/try/door.open_once")
    assert visitor.post("/try/door.open_once", {"to": "9"}).status_code == 200
    assert audit.newest(console, 2)[1].act is Act.PROVED_AGAIN
    assert audit.newest(console, 1)[0].details == {"to": 9}


def test_proving_needs_ones_own_passkey(member: Callable[..., Visitor], console: Console, clockwork: Clockwork) -> None:
    """WEB-06."""
    visitor, other = member(Role.OPERATOR), member(Role.AUDITOR, "Eve")
    clockwork.forward(301)
    asked = options_of(visitor.get("/prove"))
    for credential in (other.passkey.show(asked), "{}", ""):  # type: ignore[attr-defined]  # set by signing in
        assert visitor.post("/prove", {"proof_credential": credential}).status_code == 400
    assert visitor.post("/try/door.open_once").status_code == 401
    assert count(console) == 0


def test_proving_is_throttled_like_signing_in(member: Callable[..., Visitor], clockwork: Clockwork) -> None:
    """WEB-04: a session left open is no place to guess at."""
    visitor = member(Role.OPERATOR)
    clockwork.forward(301)
    said = [words(visitor.post("/prove", {"proof_password": "x", "proof_code": "1"})) for _ in range(6)]
    assert ["Too many" in one for one in said] == [False] * 5 + [True]


def test_a_proof_never_leads_to_another_site(member: Callable[..., Visitor]) -> None:
    visitor = member(Role.OPERATOR)
    proof = {"proof_credential": visitor.passkey.show(options_of(visitor.get("/prove")))}  # type: ignore[attr-defined]  # set by signing in
    assert visitor.post("/prove?next=//evil.example/", proof).headers["Location"] == "/"


# --- two persons -----------------------------------------------------------------------------------------------------


def test_one_person_alone_changes_no_budget(member: Callable[..., Visitor], console: Console) -> None:
    """WEB-16: one is not enough, not even twice, not even agreeing with themselves."""
    officer = member(Role.PRIVACY_OFFICER)
    for _ in range(3):
        assert officer.post("/try/setting.budget", {"to": "2000"}).status_code == 202
    assert count(console) == 0
    waiting = approvals.standing(console)
    assert len(waiting) == 1
    assert officer.post(f"/approvals/{waiting[0].id}", {"say": "agree"}).status_code == 400
    assert officer.post("/try/setting.budget", {"to": "2000"}).status_code == 202
    assert count(console) == 0


def test_what_a_second_person_agreed_to_is_done_once_and_exactly(member: Callable[..., Visitor], console: Console) -> None:
    """WEB-16: by whoever asked, with the same values, once."""
    officer, second = member(Role.PRIVACY_OFFICER), member(Role.PRIVACY_OFFICER, "Berta")
    officer.post("/try/setting.budget", {"to": "2000"})
    wanted = approvals.standing(console)[0]
    assert json.loads(wanted.details) == [7, {"to": 2000}]
    assert "2000" in words(second.get("/approvals"))
    assert second.post(f"/approvals/{wanted.id}", {"say": "agree"}).status_code == 303
    assert second.post(f"/approvals/{wanted.id}", {"say": "disagree"}).status_code == 404
    assert second.post("/try/setting.budget", {"to": "2000"}).status_code == 202
    assert officer.post("/try/setting.budget", {"to": "9000"}).status_code == 202
    assert officer.post("/try/setting.custody", {"to": "2000"}).status_code == 202
    assert count(console) == 0
    assert officer.post("/try/setting.budget", {"to": "2000"}).status_code == 200
    assert count(console) == 1
    assert officer.post("/try/setting.budget", {"to": "2000"}).status_code == 202


def test_what_a_second_person_disagreed_with_or_left_for_a_week_is_not_done(
    member: Callable[..., Visitor], console: Console, account_of: Callable[..., int], clockwork: Clockwork
) -> None:
    """WEB-16."""
    officer, other = member(Role.PRIVACY_OFFICER), account_of(Role.OPERATOR, "Otto")
    officer.post("/try/setting.budget", {"to": "1"})
    approvals.decide(console, approvals.standing(console)[0].id, other, False)
    assert officer.post("/try/setting.budget", {"to": "1"}).status_code == 202
    approvals.decide(console, approvals.standing(console)[-1].id, other, True)
    late = approvals.ask(console, Act.BUDGET_CHANGE, "x", accounts.one(console, 1))
    clockwork.forward(approvals.GOOD_S + 1)
    assert not approvals.use(console, Act.BUDGET_CHANGE, json.dumps([7, {"to": 1}]), 1)
    with pytest.raises(NotThere):
        approvals.decide(console, late, other, True)


def line_of(member: Callable[..., Visitor], console: Console, by: int, role: Role, name: str) -> tuple[Visitor, int]:
    """Somebody who was let in by a link of this account."""
    visitor = member(role, name)
    account = console.store.row("SELECT id FROM accounts WHERE name = ?", (name,))[0]
    console.store.run("INSERT INTO vouched VALUES (?, ?)", (account, by))
    return visitor, int(account)


def test_whoever_let_somebody_in_is_not_their_second_person_however_long_the_line(
    member: Callable[..., Visitor], console: Console
) -> None:
    """WEB-16: one operator with links to give away is still one person; somebody outside that line can agree."""
    eve, other = member(Role.OPERATOR, "Eve"), member(Role.OPERATOR, "Otto")
    answer = eve.post("/accounts/links", {"role": "operator"}).get_data(as_text=True)
    link, key, puppet = f"/welcome/{answer.split('/welcome/')[1].split('<')[0]}", Authenticator(), Visitor(eve.app)
    puppet.post(link, {"name": "Puppet", "way": "passkey", "credential": key.make(options_of(puppet.get(link)))})
    maker = console.store.row("SELECT id FROM accounts WHERE name = 'Puppet'")[0]
    officer, _ = line_of(member, console, maker, Role.PRIVACY_OFFICER, "Paula")
    officer.post("/try/setting.budget", {"to": "2000"})
    wanted = f"/approvals/{approvals.standing(console)[0].id}"
    for one in (eve, puppet):
        assert one.post(wanted, {"say": "agree"}).status_code == 400
        assert "One of you let the other in" in words(one.get("/approvals"))
    assert (approvals.waiting(console, maker), approvals.waiting(console, accounts.everyone(console)[1].id)) == (0, 1)
    assert other.post(wanted, {"say": "agree"}).status_code == 303


def test_whoever_renewed_somebodys_keys_is_in_their_line_and_nothing_takes_them_out(
    member: Callable[..., Visitor], console: Console
) -> None:
    """WEB-16 and WEB-12: the log names who made the link that was used, and a later link hides no earlier one."""
    eve, officer = member(Role.OPERATOR, "Eve"), member(Role.PRIVACY_OFFICER, "Paula")
    del eve, officer
    ids = {one.name: one.id for one in accounts.everyone(console)}
    third = accounts.accept(console, accounts.welcome(console, accounts.invite(console, Role.OPERATOR)), "Otto")
    for maker in (ids["Eve"], third, ids["Paula"]):
        link = accounts.invite(console, Role.AUDITOR, ids["Paula"], made_by=maker)
        accounts.accept(console, accounts.welcome(console, link), "")
        newest = audit.newest(console, 1)[0]
        assert (newest.act, newest.subject, newest.details) == (Act.ACCOUNT_RENEWED, str(ids["Paula"]), {"link_of": maker})
    assert approvals.line(console, ids["Eve"]) == {ids["Eve"], ids["Paula"]}
    assert approvals.line(console, ids["Paula"]) == {*ids.values(), third}


def test_a_link_ends_with_the_account_that_made_it(member: Callable[..., Visitor], console: Console) -> None:
    member(Role.OPERATOR, "Eve")
    member(Role.OPERATOR, "Otto")
    link = accounts.invite(console, Role.OPERATOR, made_by=1)
    accounts.disable(console, 1)
    with pytest.raises(NotThere):
        accounts.welcome(console, link)


def test_asking_and_deciding_are_written_down_with_the_act_and_no_number_is_used_twice(
    member: Callable[..., Visitor], console: Console
) -> None:
    """WEB-12 and WEB-16: a request that was used up or refused is still told of, and cannot be taken for another."""
    officer, second = member(Role.PRIVACY_OFFICER), member(Role.OPERATOR, "Otto")
    for number in (1, 2):
        for _ in range(2):
            officer.post("/try/setting.budget")
        second.post(f"/approvals/{number}", {"say": "agree"})
        officer.post("/try/setting.budget")
        decided, asked = audit.newest(console, 3)[1:]
        assert (asked.act, asked.subject, asked.details) == (Act.APPROVAL_ASK, str(number), {"asked": "setting.budget"})
        assert (decided.act, decided.subject) == (Act.APPROVAL_DECIDE, str(number))
        assert decided.details == {"asked": "setting.budget", "granted": True}


def test_the_table_itself_lets_nobody_agree_with_themselves(console: Console, account_of: Callable[..., int]) -> None:
    own = account_of(Role.PRIVACY_OFFICER)
    asked = approvals.ask(console, Act.BUDGET_CHANGE, "x", accounts.one(console, own))
    with pytest.raises(sqlite3.IntegrityError):
        console.store.run("UPDATE approvals SET decided_by = ?, granted = 1 WHERE id = ?", (own, asked))
