"""Owns the demo's stage: the folder that says who stands before the simulated camera, and the page that lets one choose.

It belongs to the simulation, not to the door: a real device has neither the folder nor the page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flask import Flask, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from device.cli.visitor import read_qr

PEOPLE: Final = {
    "nobody": ("Nobody", "an empty doorway"),
    "grace": ("Grace Hopper", "Rear Admiral, US Navy"),
    "eileen": ("Eileen Collins", "astronaut, NASA"),
    "both": ("Both", "two people side by side"),
    "badge": ("A badge", "held up to the camera"),
    "darkness": ("Darkness", "a hand over the lens"),
}
PICTURE_MOST: Final = 4_000_000
"""Bytes of a badge picture."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The folder the portrait camera looks at."""

    folder: Path

    def make(self) -> None:
        """An empty stage."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.put("nobody")

    def put(self, who: str) -> None:
        """Let this one step before the camera."""
        self._write("who", who.encode())

    def hold_up(self, badge: bytes) -> None:
        """Let a hand hold this badge before the camera."""
        self._write("badge", badge)
        self.put("badge")

    def who(self) -> str:
        """Who stands there."""
        return (self.folder / "who").read_text()

    def has_badge(self) -> bool:
        """Whether there is a badge to hold up."""
        return (self.folder / "badge").exists()

    def _write(self, name: str, content: bytes) -> None:
        # A rename is seen whole or not at all by the camera that reads along.
        fresh = self.folder / f"{name}.new"
        fresh.write_bytes(content)
        fresh.rename(self.folder / name)


def create_app(stage: Stage, kiosk_url: Callable[[], str], host: str) -> Flask:
    """The page beside the kiosk, for a browser that asks for it by this host and port: who stands before the camera."""
    app = Flask(__name__, template_folder="pages", static_folder="pages")
    app.config["MAX_CONTENT_LENGTH"] = PICTURE_MOST

    @app.after_request
    def seal(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        )
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @app.before_request
    def only_this_page() -> None:
        # Another name for this address is another site's trick.
        if request.host != host or (request.method == "POST" and request.headers.get("Origin") != f"http://{host}"):
            abort(403)

    @app.get("/")
    def page() -> str:
        return render_template(
            "stage.html", people=PEOPLE, who=stage.who(), has_badge=stage.has_badge(), kiosk=kiosk_url(), no_badge=False
        )

    @app.post("/who")
    def who() -> AnyResponse:
        chosen = request.form.get("who", "")
        if chosen not in PEOPLE or (chosen == "badge" and not stage.has_badge()):
            abort(400)
        stage.put(chosen)
        return redirect("/", 303)

    @app.post("/badge")
    def badge() -> AnyResponse | tuple[str, int]:
        picture = request.files.get("picture")
        try:
            payload = read_qr(picture.read()) if picture else None
        except OSError:
            payload = None
        if payload is None:
            told = render_template(
                "stage.html", people=PEOPLE, who=stage.who(), has_badge=stage.has_badge(), kiosk=kiosk_url(), no_badge=True
            )
            return told, 400
        stage.hold_up(payload)
        return redirect("/", 303)

    return app
