"""All that a console and the line to it could have seen, by place: words on the line, pages, tables, files, logs, a backup."""

import re
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from admin import acting, founding
from admin import app as application
from admin.store import DATABASE
from device.cli.clerk import Clerk
from device.contract.console import FROM_CONSOLE, TO_CONSOLE, CellOf, Minute, Role, frames
from device.contract.words import CellBytes, Message, encode
from tests.privacy.ear import Exchange
from tests.privacy.lived import Lived, tables

CLOCKED: Final = re.compile(rb"\r\n(?:Date|Content-Length): [^\r]*")
"""In a head: the machine's own time, and a size."""
LINK: Final = re.compile(r'(?:href|src)="(/[^"#]*)"')
FILE: Final = re.compile(r"<form[^>]*data-file[^>]*>")
ACTION: Final = re.compile(r'action="([^"]+)"')
NOBODY: Final = "00000000-0000-4000-8000-000000000000"
"""Of whom, and of which number, nothing is there."""
NOTHING: Final = "2147483647"


@dataclass
class Seen:
    """Every place by its name, and what was asked for."""

    places: dict[str, bytes]
    answers: dict[tuple[str, str], set[int]]
    """What was answered to each method and rule."""
    messages: Counter[str]
    """How many of each kind, up and down."""


def routes(folder: Path) -> Flask:
    """The console's application, for its list of addresses; of a console of its own, which nobody visits."""
    named = {"office": "Nobody", "contact": "nobody", "zone": "UTC", "preset": "EU", "name": "localhost", "host": "127.0.0.1"}
    console = founding.create(folder, **named, port=443, simulated=True)
    console.store.close()
    return application.create_app(console)


# --- whoever looks ---------------------------------------------------------------------------------------------------


def look_around(life: Lived, app: Flask) -> None:
    """In every role: every page, whatever these lead to, and every file they hand out; then every other form, in vain."""
    for role, officer in life.desks.items():
        _look_around(life, app, role, officer.clerk)
    heard = {key for key, _ in _asked(app, life.ear.exchanges())}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and ("POST", rule.rule) not in heard and rule.endpoint != "account.sign_out":
            roles = acting.roles_of(app.view_functions[rule.endpoint]) or {Role.OPERATOR}
            _send(life.desks[min(roles)].clerk, _filled(rule, NOBODY, NOTHING))
    for officer in life.desks.values():
        officer.sign_out()


def _look_around(life: Lived, app: Flask, role: Role, clerk: Clerk) -> None:
    mira, *_ = life.secrets.people
    if role in acting.roles_of(app.view_functions["people.open_page"]):
        clerk.open(f"/people/{mira}/reason")
        clerk.submit("/reason", reason="question")
    ids = {"person": str(mira), "door": str(UUID(life.front.id)), "visitor": str(_visitor(life))}
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and _may(app, rule, role)]
    waiting = [_filled(rule, ids.get(next(iter(rule.arguments), ""), NOBODY), "1") for rule in rules]
    done = set[str]()
    while waiting:
        path = waiting.pop()
        if path in done:
            continue
        done.add(path)
        page = clerk.open(path)
        waiting += [link.replace("&amp;", "&") for link in LINK.findall(page.text)]
        for form in FILE.findall(page.text):
            action = ACTION.search(form)
            where = action[1] if action else urlsplit(path).path
            if f"POST {where}" not in done:
                done.add(f"POST {where}")
                clerk.page = page
                _send(clerk, where)


def _may(app: Flask, rule: Rule, role: Role) -> bool:
    return rule.endpoint in {"static", "sign_in.page", "sign_in.welcome"} or role in acting.roles_of(
        app.view_functions[rule.endpoint]
    )


def _visitor(life: Lived) -> UUID:
    return UUID(bytes=life.office.asks("SELECT id FROM visitors")[0][0])


def _filled(rule: Rule, one: str, number: str) -> str:
    """An address of this rule."""
    path = re.sub(r"<uuid:\w+>", one, rule.rule)
    path = re.sub(r"<int(?:\([^)]*\))?:\w+>", number, path)
    return re.sub(r"<(?:path:)?\w+>", "en", path)


def _send(clerk: Clerk, path: str) -> None:
    """A form in which nothing is filled in, with the key of the page before."""
    told = dict(field for form in clerk.page.forms for field in form.fields)
    if "csrf_token" not in told:
        told = dict(field for form in clerk.open("/account").forms for field in form.fields)
    clerk._go("POST", path, urlencode({"csrf_token": told["csrf_token"]}))


# --- what there was to see -------------------------------------------------------------------------------------------


def seen(life: Lived, app: Flask, backup: Path) -> Seen:
    """All of it, until now."""
    exchanges = life.ear.exchanges()
    pieces: dict[str, set[bytes]] = defaultdict(set)
    answers: dict[tuple[str, str], set[int]] = defaultdict(set)
    messages: Counter[str] = Counter()
    for (method, rule), exchange in _asked(app, exchanges):
        answers[method, rule].add(exchange.status)
        where = "line" if rule.startswith("/link/") else "page"
        heads = [CLOCKED.sub(b"", head) for head in (exchange.asked_head, exchange.answered_head)]
        pieces[f"{where} {method} {rule}"].update((*heads, exchange.asked, exchange.answered))
        if rule in {"/link/up", "/link/down"}:
            for way, body, known in (("up", exchange.asked, TO_CONSOLE), ("down", exchange.answered, FROM_CONSOLE)):
                for message in frames(body, known)[0]:
                    name = f"{way} {type(message).__name__}"
                    messages[name] += 1
                    pieces[f"message {name}"].add(_spelled(message))
    for path in _files(life):
        pieces[f"file {path.relative_to(life.office.folder)}"].add(path.read_bytes())
    pieces["backup"].add(backup.read_bytes())
    with tarfile.open(backup, "r:gz") as tar, tempfile.TemporaryDirectory() as room:
        member = tar.extractfile(DATABASE)
        assert member is not None
        (Path(room) / DATABASE).write_bytes(member.read())
        for name, rows in tables(Path(room) / DATABASE).items():
            pieces[f"backup {name}"].update(row.encode() for row in rows)
    for rows_of in (life.rows, tables(life.office.console_folder / DATABASE)):
        for name, rows in rows_of.items():
            pieces[f"table {name}"].update(row.encode() for row in rows)
    return Seen({name: b"\n".join(sorted(found)) for name, found in pieces.items()}, answers, messages)


def _asked(app: Flask, exchanges: Iterable[Exchange]) -> Iterator[tuple[tuple[str, str], Exchange]]:
    """By method and rule of the address; what is no address is one of its own."""
    addresses = app.url_map.bind("localhost")
    for exchange in exchanges:
        try:
            rule, _ = addresses.match(urlsplit(exchange.path).path, exchange.method, return_rule=True)
        except HTTPException:
            yield (exchange.method, "nothing"), exchange
        else:
            yield (exchange.method, rule.rule), exchange


def _spelled(message: Message) -> bytes:
    if isinstance(message, Minute | CellOf):
        return encode(replace(message, cell=CellBytes(b""))) + bytes(message.cell)
    return encode(message)


def _files(life: Lived) -> Iterator[Path]:
    """Every file of the console, its log, the doors' logs, and what their links keep."""
    yield life.office.folder / "console.log"
    yield from (path for path in life.office.console_folder.rglob("*") if path.is_file())
    for door in (life.front, life.side):
        yield door.folder / "device.log"
        yield from (path for path in door.settings.folders.link.rglob("*") if path.is_file())
