"""Every scene the kiosk may ever show, with what is in it as large as it gets; and a kiosk that shows them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from device.config import Keeping, Site
from device.contract import screen, sight
from device.contract.console import LookReason, Reason, Role
from device.contract.screen import NoEntry, Purpose, Scene, Searched, Standing
from device.contract.words import Blob, Digits, Message
from device.door.notice import render
from device.errors import FaultCode
from device.front.kiosk.gate import Gate
from device.front.kiosk.pages import create_app
from device.front.stage import Stage
from tests.browser.places import served

SITE: Final = Site(
    name="Studio Nord",
    door="front door",
    controller="Studio Nord, 12 Harbour Street",
    contact="privacy@studio-nord.example",
    zone="Europe/Berlin",
)
KEEPING: Final = Keeping(template_days=365, unused_days=90, openings_days=90, code_days=7, notice_days=30)
NOW: Final = datetime(2026, 9, 30, 20, 48, tzinfo=UTC)
"""A Wednesday in September: the longest names."""
Act = tuple[Scene | screen.Disc | screen.Camera, ...]
BADGE: Final = Blob(b"BYL1" + b"A7" * 64)
RECEIPT: Final = Blob(b'{"receipt": "' + b"a7" * 540 + b'"}')
"""As long as real ones; a test holds them against those of a real door."""
OPENINGS: Final = tuple(screen.Opening(at=NOW - timedelta(hours=11 * n)) for n in range(200))

ASKED: Final = tuple(
    screen.Asked(reason=it, begins_at=NOW - timedelta(hours=23), ends_at=NOW, asked_at=NOW + timedelta(days=1)) for it in Reason
)
OTHERS: Final[dict[str, Any]] = {
    "looks": tuple(screen.Look(role=role, reason=reason, day=NOW) for role in Role for reason in LookReason),
    "asked": ASKED,
    "evidence_asked": (NOW,),
}
IDLE: Final = screen.Idle(
    scene=1, face=True, camera=True, simulated=False, testing=False, notice_on=None, alone_since=None, announced=False
)
ANNOUNCED: Final = screen.Announced(
    scene=1,
    asked=ASKED,
    custodians_on=(NOW,),
    doors_on=(NOW,),
    custodians=Blob(b"7c" * 32),
    version=3,
    notice=render(SITE, KEEPING),
)


def every_act() -> dict[str, Act]:
    """By name: the scenes, and what comes with them."""
    acts: list[tuple[str, Scene]] = [
        ("idle", IDLE),
        ("idle, simulated", replace(IDLE, simulated=True)),
        ("idle, no face", replace(IDLE, face=False, simulated=True)),
        ("idle, no camera", replace(IDLE, camera=False, simulated=True)),
        ("idle, test mode", replace(IDLE, simulated=True, testing=True)),
        ("idle, new notice", replace(IDLE, simulated=True, notice_on=NOW, announced=True)),
        ("idle, alone", replace(IDLE, face=False, alone_since=NOW)),
        (
            "idle, all of it",
            replace(IDLE, face=False, simulated=True, testing=True, notice_on=NOW, alone_since=NOW, announced=True),
        ),
        *((f"aiming, {it}", screen.Aiming(scene=1, purpose=it, left_s=10)) for it in Purpose),
        *((f"looking, {it}", screen.Looking(scene=1, purpose=it, left_s=10)) for it in (Purpose.OPEN, Purpose.SECOND)),
        *(
            (f"keypad, {it}", screen.Keypad(scene=1, purpose=it, wrong=False, wait_s=0))
            for it in (Purpose.OPEN, Purpose.SECOND, Purpose.ABOUT_ME)
        ),
        ("keypad, wrong", screen.Keypad(scene=1, purpose=Purpose.ABOUT_ME, wrong=True, wait_s=0)),
        ("keypad, resting", screen.Keypad(scene=1, purpose=Purpose.OPEN, wrong=True, wait_s=60)),
        ("codepad", screen.CodePad(scene=1, wrong=False, wait_s=0)),
        ("codepad, resting", screen.CodePad(scene=1, wrong=True, wait_s=60)),
        ("second", screen.Second(scene=1)),
        ("opened", screen.Opened(scene=1, for_s=5)),
        ("not known", screen.NotKnown(scene=1)),
        *((f"not opened, {it}", screen.NotOpened(scene=1, because=it)) for it in NoEntry),
        *((f"fault, {it}", screen.Fault(scene=1, code=it)) for it in (FaultCode.CAMERA, FaultCode.LOCK, FaultCode.VAULT_FULL)),
        ("issued", screen.Issued(scene=1, badge=BADGE, pin=Digits("90210477"))),
        ("choice", screen.Choice(scene=1, face_first=False)),
        ("choice, face first", screen.Choice(scene=1, face_first=True)),
        ("notice", screen.Notice(scene=1, version=3, text=render(SITE, KEEPING), days=365)),
        ("sitting", screen.Sitting(scene=1, done=3, of=8)),
        ("kept", screen.Kept(scene=1, receipt=RECEIPT, gone_at=NOW + timedelta(days=365))),
        *((f"gone, {it}", screen.Gone(scene=1, receipt=RECEIPT, searched=it, waiting=0)) for it in Searched),
        ("gone, others waiting", screen.Gone(scene=1, receipt=RECEIPT, searched=Searched.STRUCTURE, waiting=7)),
        *((f"personal, {it}", _personal(it)) for it in Standing),
        ("personal, of several doors", replace(_personal(Standing.FACE_TOO), doors=7)),
        ("personal, no face, of several doors", replace(_personal(Standing.NOT_CHOSEN), doors=7)),
        ("personal, all of it", replace(_personal(Standing.FACE_TOO), doors=7, renew_by=NOW, **OTHERS)),
        ("personal, no face, all of it", replace(_personal(Standing.BADGE_AND_PIN), doors=7, **OTHERS)),
        ("announced", ANNOUNCED),
        ("announced, nothing", replace(ANNOUNCED, asked=(), custodians_on=(), doors_on=(), custodians=None)),
        ("compare", screen.Compare(scene=1, digits=Digits("048215"))),
        ("joining", screen.Joining(scene=1, digits=Digits("902104773815"))),
        ("joined", screen.Joined(scene=1)),
    ]
    told: dict[str, Act] = {name: (scene,) for name, scene in acts}
    for name in ("looking, open", "looking, second", "sitting"):
        for hint in (sight.Hint.FINE, sight.Hint.MORE_LIGHT):
            told[f"{name}, {hint}"] = (
                *told[name],
                screen.Camera(on=True),
                screen.Disc(scene=1, x=500, y=480, width=230, hint=hint, left_s=8),
            )
    return told


def _personal(standing: Standing) -> screen.Personal:
    with_template = standing is Standing.FACE_TOO
    return screen.Personal(
        scene=1,
        standing=standing,
        made_at=NOW if with_template else None,
        gone_at=NOW + timedelta(days=365) if with_template else None,
        used_at=NOW if with_template else None,
        openings=OPENINGS if standing in {Standing.FACE_TOO, Standing.BADGE_AND_PIN} else (),
        renew_by=None,
        looks=(),
        asked=(),
        evidence_asked=(),
        doors=0,
    )


@dataclass
class Kiosk:
    """The kiosk's pages before a door that only listens."""

    url: str = ""
    stage: Stage = field(default_factory=Stage)
    sent: list[Message] = field(default_factory=list)
    serial: int = 0

    def send(self, message: Message) -> None:
        self.sent.append(message)

    def play(self, messages: Act) -> int:
        """Show these, the scene first; the number they go by."""
        self.serial += 1
        self.stage.show(screen.Camera(on=False))
        for message in messages:
            if isinstance(message, screen.Camera):
                self.stage.show(message)
            else:
                self.stage.show(replace(message, scene=self.serial))  # type: ignore[type-var]  # words are dataclasses
        return self.serial


@contextmanager
def playing() -> Iterator[Kiosk]:
    """A kiosk on loopback, with nobody behind it."""
    secret = secrets.token_urlsafe()
    kiosk = Kiosk()
    with served(lambda port: create_app(SITE, kiosk, Gate(port, secret))) as port:
        kiosk.url = f"http://127.0.0.1:{port}/start/{secret}"
        try:
            yield kiosk
        finally:
            kiosk.stage.close()
