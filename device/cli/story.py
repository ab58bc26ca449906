"""Owns the whole story without a person: every step on real pictures, through the real networks and the real processes.

It stands where people stand: before the simulated camera, at the kiosk's pages, at the bolt, and with a copy of the disk.
A step holds only if what it claims was seen from there. What never happens here: a word to the vault or to the door's code.
"""

import base64
import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

import psutil

from device.cli import sample
from device.cli.stage import Stage
from device.cli.supervise import ask
from device.cli.visitor import Visitor
from device.config import Settings
from device.contract import bolt, office
from device.contract.office import LockState
from device.contract.wire import connect
from device.errors import ByleaveError

SECRET_COLUMNS: Final = ("wrapped", "sealed")


class NotHeld(ByleaveError):
    """A step's claim was not seen to hold."""


@dataclass(slots=True)
class Step:
    """One step and how it went."""

    step: str
    held: bool
    ms: int


@dataclass(slots=True)
class Story:
    """One office's first day, told at one running door."""

    settings: Settings
    stage: Stage
    device: psutil.Process
    kiosk: Visitor
    badges: dict[str, bytes] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    needles: list[bytes] = field(default_factory=list)
    beside: sample.Console | None = None
    """A console, still to be paired; without one the door invites by itself."""

    def steps(self) -> list[tuple[str, Callable[[], None]]]:
        """The story, in order."""
        if self.beside is None:
            return self._at_the_door()
        return [
            (
                "a console is paired: both screens show the same digits, and the door learns whom to admit",
                self.console_is_paired,
            ),
            *self._at_the_door(),
            ("nothing of template or badge is in any file of the console", self.console_holds_nothing),
        ]

    def _at_the_door(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("an invited person gets a badge and a PIN, before any question about faces", self.first_is_invited),
            ("they agree to the notice, and are enrolled from several looks", self.first_agrees),
            ("their face opens the door, and the lock closes again", self.first_opens_by_face),
            ("another face is refused", self.other_face_is_refused),
            ("two faces in view: nobody is embedded, the door stays closed", self.two_faces),
            ("with the camera process frozen and then killed, the PIN opens", self.camera_dead),
            ("a second person declines, and opens by badge", self.second_declines),
            ("the first withdraws, and gets a signed receipt", self.first_withdraws),
            ("what must be gone is in no file of the data folder", self.nothing_is_left),
            ("the same face is refused now", self.same_face_is_refused),
            ("the badge still opens", self.badge_still_opens),
        ]

    def tell(self) -> Iterator[Step]:
        """Play the steps one after the other, up to the first that does not hold."""
        for name, act in self.steps():
            began_s = time.monotonic()
            try:
                act()
            except ByleaveError as fault:
                yield Step(f"{name} — {fault.sentence}", held=False, ms=_ms(began_s))
                return
            yield Step(name, held=True, ms=_ms(began_s))

    def console_is_paired(self) -> None:
        """The office is written down at the console; the door's policy follows."""
        if self.beside is not None:
            sample.hand_over(sample.fill(self.beside, self.settings, self.kiosk))
        self._wait(lambda: self._admitted() == len(sample.PEOPLE), "The door was not told whom to admit.")

    def console_holds_nothing(self) -> None:
        """The bytes of the template that was, and of every badge, are hunted through the console's folder."""
        if self.beside is None:
            return
        told = b"".join(path.read_bytes() for path in sorted(self.beside.folder.rglob("*")) if path.is_file())
        hunted = [*self.needles, *self.badges.values()]
        _hold(bool(hunted) and bool(told), "There is nothing to hunt for, or nowhere to look.")
        _hold(not any(form in told for needle in hunted for form in _forms(needle)), "The console holds what it must not.")

    def first_is_invited(self) -> None:
        """Code, badge and PIN, then the choice."""
        self._collect("first")
        self.kiosk.press("next")
        choice = self.kiosk.until("Choice")
        _hold(set(choice["buttons"]) >= {"my_face_too", "badge_and_pin"}, "The choice does not offer both.")

    def first_agrees(self) -> None:
        """Notice, agreement, looks, receipt."""
        self.stage.put("grace")
        self.kiosk.press("my_face_too")
        self.kiosk.until("Notice")
        self.kiosk.agree()
        self.kiosk.until("Sitting")
        self.kiosk.until("Sitting", holds=lambda scene: scene["done"] > 1)
        self.kiosk.until("Kept", within_s=60)
        _hold("receipt" in str(self.kiosk.read_receipt()), "There is no receipt.")
        self.kiosk.press("stop")
        self.needles = self._secrets()
        _hold(bool(self.needles), "There is no template after the looks.")
        _hold(self._found(), "The template's bytes are not in the data folder, so looking for them later would prove nothing.")

    def first_opens_by_face(self) -> None:
        """Somebody enrolled stands there."""
        self.stage.put("grace")
        self._opens(lambda: self.kiosk.press("use_face"))

    def other_face_is_refused(self) -> None:
        """Somebody else stands there."""
        self.stage.put("eileen")
        self._refused()

    def two_faces(self) -> None:
        """Both stand there; every frame of the window is told to be of more than one person."""
        self.stage.put("both")
        before = self._moves()
        self.kiosk.until("Idle")
        self.kiosk.press("use_face")
        self.kiosk.until("Looking")
        hints = self.kiosk.hints(frames=20)
        _hold(set(hints) == {"one_person"}, "A frame with two people was taken for one of a single person.")
        self.kiosk.press("stop")
        self.kiosk.until("Idle")
        _hold(self._moves() == before, "The lock moved.")

    def camera_dead(self) -> None:
        """The camera's process is stopped, and killed after."""
        eyes = room_of(self.device, "eyes")
        os.kill(eyes.pid, signal.SIGSTOP)
        self._opens_by_pin("first")
        with contextlib.suppress(psutil.NoSuchProcess):  # the supervisor may have been faster
            eyes.kill()
        self.kiosk.until("Idle", within_s=30, holds=lambda scene: scene["camera"])

    def second_declines(self) -> None:
        """Another person takes badge and PIN and no face."""
        self._collect("second")
        self.kiosk.press("next")
        self.kiosk.until("Choice")
        self.kiosk.press("badge_and_pin")
        self._opens_by_badge("second")

    def first_withdraws(self) -> None:
        """Badge, PIN, own page, one press."""
        self.kiosk.until("Idle")
        self.stage.hold_up(self.badges["first"])
        self.kiosk.press("about_me")
        self.kiosk.until("Keypad")
        self.kiosk.type(self.pins["first"])
        self.kiosk.until("Personal")
        self.kiosk.press("withdraw")
        self.kiosk.until("Gone")
        _hold("receipt" in str(self.kiosk.read_receipt()), "There is no receipt.")
        self.kiosk.press("stop")

    def nothing_is_left(self) -> None:
        """The bytes that were there before are hunted through every file."""
        _hold(not self._secrets(), "A template is still there.")
        _hold(not self._found(), "Bytes of the erased template are still in the data folder.")

    def same_face_is_refused(self) -> None:
        """Who was known is not known any more."""
        self.stage.put("grace")
        self._refused()

    def badge_still_opens(self) -> None:
        """Changing one's mind changes nothing else."""
        self._opens_by_badge("first")

    # --- what a person does ------------------------------------------------------------------------------------------

    def _collect(self, who: str) -> None:
        code = self._code(who)
        self.kiosk.until("Idle")
        self.kiosk.press("invitation")
        self.kiosk.until("CodePad")
        self.kiosk.type(code)
        self.kiosk.until("Issued")
        self.badges[who], self.pins[who] = self.kiosk.read_issued()

    def _code(self, who: str) -> str:
        if self.beside is not None:
            return sample.letter(self.beside, sample.PEOPLE[("first", "second").index(who)][0]) or ""
        invited = ask(self.settings.folders.run, office.Invite())
        if not isinstance(invited, office.Invited):
            raise NotHeld("No code was made.")
        return str(invited.code)

    def _admitted(self) -> int:
        status = ask(self.settings.folders.run, office.AskStatus())
        return status.people if isinstance(status, office.Status) else 0

    def _opens(self, act: Callable[[], None]) -> None:
        before = self._moves()
        self.kiosk.until("Idle")
        act()
        self.kiosk.until("Opened")
        self.kiosk.press("stop")
        self._wait(lambda: self._moves()[len(before) :] == [LockState.OPEN, LockState.CLOSED], "The lock did not open and close.")

    def _opens_by_pin(self, who: str) -> None:
        def act() -> None:
            self.kiosk.press("pin")
            self.kiosk.until("Keypad")
            self.kiosk.type(self.pins[who])

        self._opens(act)

    def _opens_by_badge(self, who: str) -> None:
        self.stage.hold_up(self.badges[who])
        self._opens(lambda: self.kiosk.press("show_badge"))

    def _refused(self) -> None:
        before = self._moves()
        self.kiosk.until("Idle")
        self.kiosk.press("use_face")
        self.kiosk.until("NotKnown")
        self.kiosk.press("stop")
        _hold(self._moves() == before, "The lock moved.")

    # --- what a bystander sees ---------------------------------------------------------------------------------------

    def _moves(self) -> list[LockState]:
        wire = connect(self.settings.folders.run / "lock.sock", bolt.FROM_KEEPER)
        try:
            wire.send(bolt.AskLock())
            answer = wire.receive(2)
        finally:
            wire.close()
        if not isinstance(answer, bolt.LockIs):
            raise NotHeld("The lock does not answer.")
        return [move.state for move in answer.moves if move.state is not LockState.MOVING]

    def _secrets(self) -> list[bytes]:
        path = self.settings.folders.data / "door.db"
        database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        try:
            rows = database.execute(f"SELECT {', '.join(SECRET_COLUMNS)} FROM templates").fetchall()  # noqa: S608  (our own names)
        finally:
            database.close()
        return [bytes(value) for row in rows for value in row]

    def _found(self) -> bool:
        files = [path for path in self.settings.folders.data.rglob("*") if path.is_file()]
        return any(needle in path.read_bytes() for path in files for needle in self.needles)

    def _wait(self, holds: Callable[[], bool], otherwise: str, within_s: float = 10.0) -> None:
        give_up_s = time.monotonic() + within_s
        while not holds():
            _hold(time.monotonic() < give_up_s, otherwise)
            time.sleep(0.02)


def room_of(device: psutil.Process, name: str) -> psutil.Process:
    """
    One room's process of a running device.

    Raises: NotHeld when there is none.
    """
    for child in device.children():
        with contextlib.suppress(psutil.Error):  # one that is just ending
            if f"device.{name}" in child.cmdline():
                return child
    raise NotHeld(f"There is no {name} process.")


def _forms(needle: bytes) -> tuple[bytes, ...]:
    """A needle as it may be written down; from its middle, so that no border hides it."""
    middle = needle[len(needle) // 4 : len(needle) // 4 + 24]
    return (middle, middle.hex().encode(), base64.b64encode(middle))


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise NotHeld(otherwise)


def _ms(began_s: float) -> int:
    return round((time.monotonic() - began_s) * 1000)
