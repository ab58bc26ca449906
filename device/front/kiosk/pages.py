"""Owns the routes of the kiosk. Each page is drawn from the newest scene, each press is passed on to the door.

What never happens here: a decision about a person, a page without the gate before it, a value in a log line.
"""

import base64
import json
from dataclasses import fields
from datetime import datetime
from typing import Any, Final, Protocol

from flask import Flask, Response, abort, redirect, render_template, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from device.config import Site
from device.contract import screen
from device.contract.screen import Button, Scene
from device.contract.words import DIGITS_MOST, WHOLE_MOST, Digits, Hidden, Message, Part
from device.errors import WireError
from device.front import log
from device.front.kiosk import codes, notice, sentences
from device.front.kiosk.events import Streams
from device.front.kiosk.gate import COOKIE, START, Gate
from device.front.kiosk.offers import offered
from device.front.stage import Shown, Stage

FORM_MOST: Final = 2_048
"""Bytes of a press, an entry or an *I agree*."""
REFUSALS: Final = {
    400: "That is no press of this page.",
    403: "This screen belongs to the door. Open it with the link in the run folder's kiosk.url.",
    404: "There is nothing here.",
    405: "That is not how this page is used.",
    409: "The screen has moved on.",
    413: "That was too long.",
    500: "Something in me went wrong. Your badge and PIN open the door.",
}


class Door(Protocol):
    """The door, as the pages need it."""

    stage: Stage

    def send(self, message: Message) -> None:
        """Pass one press on. Raises: WireError when the door is away."""


def create_app(site: Site, door: Door, gate: Gate) -> Flask:
    """The kiosk's pages, before this door, behind this gate."""
    app = Flask(__name__)
    app.config.update(MAX_CONTENT_LENGTH=FORM_MOST, MAX_FORM_MEMORY_SIZE=FORM_MOST, MAX_FORM_PARTS=8)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(day=sentences.day, moment=sentences.moment, qr=codes.svg, blocks=notice.blocks)
    app.jinja_env.globals.update(say=sentences, site=site)
    app.before_request(gate.check)
    app.after_request(gate.seal)
    app.register_error_handler(Exception, _refused)
    _add_reading(app, door, gate)
    _add_keeping(app, door)
    _add_pressing(app, door)
    return app


def _add_reading(app: Flask, door: Door, gate: Gate) -> None:
    streams = Streams(door.stage)

    @app.get("/start/<secret>", endpoint=START)
    def start(secret: str) -> AnyResponse:
        cookie = gate.exchange(secret)
        if cookie is None:
            abort(403)
        streams.end_all()
        answer = redirect("/", 303)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="Strict")
        return answer

    @app.get("/")
    def shell() -> str:
        shown = door.stage.now()
        return render_template("shell.html", page=_page(shown.scene), **_told(shown, door.stage, gate), camera=shown.camera)

    @app.get("/scene")
    def scene() -> str:
        shown = door.stage.now()
        return render_template(_page(shown.scene), **_told(shown, door.stage, gate))

    @app.get("/scene.json")
    def scene_json() -> dict[str, Any]:
        shown = door.stage.now()
        return {**_plain(shown), "camera_on": shown.camera, "token": gate.token()}

    @app.get("/events")
    def events() -> Response:
        return Response(streams.open(), mimetype="text/event-stream")


def _add_keeping(app: Flask, door: Door) -> None:
    @app.get("/badge.png")
    def badge_png() -> Response:
        now = door.stage.now().scene
        if not isinstance(now, screen.Issued):
            abort(404)
        return _file(codes.png(now.badge), "image/png", "badge.png")

    @app.get("/receipt.png")
    def receipt_png() -> Response:
        return _file(codes.png(_receipt(door.stage.now().scene)), "image/png", "receipt.png")

    @app.get("/receipt.json")
    def receipt_json() -> Response:
        return _file(_readable(_receipt(door.stage.now().scene)), "application/json", "receipt.json")


def _add_pressing(app: Flask, door: Door) -> None:
    @app.post("/press")
    def press() -> AnyResponse:
        now = _current(door.stage)
        button = request.form.get("button", "")
        if button not in offered(now.scene):
            abort(400)
        return _send(door, screen.Press(scene=now.serial, button=Button(button)))

    @app.post("/enter")
    def enter() -> AnyResponse:
        now = _current(door.stage)
        digits = request.form.get("digits", "")
        wanted = isinstance(now.scene, screen.Keypad | screen.CodePad)
        if not wanted or not (0 < len(digits) <= DIGITS_MOST and digits.isascii() and digits.isdigit()):
            abort(400)
        return _send(door, screen.Enter(scene=now.serial, digits=Digits(digits)))

    @app.post("/agree")
    def agree() -> AnyResponse:
        now = _current(door.stage)
        # Not ticked is not agreed (CON-02); the version is the one the person had before them.
        if not isinstance(now.scene, screen.Notice) or request.form.get("ticked") != "yes":
            abort(400)
        if _whole("version") != now.scene.version:
            abort(409)
        return _send(door, screen.Agree(scene=now.serial, version=now.scene.version, ticked=True))


def _current(stage: Stage) -> Shown:
    """What is shown, if the press was made on it."""
    now = stage.now()
    if _whole("scene") != now.serial:
        abort(409)
    return now


def _whole(name: str) -> int:
    told = request.form.get(name, "")
    if not (told.isascii() and told.removeprefix("-").isdigit() and len(told) <= len(str(WHOLE_MOST))):
        abort(400)
    return int(told)


def _send(door: Door, message: Message) -> AnyResponse:
    try:
        door.send(message)
    except WireError:
        abort(409)
    return Response(status=204)


def _page(scene: Scene) -> str:
    return f"{type(scene).__name__.lower()}.html"


def _told(shown: Shown, stage: Stage, gate: Gate) -> dict[str, Any]:
    age_s = stage.age_s(shown)
    return {
        "scene": shown.scene,
        "name": type(shown.scene).__name__,
        "token": gate.token(),
        "offered": offered(shown.scene),
        "left": lambda seconds: max(0, round(seconds - age_s)),
    }


def _plain(shown: Shown) -> dict[str, Any]:
    """What may be told of a scene in JSON: all of it, but of a hidden one the number and the buttons only."""
    scene = shown.scene
    told: dict[str, Any] = {"scene": shown.serial, "name": type(scene).__name__, "buttons": [str(b) for b in offered(scene)]}
    if isinstance(scene, Hidden):
        return told
    more = {f.name: getattr(scene, f.name) for f in fields(scene)}  # type: ignore[arg-type]  # scenes are dataclasses
    return {**{name: _in_json(value) for name, value in more.items()}, **told}


def _in_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, tuple):
        return [_in_json(one) for one in value]
    if isinstance(value, Part):
        return {f.name: _in_json(getattr(value, f.name)) for f in fields(value)}  # type: ignore[arg-type]  # parts are dataclasses
    return value


def _receipt(scene: Scene) -> bytes:
    if not isinstance(scene, screen.Kept | screen.Gone):
        abort(404)
    return scene.receipt


def _readable(receipt: bytes) -> bytes:
    """The receipt as the door signed it, if that is JSON; else its bytes in base64 within some."""
    try:
        json.loads(receipt)
    except ValueError:
        return json.dumps({"receipt": base64.b64encode(receipt).decode()}).encode()
    return receipt


def _file(content: bytes, kind: str, name: str) -> Response:
    return Response(content, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="byleave-{name}"'})


def _refused(error: Exception) -> AnyResponse:
    code = error.code or 500 if isinstance(error, HTTPException) else 500
    if code == 500:
        log.unexpected(error)
    return Response(REFUSALS.get(code, REFUSALS[400]) + "\n", status=code, mimetype="text/plain")
