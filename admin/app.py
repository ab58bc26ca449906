"""Owns the console's web application: which views are open, who may see the others, and what a fault looks like.

Every view is shut unless `OPEN_VIEWS` names it or `acting.allowed` marks it. What never happens here: a page of its own
beyond faults; a traceback, a value or a name in an error or a log.
"""

import pkgutil
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.local import LocalProxy
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from admin import acting, approvals, headers, sessions, times, views
from admin.console import EXTENSION, Console, console
from admin.errors import BadInput, Busy, ConsoleError, NotAllowed, NotThere, ProveAgain, TwoPersons
from admin.keys import derived
from admin.link import endpoint
from admin.throttle import Throttle
from admin.views.account import ask_for_proof
from admin.views.sign_in import THROTTLE, TOKEN
from device.errors import ByleaveError

COOKIE: Final = "__Host-byleave"
FORM_MOST: Final = 2 * 1024 * 1024
"""Bytes; a file of 20,000 people fits."""
NUMBER_MOST: Final = 2**31 - 1
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})

OPEN_VIEWS: Final = frozenset(
    {
        "static",
        "sign_in.page",
        "sign_in.with_password",
        "sign_in.with_passkey",
        "sign_in.welcome",
        "sign_in.welcomed",
        "link.up",
        "link.down",
        "link.pair",
        "link.reveal",
        "link.result",
    }
)
"""All that a stranger may ask for; `link.*` checks signatures or tickets instead of a session."""

NAVIGATION: Final = (
    ("overview.index", "Overview", "overview"),
    ("people.index", "People", "people"),
    ("visitors.index", "Visitors", "visitor"),
    ("doors.index", "Doors", "door"),
    ("hours.index", "Hours", "hours"),
    ("notices.index", "Notices", "notice"),
    ("incidents.index", "Incidents", "incident"),
    ("audit.index", "Audit", "audit"),
    ("settings.index", "Settings", "settings"),
    ("accounts.index", "Accounts", "account"),
)
"""The one column: view, word, drawing. A view that a role may not see is not drawn for it."""

SENTENCES: Final = {
    400: "That is nothing this page understands.",
    401: "Sign in first.",
    403: "Your role may not see this.",
    404: "There is nothing here.",
    405: "That is not how this page is used.",
    413: "That was too large.",
    415: "That is nothing this page understands.",
    500: "Something in the console went wrong. Nothing was changed.",
}


def create_app(office: Console) -> Flask:
    """The application of this console."""
    app = Flask("admin")
    app.config.update(
        SECRET_KEY=derived(office, b"cookies"),
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_PATH="/",
        MAX_CONTENT_LENGTH=FORM_MOST,
        MAX_FORM_MEMORY_SIZE=FORM_MOST,
        MAX_FORM_PARTS=2_000,
        WTF_CSRF_TIME_LIMIT=None,  # a token is bound to its session, which ends by itself
        SEND_FILE_MAX_AGE_DEFAULT=None,
        TRUSTED_HOSTS=[office.config.name, office.config.host, "localhost", "127.0.0.1", "[::1]"],
    )
    app.extensions[EXTENSION] = office
    app.extensions[THROTTLE] = Throttle(lambda: office.clock.now().timestamp())
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.url_map.converters["int"] = _Whole
    _add_words(app, office)
    app.before_request(_identify)
    guard = CSRFProtect(app)
    app.before_request(_admit)
    app.after_request(headers.sealing(trusted_certificate=office.config.certificate is not None))
    app.register_error_handler(Exception, _refused)
    for blueprint in _blueprints():
        app.register_blueprint(blueprint)
        if blueprint.name == "link":
            guard.exempt(blueprint)
    return app


class _Whole(IntegerConverter):
    """A number in an address: none that the database could not hold."""

    def __init__(
        self,
        map: Map,  # noqa: A002  (werkzeug's words)
        fixed_digits: int = 0,
        min: int | None = None,  # noqa: A002  # werkzeug's own word
        max: int | None = None,  # noqa: A002  # werkzeug's own word
        signed: bool = False,
    ) -> None:
        super().__init__(map, fixed_digits, min, NUMBER_MOST if max is None else max, signed)


def _blueprints() -> list[Any]:
    found = [import_module(f"admin.views.{module.name}").bp for module in pkgutil.iter_modules(views.__path__)]
    return [*found, endpoint.bp]


def _add_words(app: Flask, office: Console) -> None:
    zone = ZoneInfo(office.config.zone)

    def day(seconds: int | None) -> str:
        return "" if seconds is None else datetime.fromtimestamp(seconds, zone).strftime("%-d %B %Y")

    def moment(seconds: int | None) -> str:
        return "" if seconds is None else datetime.fromtimestamp(seconds, zone).strftime("%-d %B %Y, %H:%M")

    def iso(seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).isoformat()

    app.jinja_env.filters.update(day=day, moment=moment, iso=iso, words=lambda told: str(told).replace("_", " "))
    app.jinja_env.filters.update(day_on=lambda days: "" if days is None else f"{times.day(days):%-d %B %Y}")
    app.jinja_env.globals.update(office=office.config.office, navigation=NAVIGATION)
    # Globals, so that imported macros see them too.
    app.jinja_env.globals.update(wrong=LocalProxy(lambda: g.get("wrong")), filled=LocalProxy(lambda: g.get("filled")))

    @app.context_processor
    def _about() -> dict[str, Any]:
        found: sessions.Session | None = g.get("byleave_session")
        return {
            "account": found.account if found else None,
            "may_see": may_see,
            "asked_of_me": approvals.waiting(office, found.account.id) if may_see("accounts.standing") and found else 0,
            "now_s": int(office.clock.now().timestamp()),
        }

    def may_see(endpoint: str) -> bool:
        """Whether whoever is signed in may open this page; a page that is not built is nobody's."""
        found: sessions.Session | None = g.get("byleave_session")
        return found is not None and found.account.role in acting.roles_of(app.view_functions.get(endpoint))


def _identify() -> None:
    g.byleave_session = None
    if request.endpoint == "static" or request.blueprint == "link":
        return
    token = session.get(TOKEN)
    if isinstance(token, str):
        g.byleave_session = sessions.find(console(), token)
        if g.byleave_session is None:
            session.clear()


def _admit() -> Response | None:
    """Deny by default."""
    # A browser says where a request comes from; what other sites send changes nothing here, token or not (WEB-09).
    if request.method not in SAFE and request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return _page(403, "This came from another site, so nothing was done.")
    if request.endpoint is None or request.endpoint in OPEN_VIEWS:
        return None
    if g.byleave_session is None:
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("sign_in.page", next=back if back != "/" else None), 303)
    if acting.me().role not in acting.roles_of(current_app.view_functions[request.endpoint]):
        acting.denied()
        return _page(403, SENTENCES[403])
    return None


def _refused(fault: Exception) -> Any:
    if isinstance(fault, CSRFError):
        return _page(400, "This form is too old. Open the page again and repeat it; nothing was changed.")
    if isinstance(fault, HTTPException):
        code = fault.code or 500
        if code < 400:
            return fault
        return _page(code, SENTENCES.get(code, SENTENCES[400]))
    if isinstance(fault, BadInput):
        return _refill(fault)
    if isinstance(fault, ProveAgain):
        return ask_for_proof(fault)
    codes = {NotAllowed: 403, NotThere: 404, TwoPersons: 202, Busy: 503, ConsoleError: 409}
    code = next((code for kind, code in codes.items() if isinstance(fault, kind)), 500)
    if isinstance(fault, ByleaveError) and code != 500:
        return _page(code, fault.sentence)
    # The kind of a fault and its place in the program; never its words, which may hold a person's data.
    line = fault.__traceback__
    while line is not None and line.tb_next is not None:
        line = line.tb_next
    where = f"{line.tb_frame.f_code.co_name}:{line.tb_lineno}" if line else "?"
    sys.stderr.write(f"byleave console: unexpected {type(fault).__name__} in {where}\n")
    return _page(500, SENTENCES[500])


def _refill(fault: BadInput) -> Any:
    """The page of the form again, as it was filled in, with the sentence at its field."""
    try:
        endpoint, values = current_app.create_url_adapter(request).match(request.path, method="GET")  # type: ignore[union-attr]  # within a request
    except (NotFound, MethodNotAllowed):
        endpoint, values = None, {}
    if request.method != "POST" or endpoint is None or endpoint == request.endpoint:
        return _page(400, fault.sentence)
    g.wrong, g.filled = fault, request.form
    try:
        page = current_app.ensure_sync(current_app.view_functions[endpoint])(**values)
    except ByleaveError:
        return _page(400, fault.sentence)
    return current_app.make_response((page, 400)) if isinstance(page, str) else _page(400, fault.sentence)


def _page(code: int, sentence: str) -> Response:
    if request.blueprint == "link":
        return Response(status=code)
    try:
        return make_response(render_template("fault.html", sentence=sentence, code=code), code)
    except Exception:  # noqa: BLE001  (the last resort: a page that cannot be drawn is said in plain words, WEB-13)
        return Response(sentence + "\n", status=code, mimetype="text/plain")
