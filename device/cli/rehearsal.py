"""Owns a rehearsal: a real door with real eyes and lock, and we in the front's place, with a clock in hand.

It hears what the front would hear, at once, so that times are the door's and not a browser's. What never happens here: a
shortcut past the contract; it is for measuring and for tests, on a simulated door.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from device.cli.stage import Stage
from device.cli.supervise import Child, Supervisor, ask
from device.config import Settings
from device.contract import office, screen
from device.contract.screen import Button, Scene
from device.contract.wire import Wire, connect
from device.contract.words import Digits
from device.errors import SetupError, WireError

S = TypeVar("S", bound=Scene)
START_S: Final = 30.0


class Rehearsal:
    """One person at one door, through the screen's own socket."""

    def __init__(self, settings: Settings, stage: Stage, wire: Wire) -> None:
        self.settings = settings
        self.stage = stage
        self._wire = wire
        self._serial = 0
        self.camera_s = 0.0
        """When the camera last gave its first frame, by the monotonic clock."""

    def expect(self, kind: type[S], within_s: float = 15.0) -> tuple[S, float]:
        """
        Wait for this scene; the scene and when it came.

        Raises: WireError when it does not come.
        """
        give_up_s = time.monotonic() + within_s
        seen = "nothing"
        while time.monotonic() < give_up_s:
            message = self._wire.receive(0.5)
            now_s = time.monotonic()
            if isinstance(message, screen.Camera) and message.on:
                self.camera_s = now_s
            if isinstance(message, Scene):
                seen = type(message).__name__
                self._serial = message.scene  # type: ignore[attr-defined]  # every scene has a serial
            if isinstance(message, kind):
                return message, now_s
        raise WireError(f"The door shows {seen} and not {kind.__name__}.")

    def press(self, button: Button) -> float:
        """Press; when it was."""
        self._wire.send(screen.Press(scene=self._serial, button=button))
        return time.monotonic()

    def type(self, digits: str) -> float:
        """Type; when it was."""
        self._wire.send(screen.Enter(scene=self._serial, digits=Digits(digits)))
        return time.monotonic()

    def agree(self, version: int) -> None:
        """Tick and hold."""
        self._wire.send(screen.Agree(scene=self._serial, version=version, ticked=True))

    def home(self) -> None:
        """Leave whatever is shown."""
        self.press(Button.STOP)
        self.expect(screen.Idle)

    def collect(self) -> screen.Issued:
        """From an invitation to badge and PIN; the choice is next."""
        invited = ask(self.settings.folders.run, office.Invite())
        if not isinstance(invited, office.Invited):
            raise SetupError("No code was made.")
        self.press(Button.INVITATION)
        self.expect(screen.CodePad)
        self.type(invited.code)
        issued, _ = self.expect(screen.Issued)
        return issued

    def leave(self) -> None:
        """From badge and PIN past the choice, which is left open."""
        self.press(Button.NEXT)
        self.expect(screen.Choice)
        self.home()

    def enrol(self, who: str) -> screen.Issued:
        """From an invitation to a template of whoever stands there."""
        issued = self.collect()
        self.press(Button.NEXT)
        self.expect(screen.Choice)
        self.stage.put(who)
        self.press(Button.MY_FACE_TOO)
        notice, _ = self.expect(screen.Notice)
        self.agree(notice.version)
        self.expect(screen.Kept, within_s=60)
        self.home()
        return issued


@contextmanager
def rehearsal(path: Path, settings: Settings, stage: Stage, before: tuple[str, ...] = ()) -> Iterator[Rehearsal]:
    """A running door without a front, and we in its place; `before` wraps the commands of door and eyes."""
    supervisor = Supervisor(path, settings, children=[Child("door", before), Child("eyes", before)])
    supervisor.claim()
    thread = threading.Thread(target=supervisor.run, args=(lambda: None,))
    thread.start()
    wire: Wire | None = None
    try:
        wire = _dialled(settings)
        person = Rehearsal(settings, stage, wire)
        give_up_s = time.monotonic() + START_S
        idle, _ = person.expect(screen.Idle)
        while not idle.camera and time.monotonic() < give_up_s:
            idle, _ = person.expect(screen.Idle)
        yield person
    finally:
        supervisor.end()
        thread.join()
        if wire is not None:
            wire.close()


def _dialled(settings: Settings) -> Wire:
    give_up_s = time.monotonic() + START_S
    while time.monotonic() < give_up_s:
        with contextlib.suppress(WireError):
            return connect(settings.folders.run / "screen.sock", screen.TO_FRONT)
        time.sleep(0.01)
    raise SetupError("The door did not start; it said why above.")
