"""Every scene in every variant, made from the contract itself, and a kiosk before a door that only listens."""

import types
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import StrEnum
from itertools import combinations, product
from math import prod
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from device.config import Site
from device.contract import screen
from device.contract.screen import SCENES, Scene
from device.contract.words import Blob, Digits, Message, NoticeText, Part
from device.errors import WireError
from device.front.kiosk.gate import Gate
from device.front.kiosk.pages import create_app
from device.front.stage import Stage

T = TypeVar("T", bound=Message | Part)
PORT = 5999
HOME = f"http://127.0.0.1:{PORT}"
SECRET = "a-made-up-secret-of-a-good-length"
SITE = Site(
    name="Studio Nord",
    door="front door",
    controller="Studio Nord GmbH",
    contact="doors@studio-nord.example",
    zone="Europe/Berlin",
)
SERIAL = 7
BADGE = Blob(b"BL1:CANARYBADGE0123456789")
RECEIPT = Blob(b'{"receipt":"CANARYRECEIPT"}')
PIN = Digits("90210477")
VARIANTS_MOST = 300
TEXT = NoticeText("# A notice\n\nWhat is kept:\nOne template & nothing <b>else</b>.\n\nIt goes.")
MOMENT = datetime(2026, 11, 23, 7, 41, tzinfo=UTC)


def values(name: str, hint: Any) -> tuple[Any, ...]:
    """Every value worth showing of one field."""
    if get_origin(hint) in {types.UnionType, Union}:
        return (None, *values(name, get_args(hint)[0]))
    if get_origin(hint) is tuple:
        inner = get_args(hint)[0]
        return ((), tuple(variants(inner)) if issubclass(inner, Part) else values(name, inner))
    if hint is Blob:
        return (BADGE if name == "badge" else RECEIPT,)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return tuple(hint)
    simple: dict[Any, tuple[Any, ...]] = {bool: (False, True), Digits: (PIN,), NoticeText: (TEXT,), datetime: (MOMENT,)}
    return (SERIAL,) if name == "scene" else simple.get(hint, (0, 3))


def variants(kind: type[T]) -> Iterator[T]:
    """This kind in every variant; where those are many, every two of its fields in all of theirs, the rest at either end."""
    hints = get_type_hints(kind)
    every = {f.name: values(f.name, hints[f.name]) for f in fields(kind)}  # type: ignore[arg-type]  # words are dataclasses
    if prod(map(len, every.values())) <= VARIANTS_MOST:
        yield from (kind(**dict(zip(every, told, strict=True))) for told in product(*every.values()))
        return
    ends = [{name: told[end] for name, told in every.items()} for end in (0, -1)]
    some = (
        kind(**{**rest, one: a, other: b})
        for one, other in combinations(every, 2)
        for a, b in product(every[one], every[other])
        for rest in ends
    )
    yield from dict.fromkeys([*some, kind(**ends[-1])])


def every_scene() -> list[Scene]:
    """All scenes of the contract, in all variants."""
    return [scene for kind in SCENES for scene in variants(kind)]


def one(kind: type[Scene], **told: Any) -> Scene:
    """One scene of this kind; where nothing is told, the last variant's value."""
    last = list(variants(kind))[-1]
    return kind(**{**{f.name: getattr(last, f.name) for f in fields(kind)}, **told})  # type: ignore[arg-type]  # words are dataclasses


@dataclass
class Kiosk:
    """The pages, a browser that holds the cookie, and what the door was sent."""

    stage: Stage = field(default_factory=Stage)
    sent: list[Message] = field(default_factory=list)
    gone: bool = False

    def __post_init__(self) -> None:
        self.app = self.new_app()
        self.browser = self.new_browser()
        self.start(self.browser)

    def send(self, message: Message) -> None:
        if self.gone:
            raise WireError("The other process is not there.")
        self.sent.append(message)

    def new_app(self) -> Flask:
        """The pages of a front just started, with the same start-up secret."""
        return create_app(SITE, self, Gate(PORT, SECRET))

    def new_browser(self) -> FlaskClient:
        return self.app.test_client()

    def start(self, browser: FlaskClient) -> TestResponse:
        return browser.get(f"/start/{SECRET}", base_url=HOME)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.browser.get(path, base_url=HOME, buffered=True, **more)

    def token(self) -> str:
        return str(self.get("/scene.json").json["token"])  # type: ignore[index]  # it is an object

    def post(self, path: str, headers: dict[str, str] | None = None, **told: Any) -> TestResponse:
        told = {"token": self.token(), "scene": str(self.stage.now().serial), **told}
        return self.browser.post(path, base_url=HOME, data=told, headers=headers)

    def press(self, button: screen.Button | str, **told: Any) -> TestResponse:
        return self.post("/press", button=str(button), **told)
