"""Owns somebody of the office at the console, by HTTPS: opens pages, fills in the forms that are there, follows where it leads.

The demo and the tests use the real pages through it, as a browser without scripts does. What never happens here: a form
that the page does not show, a certificate that was not named.
"""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final, Self
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3

from device.errors import WireError

TURNS_MOST: Final = 5
"""Redirections followed in a row."""


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)


@dataclass
class Page:
    """One page as it came."""

    url: str
    status: int
    text: str
    forms: list[Form]
    headers: dict[str, str]
    body: bytes


class _Forms(HTMLParser):
    """Finds the forms of a page and what stands in their fields."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(told.get("action", ""), told.get("method", "get").lower()))
        if not self.forms:
            return
        form, name = self.forms[-1], told.get("name", "")
        if tag in {"input", "select", "textarea", "button"} and name:
            form.names.add(name)
        if tag == "input" and name:
            if told.get("type") not in {"checkbox", "radio"} or "checked" in told:
                form.fields.append((name, told.get("value", "on")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in told:
            form.fields.append((self._select, told.get("value", "")))
        elif tag == "textarea":
            self._area = name
            form.fields.append((name, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area and self.forms and self.forms[-1].fields:
            name, value = self.forms[-1].fields[-1]
            self.forms[-1].fields[-1] = (name, value + data)


class Clerk:
    """One browser session at one console, whose certificate is known by its SHA-256."""

    def __init__(self, origin: str, fingerprint: str) -> None:
        self.origin = origin
        parts = urlsplit(origin)
        # The certificate is the console's own; it is known by its fingerprint, which is stricter than any authority.
        self._pool = urllib3.HTTPSConnectionPool(
            parts.hostname or "",
            parts.port or 443,
            cert_reqs="CERT_NONE",
            assert_fingerprint=fingerprint,
            retries=False,
            timeout=urllib3.Timeout(30),
        )
        self.cookies: dict[str, str] = {}
        self.page = Page("/", 0, "", [], {}, b"")

    def open(self, path: str) -> Page:
        """Go to a page."""
        return self._go("GET", path)

    def submit(self, action: str, **filled: str | list[str]) -> Page:
        """
        Fill in and send the first form of the page whose address contains this and which has these fields.

        Raises: WireError when there is none.
        """
        found = (form for form in self.page.forms if action in (form.action or self.page.url) and set(filled) <= form.names)
        form = next(found, None)
        if form is None:
            raise WireError(f"The console's page {self.page.url} has no form for {action} with {', '.join(sorted(filled))}.")
        told = [(name, value) for name, value in form.fields if name not in filled]
        for name, value in filled.items():
            told += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        where = urljoin(self.page.url, form.action or self.page.url)
        if form.method == "get":
            return self._go("GET", f"{where.partition('?')[0]}?{urlencode(told)}")
        return self._go("POST", where, urlencode(told))

    def close(self) -> None:
        """Walk away."""
        self._pool.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _go(self, method: str, path: str, form: str | None = None) -> Page:
        for _ in range(TURNS_MOST):
            answer = self._ask(method, path, form)
            if answer.status not in {301, 302, 303, 307, 308}:
                break
            parts = urlsplit(urljoin(self.origin + path, answer.headers["Location"]))
            method, form, path = "GET", None, parts.path + (f"?{parts.query}" if parts.query else "")
        kind = answer.headers.get("Content-Type", "")
        text = answer.data.decode(errors="replace") if kind.startswith(("text/", "application/json")) else ""
        parser = _Forms()
        parser.feed(text if "html" in kind else "")
        self.page = Page(path, answer.status, text, parser.forms, dict(answer.headers), answer.data)
        return self.page

    def _ask(self, method: str, path: str, form: str | None) -> urllib3.BaseHTTPResponse:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if form is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": self.origin,
                "Referer": self.origin + self.page.url,
            }
        try:
            answer = self._pool.request(method, path, body=form, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError:
            raise WireError("The console does not answer.") from None
        for told in answer.headers.getlist("Set-Cookie"):
            name, _, value = told.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer
