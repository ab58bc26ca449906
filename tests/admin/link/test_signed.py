"""Who may speak for a door: its own link, this very request, once."""

from base64 import b64encode
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin import doors
from admin.console import Console
from device.contract.console import Hourly, many
from tests.admin.link.dialling import Dialler, minute

UP = "/link/up"


def hourly(office: Console, number: int, openings: int = 7) -> Hourly:
    return Hourly(number=number, hour=office.clock.now() - timedelta(hours=number), openings=openings)


def counted(office: Console) -> int:
    return int(office.store.row("SELECT count(*) FROM hourly")[0])


def test_what_a_paired_link_signed_is_stored_and_answered(office: Console, paired: Callable[..., Dialler]) -> None:
    assert paired().up(hourly(office, 1), hourly(office, 2)) == 2
    assert counted(office) == 2


def test_a_request_that_is_played_again_is_refused_and_changes_nothing(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    body = many([hourly(office, 1, openings=5)])
    headers = door.signed("POST", UP, body)
    assert door.send("POST", UP, body, headers)[0] == 200
    office.store.run("DELETE FROM hourly")
    assert door.send("POST", UP, body, headers) == (401, b"")
    assert counted(office) == 0


def test_an_older_number_is_refused_and_each_lane_counts_for_itself(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    late = door.signed("POST", UP, b"", number=8)
    assert door.send("POST", UP, b"", door.signed("POST", UP, b"", number=9))[0] == 200
    assert door.send("POST", UP, b"", late)[0] == 401
    assert door.send("POST", UP, b"", door.signed("POST", UP, b"", number=10))[0] == 200
    stream = door.listen()
    stream.until(lambda listening: listening.came)
    assert stream.status == 200
    stream.close()
    assert office.store.row("SELECT up, down FROM doors") == (10, 1)


@pytest.mark.parametrize("change", ["body", "path", "number", "door", "key", "nothing signed", "method"])
def test_a_signature_is_good_for_one_request_of_one_door(office: Console, paired: Callable[..., Dialler], change: str) -> None:
    door, other = paired(), paired("Back door", slot=1)
    body = many([hourly(office, 1)])
    headers, sent = door.signed("POST", UP, body, number=5), body
    if change == "body":
        sent = many([hourly(office, 1, openings=8)])
    elif change == "path":
        headers = door.signed("POST", "/link/down", body, number=5)
    elif change == "number":
        headers["Byleave-Number"] = "6"
    elif change == "door":
        headers["Byleave-Door"] = other.door.hex
    elif change == "key":
        door.key = Ed25519PrivateKey.generate()
        headers = door.signed("POST", UP, body, number=5)
    elif change == "nothing signed":
        del headers["Byleave-Signature"]
    else:
        headers = door.signed("GET", UP, body, number=5)
    assert door.send("POST", UP, sent, headers) == (401, b"")
    assert counted(office) == 0
    assert office.store.rows("SELECT DISTINCT up FROM doors") == [(0,)]


def test_the_policy_number_of_a_stream_is_signed_too(paired: Callable[..., Dialler]) -> None:
    door = paired()
    headers = door.signed("GET", "/link/down?policy=0")
    assert door.send("GET", "/link/down?policy=7", b"", headers)[0] == 401


def test_a_door_that_is_not_paired_or_not_there_is_refused(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    office.store.run("UPDATE doors SET link = NULL")
    assert door.send("POST", UP, b"", door.signed("POST", UP))[0] == 401
    office.store.run("DELETE FROM doors")
    assert door.send("POST", UP, b"", door.signed("POST", UP))[0] == 401


def test_a_retired_door_is_told_so_and_nobody_else_is(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    doors.retire(office, door.door, office.clock.now())
    body = many([hourly(office, 1)])
    assert door.send("POST", UP, body, door.signed("POST", UP, body)) == (410, b"")
    assert counted(office) == 0
    door.key = Ed25519PrivateKey.generate()
    assert door.send("POST", UP, body, door.signed("POST", UP, body))[0] == 401


@pytest.mark.parametrize(
    "query", ["", "?policy=", "?policy=-1", "?policy=x", "?policy=99999999999999999", "?policy=9007199254740992"]
)
def test_a_stream_from_no_possible_number_is_refused(paired: Callable[..., Dialler], query: str) -> None:
    door = paired()
    path = f"/link/down{query}"
    assert door.send("GET", path, b"", door.signed("GET", path)) == (400, b"")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_garbage_is_refused_whole_and_its_number_is_spent(
    office: Console, paired: Callable[..., Dialler], data: st.DataObject
) -> None:
    """Of a request that is malformed anywhere, nothing is kept."""
    office.store.run("DELETE FROM hourly")
    office.store.run("DELETE FROM doors")
    door = paired()
    whole = many([hourly(office, 1), minute(office)])
    at = data.draw(st.integers(0, len(whole) - 1))
    broken = data.draw(
        st.one_of(
            st.binary(min_size=1, max_size=400),
            st.just(whole[: at or 1]),
            st.binary(min_size=1, max_size=3).map(lambda more: whole + more),
        )
    )
    status, answer = door.send("POST", UP, broken, door.signed("POST", UP, broken, number=3))
    assert (status, answer) == (400, b"") or broken == many([hourly(office, 1)])
    if status == 400:
        assert counted(office) == 0
        assert office.store.row("SELECT up, minute_at FROM doors") == (3, None)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    door=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=40),
    number=st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=20),
    signature=st.one_of(st.binary(max_size=70).map(lambda raw: b64encode(raw).decode()), st.just("x" * 88)),
    path=st.sampled_from([UP, "/link/down?policy=0", "/link/pair", "/link/pair/reveal", "/link/pair/result"]),
    body=st.binary(max_size=200),
)
def test_whatever_a_stranger_sends_gets_a_number_and_no_word(
    paired: Callable[..., Dialler], office: Console, door: str, number: str, signature: str, path: str, body: bytes
) -> None:
    """WEB-13: no 5xx, no traceback, nothing that says why."""
    office.store.run("DELETE FROM doors")
    dialler = paired()
    headers = {"Byleave-Door": door, "Byleave-Number": number, "Byleave-Signature": signature}
    method = "GET" if "down" in path else "POST"
    status, answer = dialler.send(method, path, body, headers)
    assert status in {400, 401}
    assert answer == b""


def test_a_body_without_end_is_refused(office: Console, paired: Callable[..., Dialler]) -> None:
    door = paired()
    body = bytes(600 * 1024)
    assert door.send("POST", UP, body, door.signed("POST", UP, body))[0] == 400
    assert office.store.row("SELECT up FROM doors") == (0,)


def test_what_is_acknowledged_is_on_the_disk_and_a_mere_minute_waits_for_none(
    office: Console, paired: Callable[..., Dialler]
) -> None:
    """A thousand doors tell their minute in the same second."""
    door = paired()
    said: list[str] = []
    office.store.connection.set_trace_callback(said.append)
    door.up(minute(office))
    assert "PRAGMA synchronous = NORMAL" in said
    assert office.store.row("PRAGMA synchronous") == (2,)
    said.clear()
    door.up(minute(office), hourly(office, 1))
    office.store.connection.set_trace_callback(None)
    assert not any("synchronous" in statement for statement in said)
    assert any(statement == "COMMIT" for statement in said)
