"""
The canary at the console: with all secrets of a lived-in office known, everything the office could see is searched for them.

`test_canary` does the same inside a door. Nothing here is read through TLS: an ear with the console's own key hears it all.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from flask import Flask

from admin import founding
from admin.letters import Pass, Sender, pass_pdf
from device.contract import console as words
from device.contract.console import Role
from tests.admin.conftest import settings
from tests.office.town import MORNING, byleave
from tests.privacy import plants
from tests.privacy.lived import Lived, lived
from tests.privacy.needles import Found, Hunt, Kind
from tests.privacy.seen import Seen, look_around, routes, seen
from tests.privacy.unpack import layers

TEXTS: Final = ("int8, hex", "list", "letters", "digits", "Europe/Berlin %Y-%m-%d %H:%M", "three of them")
"""One form of each kind, and two of a template, that can be written into a notice."""
FILES: Final = {
    "audit.export",
    "incidents.take",
    "incidents.take_evidence",
    "invitations.print_pile",
    "people.copy",
    "people.letter",
    "visitors.paper",
}
"""What hands out a file."""
WHOLE: Final = 64
"""Bytes of a row that lie together in a file of SQLite, however long it is."""


@dataclass
class Canary:
    """The office, what was to be seen of it, and what was found there."""

    life: Lived
    app: Flask
    seen: Seen
    hunt: Hunt
    found: set[Found]


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Canary]:
    app = routes(tmp_path_factory.mktemp("routes") / "console")
    with lived(tmp_path_factory.mktemp("town")) as life:
        look_around(life, app)
        all_seen, hunt = seen(life, app, life.backup), Hunt(life.secrets)
        yield Canary(life, app, all_seen, hunt, hunt.everywhere(all_seen.places))


@pytest.mark.parametrize("kind", Kind)
def test_none_of_it_is_anywhere_at_the_console_or_on_its_line(canary: Canary, kind: Kind) -> None:
    """ALT-08, CUS-08, promises 6, 9 and 10: no template, badge, PIN, second of an opening or custodian's word, in any form."""
    assert [found for found in canary.found if found.kind is kind] == []


def test_all_there_is_was_looked_at(canary: Canary) -> None:
    """The test of the test: every address, every kind of message, every table, every file and log."""
    answers = canary.seen.answers
    for rule in canary.app.url_map.iter_rules():
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            assert answers[method, rule.rule], (method, rule.rule)
            assert (method != "GET" and rule.endpoint not in FILES) or 200 in answers[method, rule.rule], rule.rule
    kinds = {f"up {kind.__name__}" for kind in words.TO_CONSOLE} | {f"down {kind.__name__}" for kind in words.FROM_CONSOLE}
    assert set(canary.seen.messages) == kinds
    places = canary.seen.places
    assert b'"hour":%d,' % MORNING in places["message up Hourly"], "the hour in which they came"
    tables = {name for (name,) in canary.life.office.asks("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {f"table {name}" for name in tables} | {f"backup {name}" for name in tables} <= set(places)
    for name in ("console.log", "console/console.db", "console/console.db-wal", "front-door/device.log", "side-door/device.log"):
        assert places[f"file {name}"], name
    assert sum(map(len, places.values())) > 2_000_000


def test_it_is_found_where_it_may_be(canary: Canary) -> None:
    """The same search in the door's vault, on a custodian's paper, on what custodians read, and before the camera."""
    life = canary.life
    in_vault = {(found.kind, found.form) for found in canary.hunt.search("vault", life.vault)}
    assert in_vault == {(Kind.TEMPLATE, "sealed"), (Kind.BADGE, "digest"), (Kind.OPENING, "four bytes, big")}
    held_up = (life.front.stage.folder / "badge").read_bytes()
    for kind, data in (
        (Kind.OPENING, life.opened.encode()),
        (Kind.WORDS, life.office.words[2].encode()),
        (Kind.BADGE, held_up),
    ):
        assert kind in {found.kind for found in canary.hunt.search("there", data)}, kind


def test_what_is_written_into_a_notice_is_found_wherever_it_goes(canary: Canary) -> None:
    """The test of the test, through a real console: one form of each kind is published as a notice."""
    life, planted = canary.life, [plant for plant in plants.forms(canary.life.secrets) if plant[1] in TEXTS]
    assert {kind for kind, _, _ in planted} == set(Kind)
    life.office.pass_time(60)
    officer = life.desks[Role.PRIVACY_OFFICER]
    officer.sign_in()
    officer.clerk.open("/notices/")
    officer.clerk.submit("/notices/draft")
    officer.clerk.open("/notices/draft/en")
    text = "\n".join(plant.decode() for _, _, plant in planted)
    officer.clerk.submit("/notices/draft/en", text=f"{text}\nIt lives for {{template_days}} days.")
    officer.clerk.open("/notices/")
    officer.clerk.submit("/notices/publish")
    life.office.rest()
    copy = life.office.folder / "planted"
    byleave("admin", "backup", str(life.office.console_folder), str(copy))
    where = {
        "page POST /notices/draft/<language>",
        "page GET /notices/<int(max=2147483647):version>/<language>",
        "line GET /link/down",
        "message down Policy",
        "table notices",
        "file console/console.db-wal",
        "backup",
        "backup notices",
    }
    places = seen(life, canary.app, copy).places
    found = canary.hunt.everywhere({place: places[place] for place in where})
    for kind in Kind:
        assert {one.place for one in found if one.kind is kind} == where, kind


@pytest.mark.parametrize("carrier", plants.CARRIERS)
def test_every_form_is_found_in_everything_that_leaves(canary: Canary, carrier: str) -> None:
    """The test of the test: each form alone."""
    for kind, form, plant in plants.forms(canary.life.secrets):
        found = canary.hunt.search(carrier, plants.CARRIERS[carrier](plant))
        assert {one.kind for one in found} == {kind}, (kind, form)


def test_a_time_of_day_alone_tells_where_people_read_it(canary: Canary) -> None:
    """Elsewhere it needs the day beside it, for a machine's own clock writes times, too."""
    at = f"{datetime.fromtimestamp(canary.life.secrets.moments[0], canary.life.secrets.zone):%H:%M}"
    told = f"<td>{at}</td>".encode()
    found = canary.hunt.everywhere({"page GET /": told, "file console.log": told})
    assert {one.place for one in found} == {"page GET /"}


def test_a_badge_drawn_on_paper_is_read(canary: Canary) -> None:
    """As the console draws visitors' codes: squares in a PDF."""
    now = datetime.now(canary.life.secrets.zone)
    drawn = Pass(label="Courier", bearer=canary.life.secrets.badges[0], begins_at=now, ends_at=now, doors=("front door",))
    paper = pass_pdf(Sender(office="Studio Nord", contact="the desk", zone="UTC"), drawn)
    assert {found.kind for found in canary.hunt.search("paper", paper)} == {Kind.BADGE}


def test_every_form_is_found_in_the_files_and_backups_of_a_console(canary: Canary, tmp_path: Path) -> None:
    """The test of the test: each form in a row of its own; what a page of the file cannot hold goes on elsewhere."""
    console, every = founding.create(tmp_path / "console", **settings()), list(plants.forms(canary.life.secrets))
    for place, data in plants.database(console, every, tmp_path / "backup").items():
        assert {found.kind for found in canary.hunt.search(place, data)} == set(Kind)
        unpacked = [layer for _, layer in layers(data, depth=1)]
        missed = [(kind, form) for kind, form, plant in every if not any(plant[:WHOLE] in layer for layer in unpacked)]
        assert missed == []
    console.store.close()


def test_chance_is_no_find(canary: Canary) -> None:
    """Random bytes, as they are and spelled, and numbers like a template's: none is taken for what it is not."""
    chance = np.random.default_rng(5)
    noise = chance.bytes(2**18)
    numbers = ", ".join(f"{number:.4f}" for number in chance.normal(0, 0.1, 5_000))
    digits = " ".join(map(str, chance.integers(10_000, 10**10, 5_000)))
    for data in (noise, noise.hex().encode(), b64encode(noise), numbers.encode(), digits.encode()):
        assert canary.hunt.search("noise", data, read=True) == set()
