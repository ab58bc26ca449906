"""Owns what every answer tells the browser: nothing from elsewhere, no frame, no guess of types, nothing kept.

What never happens here: an exception for a page. A style attribute or an inline script does not work anywhere. The one
documented exception is HSTS: with a certificate the console made itself, browsers must ignore it, so it is not sent.
"""

from collections.abc import Callable
from typing import Final

from flask import request
from werkzeug.wrappers import Response

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'"
)
ALWAYS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=(), publickey-credentials-get=(self)",
}
HSTS: Final = "max-age=31536000"
"""A year. Source: WEB-08."""


def sealing(*, trusted_certificate: bool) -> Callable[[Response], Response]:
    """What puts the headers on an answer; anything but our own static files is never stored."""

    def seal(answer: Response) -> Response:
        # No browser asks there, and a door's minute is counted in bytes.
        if request.blueprint == "link":
            return answer
        answer.headers.update(ALWAYS)
        # Static files carry an ETag and are asked for again; pages hold personal data (ASVS 14.3.2).
        answer.headers.setdefault("Cache-Control", "no-store")
        if trusted_certificate:
            answer.headers["Strict-Transport-Security"] = HSTS
        return answer

    return seal
