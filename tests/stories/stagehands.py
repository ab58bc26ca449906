"""Simulated ports for the stories: eyes that are told what they see, a lock and a clock that write down and wait for nobody.

The vault behind them is the real one, on a real disk.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from device.cli import demo
from device.config import Entry, FaceUse, Settings, load
from device.contract import office, screen, sight
from device.contract.office import LockState
from device.contract.screen import Button, Scene
from device.contract.sight import Hint, Mode
from device.contract.words import Blob, Digits, Message, Numbers128
from device.door.office import Office
from device.door.process import Door
from device.door.visit import table
from device.door.visit.visit import Visit
from device.errors import LockFault

MODEL = b"m" * 32
S = TypeVar("S", bound=Scene)


def numbers(seed: int) -> NDArray[np.float32]:
    """Somebody's embedding."""
    drawn = np.random.default_rng(seed).normal(0, 1, 128)
    return (drawn / np.linalg.norm(drawn)).astype(np.float32)


@dataclass
class FakeEyes:
    """Somebody to ask for a window; what they see is told by the test."""

    there: bool = True
    asked: list[tuple[int, Mode]] = field(default_factory=list)
    stopped: list[int] = field(default_factory=list)

    def look(self, window: int, mode: Mode, within_ms: int) -> bool:
        assert within_ms <= sight.WINDOW_MOST_S * 1000
        self.asked.append((window, mode))
        return self.there

    def stop(self, window: int) -> None:
        self.stopped.append(window)


@dataclass
class FakeLock:
    """Writes down its openings; can be broken."""

    openings: int = 0
    broken: bool = False

    def open_for(self, seconds: int) -> None:
        assert seconds >= 3
        if self.broken:
            raise LockFault("The lock's keeper does not answer.")
        self.openings += 1

    def state(self) -> LockState:
        return LockState.UNKNOWN if self.broken else LockState.CLOSED

    def close(self) -> None:
        """Nothing to hang up."""


@dataclass
class FakeClock:
    """Stands still until told."""

    at: datetime = datetime(2026, 3, 2, 9, tzinfo=UTC)
    passed: float = 1000.0

    def now(self) -> datetime:
        return self.at

    def passed_s(self) -> float:
        return self.passed

    def wait(self, seconds: float) -> None:
        self.passed += seconds
        self.at += timedelta(seconds=seconds)


class Theatre:
    """One door with everything outside it simulated."""

    def __init__(self, folder: Path, change: Callable[[Settings], Settings] = lambda settings: settings) -> None:
        made = folder / "settings.toml"
        settings, _ = demo.make(folder) if not made.exists() else (load(made), None)
        self.settings = change(settings)
        self.eyes, self.lock, self.clock = FakeEyes(), FakeLock(), FakeClock()
        self.sent: list[Message] = []
        self.open()

    def open(self) -> None:
        """Open the door's vault, and begin a visit."""
        self.door = Door(self.settings, self.clock, self.lock)
        self.door.vault.model = MODEL
        self.visit: Visit = self.door.visit(self.eyes, self)
        self.visit.eyes_ready = True
        self.office: Office = self.door.office(lambda: (True, True))
        self.visit.home()

    def close(self) -> None:
        """Shut it."""
        self.visit.close_window()
        self.door.close()

    def send(self, message: Message) -> None:
        """As the front."""
        self.sent.append(message)

    def scene(self, kind: type[S]) -> S:
        """The scene that is shown, which must be of this kind."""
        scene = self.visit.scene
        assert isinstance(scene, kind), scene
        return scene

    def press(self, *buttons: Button) -> None:
        """Press, one after the other."""
        for button in buttons:
            table.hear(self.visit, screen.Press(scene=self._serial(), button=button))

    def type(self, digits: str) -> None:
        """Type."""
        table.hear(self.visit, screen.Enter(scene=self._serial(), digits=Digits(digits)))

    def agree(self, **more: Any) -> None:
        """Tick and hold, or nearly."""
        version = self.scene(screen.Notice).version
        table.hear(self.visit, screen.Agree(**{"scene": self._serial(), "version": version, "ticked": True} | more))

    def show(self, payload: bytes) -> None:
        """Hold a code before the camera."""
        assert self.eyes.asked[-1][1] is Mode.CODE
        window = self.eyes.asked[-1][0]
        table.see(self.visit, sight.WindowOpened(window=window, first_frame_ms=100))
        table.see(self.visit, sight.CodeSeen(window=window, payload=Blob(payload)))

    def look(self, seed: int, frames: int = 60) -> None:
        """Stand before the camera for so many frames or until the window ends."""
        window, mode = self.eyes.asked[-1]
        assert mode is Mode.FACE
        table.see(self.visit, sight.WindowOpened(window=window, first_frame_ms=100))
        embedding = Numbers128(numbers(seed).astype("<f4").tobytes())
        seen = sight.Seen(window=window, hint=Hint.FINE, x=500, y=500, width=300, track=1, embedding=embedding)
        for _ in range(frames):
            table.see(self.visit, seen)

    def time_up(self) -> None:
        """The window ends by time."""
        window = self.eyes.asked[-1][0]
        table.see(self.visit, sight.WindowClosed(window=window, because=sight.Why.TIME, fault=None))

    def wait(self, seconds: float) -> None:
        """Time passes, and what has come due is served."""
        self.clock.wait(seconds)
        table.tick(self.visit)

    def invite(self) -> office.Invited:
        """The office makes a code."""
        answer = self.office.answer(office.Invite())
        assert isinstance(answer, office.Invited)
        return answer

    def collect(self, code: str | None = None) -> screen.Issued:
        """From an invitation to badge and PIN."""
        self.press(Button.INVITATION)
        self.type(code or self.invite().code)
        return self.scene(screen.Issued)

    def enrol(self, seed: int) -> screen.Issued:
        """From an invitation to a template."""
        issued = self.collect()
        self.press(Button.NEXT, Button.MY_FACE_TOO)
        self.agree()
        self.look(seed)
        self.scene(screen.Kept)
        self.press(Button.STOP)
        return issued

    def about_me(self, issued: screen.Issued) -> screen.Personal:
        """Badge and PIN, to the personal page."""
        self.press(Button.ABOUT_ME)
        self.show(issued.badge)
        self.type(issued.pin)
        return self.scene(screen.Personal)

    def _serial(self) -> int:
        serial: int = self.visit.scene.scene  # type: ignore[attr-defined]  # every scene has a serial
        return serial


def two_factors(settings: Settings) -> Settings:
    """The same door, asking everybody for two."""
    recognition = replace(settings.recognition, face=FaceUse.WITH_BADGE)
    return replace(settings, entry=Entry(factors=2), recognition=recognition)


def no_face(settings: Settings) -> Settings:
    """The same door without faces."""
    return replace(settings, recognition=replace(settings.recognition, face=FaceUse.OFF))


def no_face_two_factors(settings: Settings) -> Settings:
    """Two factors and no faces: badge and PIN."""
    return replace(no_face(settings), entry=Entry(factors=2))
