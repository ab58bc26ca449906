"""Who may ask, what a press must bring, and the headers of every answer."""

from typing import Any

import pytest

from device.contract import screen
from device.contract.screen import Button, Purpose
from device.front.kiosk.gate import COOKIE
from device.front.stage import AWAY
from tests.front import plays
from tests.front.plays import HOME, PORT, SECRET, Kiosk, one

GETS = ("/", "/scene", "/scene.json", "/events", "/badge.png", "/receipt.png", "/receipt.json", "/static/kiosk.css", "/nowhere")
POSTS = ("/press", "/enter", "/agree")


def test_the_routes_tried_here_are_all_there_are(kiosk: Kiosk) -> None:
    rules = {str(rule) for rule in kiosk.app.url_map.iter_rules()}
    assert rules == {*GETS[:-2], *POSTS, "/static/<path:filename>", "/start/<secret>"}


@pytest.mark.parametrize("path", GETS)
def test_without_the_cookie_nothing_is_shown(kiosk: Kiosk, path: str) -> None:
    answer = kiosk.new_browser().get(path, base_url=HOME)
    assert answer.status_code == 403
    assert answer.text == "This screen belongs to the door. Open it with the link in the run folder's kiosk.url.\n"


@pytest.mark.parametrize("path", POSTS)
def test_without_the_cookie_nothing_is_pressed_even_with_the_token(kiosk: Kiosk, path: str) -> None:
    kiosk.stage.show(one(screen.Idle))
    told = {"scene": "7", "button": "use_face", "token": kiosk.token()}
    assert kiosk.new_browser().post(path, base_url=HOME, data=told).status_code == 403
    assert kiosk.sent == []


@pytest.mark.parametrize("cookie", ["", "x", "x.y", ".", "é.é", "0" * 32 + "." + "0" * 64])
def test_a_made_up_cookie_opens_nothing(kiosk: Kiosk, cookie: str) -> None:
    browser = kiosk.new_browser()
    browser.set_cookie(COOKIE, cookie, domain="127.0.0.1")
    assert browser.get("/", base_url=HOME).status_code == 403


@pytest.mark.parametrize("secret", ["x", SECRET[:-1], SECRET + "x", "é", SECRET.upper()])
def test_a_wrong_secret_starts_nothing_and_ends_nothing(kiosk: Kiosk, secret: str) -> None:
    answer = kiosk.new_browser().get(f"/start/{secret}", base_url=HOME)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert kiosk.get("/").status_code == 200


def test_the_secret_is_exchanged_for_a_cookie_and_is_then_in_no_address(kiosk: Kiosk) -> None:
    answer = kiosk.start(kiosk.new_browser())
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert SECRET not in cookie
    assert SECRET not in kiosk.get("/").text


def test_there_is_one_session_and_the_newest_ends_the_one_before(kiosk: Kiosk) -> None:
    other = kiosk.new_browser()
    kiosk.start(other)
    assert kiosk.get("/").status_code == 403
    assert other.get("/", base_url=HOME).status_code == 200


def test_a_screen_finds_its_way_back_after_a_crash_of_the_front() -> None:
    """Each process restarts alone: a new gate with the same secret knows the cookie of the old one."""
    kiosk = Kiosk()
    cookie = kiosk.browser.get_cookie(COOKIE, domain="127.0.0.1")
    assert cookie is not None
    restarted = kiosk.new_app().test_client()
    restarted.set_cookie(COOKIE, cookie.value, domain="127.0.0.1")
    assert restarted.get("/", base_url=HOME).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}", f"[::1]:{PORT}"])
@pytest.mark.parametrize("path", ["/", "/scene", f"/start/{SECRET}"])
def test_a_foreign_host_is_refused_so_that_names_cannot_be_rebound(kiosk: Kiosk, host: str, path: str) -> None:
    assert kiosk.get(path, headers={"Host": host}).status_code == 403


FOREIGN: tuple[dict[str, str], ...] = (
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": f"https://127.0.0.1:{PORT}"},
    {"Origin": f"http://127.0.0.1:{PORT + 1}"},
    {"Origin": f"http://localhost:{PORT}"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
)


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_press_from_another_page_is_refused(kiosk: Kiosk, headers: dict[str, str]) -> None:
    kiosk.stage.show(one(screen.Idle))
    assert kiosk.post("/press", headers=headers, button="use_face").status_code == 403
    assert kiosk.sent == []


@pytest.mark.parametrize("headers", FOREIGN[:-1], ids=str)
def test_a_page_cannot_be_read_from_another_page(kiosk: Kiosk, headers: dict[str, str]) -> None:
    assert kiosk.get("/scene", headers=headers).status_code == 403


def test_a_press_from_this_page_reaches_the_door(kiosk: Kiosk) -> None:
    kiosk.stage.show(one(screen.Idle, scene=4))
    headers = {"Origin": HOME, "Sec-Fetch-Site": "same-origin"}
    assert kiosk.post("/press", headers=headers, button="use_face").status_code == 204
    assert kiosk.sent == [screen.Press(scene=4, button=Button.USE_FACE)]


@pytest.mark.parametrize("token", ["", "x", "é", "0" * 64])
def test_a_press_without_this_session_s_token_is_refused(kiosk: Kiosk, token: str) -> None:
    kiosk.stage.show(one(screen.Idle))
    assert kiosk.press("pin", token=token).status_code == 403
    assert kiosk.sent == []


@pytest.mark.parametrize("path", POSTS)
def test_nothing_changes_by_get(kiosk: Kiosk, path: str) -> None:
    kiosk.stage.show(one(screen.Idle))
    told = {"scene": "7", "button": "pin", "token": kiosk.token(), "digits": "1", "ticked": "yes", "version": "3"}
    assert kiosk.get(path, query_string=told).status_code == 405
    assert kiosk.sent == []


def test_a_press_on_an_older_scene_is_stale(kiosk: Kiosk) -> None:
    kiosk.stage.show(one(screen.Idle, scene=7))
    kiosk.stage.show(one(screen.Idle, scene=8))
    assert kiosk.press("pin", scene="7").status_code == 409
    assert kiosk.press("pin", scene="9").status_code == 409
    assert kiosk.sent == []
    assert kiosk.press("pin", scene="8").status_code == 204


def test_only_what_the_page_offers_can_be_pressed(kiosk: Kiosk) -> None:
    for scene in plays.every_scene():
        kiosk.stage.show(scene)
        kiosk.sent.clear()
        shown = (kiosk.get("/scene.json").json or {})["buttons"]
        for button in Button:
            assert kiosk.press(button).status_code == (204 if button in shown else 400)
        assert [m.button for m in kiosk.sent if isinstance(m, screen.Press)] == [b for b in Button if b in shown]


RUBBISH = ("", "12a4", "<script>1</script>", "1' OR '1'='1", "١٢٣", "1" * 13, " 12", "-1", "1.5", "\x00", "１２")  # noqa: RUF001  (digits of other scripts, on purpose)


@pytest.mark.parametrize("digits", RUBBISH)
def test_what_is_no_digits_is_refused_before_the_door(kiosk: Kiosk, digits: str) -> None:
    kiosk.stage.show(one(screen.Keypad))
    answer = kiosk.post("/enter", digits=digits)
    assert answer.status_code == 400
    assert kiosk.sent == []
    assert len(digits) < 3 or digits not in answer.text


@pytest.mark.parametrize("number", ["", "x", "7.0", "7 ", "１", "9" * 40, "<b>"])  # noqa: RUF001  (a digit of another script, on purpose)
def test_a_serial_number_that_is_none_is_refused(kiosk: Kiosk, number: str) -> None:
    kiosk.stage.show(one(screen.Keypad))
    assert kiosk.post("/enter", digits="1234", scene=number).status_code == 400
    assert kiosk.sent == []


def test_digits_are_passed_on_from_the_two_pads_only(kiosk: Kiosk) -> None:
    for scene in plays.every_scene():
        kiosk.stage.show(scene)
        pad = isinstance(scene, screen.Keypad | screen.CodePad)
        assert kiosk.post("/enter", digits="482913").status_code == (204 if pad else 400)
    assert {type(m) for m in kiosk.sent} == {screen.Enter}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"version": "3", "ticked": "yes"}, 204),
        ({"version": "3"}, 400),
        ({"version": "3", "ticked": "no"}, 400),
        ({"version": "2", "ticked": "yes"}, 409),
        ({"version": "", "ticked": "yes"}, 400),
        ({"version": "3", "ticked": "yes", "scene": "6"}, 409),
    ],
    ids=str,
)
def test_agreeing_takes_the_tick_and_the_version_on_screen(kiosk: Kiosk, told: dict[str, Any], status: int) -> None:
    """CON-02, CON-04."""
    kiosk.stage.show(one(screen.Notice, version=3))
    assert kiosk.post("/agree", **told).status_code == status
    assert kiosk.sent == ([screen.Agree(scene=plays.SERIAL, version=3, ticked=True)] if status == 204 else [])


def test_nobody_agrees_on_a_page_without_a_notice(kiosk: Kiosk) -> None:
    for scene in plays.every_scene():
        if not isinstance(scene, screen.Notice):
            kiosk.stage.show(scene)
            assert kiosk.post("/agree", version="3", ticked="yes").status_code == 400
    assert kiosk.sent == []


def test_a_press_while_the_door_is_away_counts_nowhere(kiosk: Kiosk) -> None:
    kiosk.stage.show(one(screen.Idle))
    kiosk.gone = True
    assert kiosk.press("pin").status_code == 409
    kiosk.stage.away()
    assert kiosk.stage.now().serial == AWAY
    assert kiosk.press("pin").status_code == 400


def test_a_long_body_is_refused(kiosk: Kiosk) -> None:
    kiosk.stage.show(screen.Keypad(scene=1, purpose=Purpose.OPEN, wrong=False, wait_s=0))
    assert kiosk.post("/enter", digits="1" * 5000).status_code == 413
    assert kiosk.sent == []


def test_every_answer_is_sealed(kiosk: Kiosk) -> None:
    """Refusals too; and the policy has no way for inline code or another host."""
    kiosk.stage.show(one(screen.Issued))
    answers = [kiosk.get(path) for path in GETS if path != "/events"]
    answers += [kiosk.post(path) for path in POSTS]
    answers += [kiosk.new_browser().get("/", base_url=HOME), kiosk.start(kiosk.new_browser())]
    assert {a.status_code for a in answers} == {200, 303, 400, 403, 404}
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_unforeseen_error_is_a_short_page_and_a_line_with_its_place(
    kiosk: Kiosk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_message: object) -> None:
        raise RuntimeError(plays.PIN)

    kiosk.stage.show(one(screen.Idle))
    monkeypatch.setattr(kiosk, "send", breaks)
    answer = kiosk.press("pin")
    assert answer.status_code == 500
    assert answer.text == "Something in me went wrong. Your badge and PIN open the door.\n"
    told = capsys.readouterr()
    assert plays.PIN not in told.out + told.err
    assert '"code": "unexpected", "at": "test_gate.py:' in told.err
