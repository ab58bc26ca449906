"""Owns the state of a visit: the scene, its deadline, the camera window and the story that is being told in it.

What never happens here: deciding who may enter; keeping anything of a person after the scene is gone.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Protocol
from uuid import UUID

from device.config import FaceUse, Settings
from device.contract import screen, sight
from device.contract.screen import Purpose, Scene
from device.contract.words import Digits, Message
from device.door.entry import Entry
from device.door.forget import Forget
from device.door.limits import FACE_REST_S, KEYPAD_REST_S, FaceLimit, KeypadLimit
from device.door.people import People
from device.door.ports import Clock, Eyes
from device.door.vault import Gallery, Vault
from device.door.visit.tidings import Alone, Doors, Joins, Pairs, Tidings
from device.errors import ByleaveError, FaultCode

FIRST_FRAME_S: Final = 4.0
"""A camera that gives no frame within this is at fault; slow webcams take 1.4 s (peers.md, section 2)."""
SILENT_S: Final = 1.5
"""Eyes that say nothing for this long in a window are at fault."""

HOME_AFTER_S: Final[dict[type[Scene], float]] = {
    screen.Keypad: 30,
    screen.CodePad: 60,
    screen.Second: 15,
    screen.Opened: 4,
    screen.NotKnown: 8,
    screen.NotOpened: 6,
    screen.Fault: 8,
    screen.Issued: 180,
    screen.Choice: 120,
    screen.Notice: 300,
    screen.Kept: 60,
    screen.Gone: 60,
    screen.Personal: 30,
    screen.Announced: 120,
    screen.Joined: 30,
}
"""Seconds without a press after which a scene gives way to the idle one. Camera scenes end with their window."""

_Home = screen.Idle | screen.Compare | screen.Joining
_HOMES: Final = (screen.Idle, screen.Compare, screen.Joining)
"""What is shown while nobody is being served."""


class Screen(Protocol):
    """The front, at arm's length."""

    def send(self, message: Message) -> object:
        """Show or tell; harmless when nobody is there."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything a visit may use."""

    settings: Settings
    people: People
    vault: Vault
    forget: Forget
    entry: Entry
    eyes: Eyes
    screen: Screen
    clock: Clock
    tidings: Tidings = field(default_factory=Alone)
    doors: Doors = field(default_factory=Alone)
    pairs: Pairs = field(default_factory=Alone)
    joins: Joins = field(default_factory=Alone)


class Factor(StrEnum):
    """What somebody showed."""

    BADGE = "badge"
    PIN = "pin"


@dataclass(frozen=True, slots=True)
class Claim:
    """Whose factor it was, and which."""

    person: UUID
    factor: Factor


@dataclass(slots=True)
class Window:
    """One camera window, seen from the door."""

    number: int
    mode: sight.Mode
    purpose: Purpose
    until_s: float
    heard_s: float
    camera_on: bool = False
    face_seen: bool = False
    story: Generator[int, sight.Seen, Any] | None = None
    told: Callable[[Any], None] | None = None
    gallery: Gallery | None = None


class Visit:
    """The one visit that goes on at this door; it begins and ends with the idle scene."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.face_limit = FaceLimit(FACE_REST_S)
        self.keypad_limit = KeypadLimit(KEYPAD_REST_S)
        self.claim: Claim | None = None
        """The factor that was shown, where a second one or the personal page wants both."""
        self.person: UUID | None = None
        """Who stands here: by invitation, or by badge and PIN."""
        self.eyes_ready = False
        self.camera_on = False
        self.window: Window | None = None
        self.windows_left = 0
        self._windows = 0
        self._serial = 0
        self._home_at_s: float | None = None
        self.scene: Scene = self._idle()

    # --- scenes ------------------------------------------------------------------------------------------------------

    def show(self, kind: type[Scene], **told: Any) -> None:
        """Show a scene; what the last one knew is forgotten unless it is still needed."""
        self._show(kind(scene=0, **told))  # type: ignore[call-arg]  # every scene has a serial

    def _show(self, scene: Scene) -> None:
        self._serial += 1
        self.scene = replace(scene, scene=self._serial)  # type: ignore[type-var]  # every scene is a word with a serial
        after_s = HOME_AFTER_S.get(type(scene))
        self._home_at_s = None if after_s is None else self.parts.clock.passed_s() + after_s
        self.parts.screen.send(self.scene)

    def _first(self) -> _Home:
        """What this door shows while nobody is served."""
        now = self.parts.clock.now()
        if (digits := self.parts.pairs.digits(now)) is not None:
            return screen.Compare(scene=0, digits=Digits(digits))
        if (digits := self.parts.joins.digits(now)) is not None:
            return screen.Joining(scene=0, digits=Digits(digits))
        return self._idle()

    def _idle(self) -> screen.Idle:
        told = self.parts.tidings.to_all(self.parts.clock.now())
        return screen.Idle(
            scene=0,
            face=self.face_usable and self.face_alone,
            camera=self.eyes_ready,
            simulated=self.parts.settings.simulated,
            testing=told.testing,
            notice_on=told.notice_on,
            alone_since=told.alone_since,
            announced=told.announced,
        )

    def home(self) -> None:
        """Back to the idle scene: the camera closes, and the visit knows nobody any more."""
        self.close_window()
        self.claim = None
        self.person = None
        self.windows_left = 0
        self._show(self._first())

    def idle(self) -> None:
        """The idle scene, though there would be digits to show."""
        self._show(self._idle())

    def news(self) -> None:
        """Something may have changed that is told to everybody: tell it, unless somebody is being served."""
        first = self._first()
        if isinstance(self.scene, _HOMES) and replace(first, scene=self.scene.scene) != self.scene:
            self._show(first)

    def fault(self, code: FaultCode) -> None:
        """Say what is broken and what opens all the same."""
        self.close_window()
        self.claim = None
        self.show(screen.Fault, code=code)
        self.note(code)

    def note(self, code: FaultCode) -> None:
        """For the log: that it happened, once."""
        self.parts.screen.send(screen.Noted(code=code, count=1))

    @property
    def face_alone(self) -> bool:
        """Whether this door's faces come by themselves, and not after a badge."""
        return self.parts.settings.recognition.face is FaceUse.ALONE

    @property
    def face_usable(self) -> bool:
        """Whether a face is of any use at this door now; without the console for a month it is not."""
        if not self.eyes_ready or self.parts.settings.recognition.face is FaceUse.OFF:
            return False
        return self.parts.tidings.to_all(self.parts.clock.now()).alone_since is None

    def _progress(self, done: int) -> None:
        """The same scene, further on; a press on it stays good."""
        if isinstance(self.scene, screen.Sitting) and self.scene.done != done:
            self.scene = replace(self.scene, done=done)
            self.parts.screen.send(self.scene)

    # --- the camera window -------------------------------------------------------------------------------------------

    def open_window(
        self,
        mode: sight.Mode,
        purpose: Purpose,
        story: Generator[int, sight.Seen, Any] | None = None,
        told: Callable[[Any], None] | None = None,
        gallery: Gallery | None = None,
    ) -> bool:
        """Ask eyes for a window and start its story; False, with the fault on screen, when nobody can look."""
        self.close_window()
        self._windows += 1
        now_s = self.parts.clock.passed_s()
        self.window = Window(
            number=self._windows,
            mode=mode,
            purpose=purpose,
            until_s=now_s + sight.WINDOW_MOST_S,
            heard_s=now_s,
            story=story,
            told=told,
            gallery=gallery,
        )
        if story is not None:
            next(story)
        if self.eyes_ready and self.parts.eyes.look(self._windows, mode, sight.WINDOW_MOST_S * 1000):
            return True
        self.fault(FaultCode.CAMERA)
        return False

    def close_window(self) -> None:
        """Close the camera and wipe what the window held; harmless without one."""
        window, self.window = self.window, None
        if window is None:
            return
        self.parts.eyes.stop(window.number)
        if window.story is not None:
            window.story.close()
        if window.gallery is not None:
            window.gallery.wipe()

    def left_s(self) -> int:
        """Whole seconds left in the window."""
        if self.window is None:
            return 0
        return max(0, round(self.window.until_s - self.parts.clock.passed_s()))

    def opened(self, message: sight.WindowOpened) -> None:
        """The first frame came: the dot on screen goes on, and stays until eyes say that the camera is closed."""
        self.camera(on=True)
        if self.window is not None and self.window.number == message.window:
            self.window.camera_on = True
            self.window.heard_s = self.parts.clock.passed_s()

    def camera(self, *, on: bool) -> None:
        """The dot on screen follows the camera itself, not what we asked of it (TRA-08)."""
        self.camera_on = on
        self.parts.screen.send(screen.Camera(on=on))

    def repeat(self) -> None:
        """Tell a front that is new here what is shown."""
        self.parts.screen.send(self.scene)
        self.parts.screen.send(screen.Camera(on=self.camera_on))

    def saw(self, seen: sight.Seen) -> None:
        """One frame: move the disc, and tell the story on."""
        window = self.window
        if window is None or window.number != seen.window:
            return
        window.heard_s = self.parts.clock.passed_s()
        disc = screen.Disc(scene=self._serial, x=seen.x, y=seen.y, width=seen.width, hint=seen.hint, left_s=self.left_s())
        self.parts.screen.send(disc)
        if window.story is None:
            return
        window.face_seen |= seen.embedding is not None
        try:
            done = window.story.send(seen)
        except StopIteration as ended:
            window.story = None
            if window.told is not None:
                window.told(ended.value)
        else:
            self._progress(done)

    def tick(self, ended: Callable[[Window, bool], None]) -> None:
        """Serve the deadlines: of the scene, of the window, of eyes that fell silent."""
        now_s = self.parts.clock.passed_s()
        window = self.window
        if window is not None:
            patience_s = SILENT_S if window.camera_on else FIRST_FRAME_S
            if now_s - window.heard_s > patience_s:
                ended(window, True)
            elif now_s >= window.until_s + SILENT_S:
                ended(window, False)
        if self._home_at_s is not None and now_s >= self._home_at_s:
            self.home()
        if isinstance(self.scene, screen.Compare | screen.Joining):
            self.news()

    def next_deadline_s(self) -> float | None:
        """When `tick` is wanted next, by the monotonic clock."""
        window = self.window
        window_s = None
        if window is not None:
            window_s = window.heard_s + (SILENT_S if window.camera_on else FIRST_FRAME_S)
        deadlines = [at for at in (self._home_at_s, window_s) if at is not None]
        return min(deadlines, default=None)

    def guarded(self, act: Callable[[], object]) -> None:
        """Do something for a person; our own faults end on the screen, lock closed."""
        try:
            act()
        except ByleaveError as fault:
            self.fault(fault.code)
