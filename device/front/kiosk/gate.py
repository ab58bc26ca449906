"""Owns who may ask: the start-up secret, one session at a time, Host, Origin and token; and the headers of every answer.

The link in `kiosk.url` is exchanged for a cookie once; the newest exchange ends the one before. Cookie and token are keyed
digests of a random number, so that a screen survives a crash of this process without anything being stored. What never
happens here: a page.
"""

import hmac
import secrets
from hashlib import sha256
from threading import Lock
from typing import Final

from flask import Request, Response, abort, request

COOKIE: Final = "byleave"
START: Final = "start"
"""The one endpoint that is open to a browser without the cookie."""

SEAL: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
}
"""On every answer; the page in the browser has no way to the camera either."""


class Gate:
    """One start-up secret, and the one session it was exchanged for."""

    def __init__(self, port: int, secret: str) -> None:
        self._hosts = frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})
        self._secret = secret.encode()
        self._newest: str | None = None
        self._lock = Lock()

    def exchange(self, secret: str) -> str | None:
        """The cookie of a new session, which ends the one before; nothing for a wrong secret."""
        if not hmac.compare_digest(secret.encode(), self._secret):
            return None
        number = secrets.token_hex(16)
        with self._lock:
            self._newest = number
        return f"{number}.{self._digest('cookie', number)}"

    def token(self) -> str:
        """What every form of the session that asks must bring."""
        return self._digest("token", _number(request))

    def check(self) -> None:
        """Refuse, with 403, whoever is not the one browser at the door."""
        if request.host not in self._hosts or not self._from_here():
            abort(403)
        if request.endpoint == START:
            return
        if not self._session():
            abort(403)
        if request.method not in {"GET", "HEAD"} and not self._same(request.form.get("token", ""), self.token()):
            abort(403)

    def seal(self, answer: Response) -> Response:
        """The headers of every answer."""
        answer.headers.update(SEAL)
        return answer

    def _from_here(self) -> bool:
        """Neither another page nor another site's form; browsers say which, and cannot be made to lie."""
        origin, site = request.headers.get("Origin"), request.headers.get("Sec-Fetch-Site")
        if origin is not None and origin != f"http://{request.host}":
            return False
        allowed = {None, "same-origin"}
        if request.method in {"GET", "HEAD"}:
            allowed |= {"none"} if request.endpoint != START else {"none", "same-site", "cross-site"}
        return site in allowed

    def _session(self) -> bool:
        number, _, digest = request.cookies.get(COOKIE, "").partition(".")
        if not self._same(digest, self._digest("cookie", number)):
            return False
        with self._lock:
            # After a crash the first good cookie is the newest there is.
            if self._newest is None:
                self._newest = number
            return self._newest == number

    def _digest(self, use: str, number: str) -> str:
        return hmac.new(self._secret, f"{use}:{number}".encode(), sha256).hexdigest()

    @staticmethod
    def _same(one: str, other: str) -> bool:
        return hmac.compare_digest(one.encode(), other.encode())


def _number(asked: Request) -> str:
    return asked.cookies.get(COOKIE, "").partition(".")[0]
