"""Owns the processes of one door: starts the keeper, the door, eyes, front and link, watches their heartbeats,
restarts each alone.

Every child writes a byte a second into a pipe of its own. A pipe that ends means the child died; one that falls silent
means it froze, and it is killed. What never happens here: a decision about the door; one child's death reaching another.
"""

import contextlib
import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Final

from device.cli.keeping import Keeping, refusal
from device.config import Settings
from device.contract import office
from device.contract.wire import connect
from device.contract.words import Message
from device.errors import FaultCode, SetupError, WireError

ROOMS: Final = ("door", "eyes", "front", "front.link")
"""Each is a module below `device` and a process of its own; the link is the front's, on a socket of its own."""
SILENT_S: Final = 5.0
"""A child that says nothing for this long is frozen (SAF-11)."""
STARTING_S: Final = 20.0
"""A child may take this long to its first beat; a small board loads networks slowly."""
WAIT_LEAST_S: Final = 0.2
WAIT_MOST_S: Final = 10.0
"""Pause before a restart; doubles with every death, until a child has lived for `STEADY_S`."""
STEADY_S: Final = 30.0
END_S: Final = 5.0
"""Children that have not ended by then are killed."""


@dataclass(slots=True)
class Child:
    """One process and its heartbeat."""

    room: str
    before: tuple[str, ...] = ()
    """What the command is wrapped in, such as a namespace of its own."""
    process: subprocess.Popen[bytes] | None = None
    beat: int = -1
    started_s: float = 0.0
    heard_s: float = 0.0
    wait_s: float = WAIT_LEAST_S
    start_at_s: float = 0.0
    beaten: bool = False

    @property
    def pid(self) -> int | None:
        """Its process id while it lives."""
        return self.process.pid if self.process is not None else None


@dataclass(slots=True)
class Supervisor:
    """Keeps the rooms of one door running."""

    path: Path
    settings: Settings
    children: list[Child] = field(default_factory=lambda: [Child(room) for room in ROOMS])
    _keeping: Keeping | None = None
    _lock: IO[str] | None = None
    _ending: bool = False
    _announced: bool = False
    _selector: selectors.DefaultSelector = field(default_factory=selectors.DefaultSelector)

    def claim(self) -> None:
        """
        Make the run folder and take it for this device.

        Raises: SetupError when it cannot be made, or another device process has it.
        """
        run = self.settings.folders.run
        try:
            run.mkdir(parents=True, exist_ok=True, mode=0o700)
            run.chmod(0o700)
            self._lock = os.fdopen(os.open(run / "device.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w")
        except OSError:
            raise SetupError(f"The run folder {run} cannot be written. Make it writable, or set `folders.run`.") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise SetupError("This door is running already, in another process.", FaultCode.SECOND_PROCESS) from None
        (run / "kiosk.url").unlink(missing_ok=True)

    def run(self, ready: Callable[[], None]) -> None:
        """Start everything, say when it is ready, and keep it up until told to end."""
        try:
            self._keep()
            for child in self.children:
                self._start(child)
            while not self._ending:
                self._turn(1.0 if self._announced else 0.02)
                if not self._announced and self._ready():
                    self._announced = True
                    ready()
        finally:
            self._end()

    def end(self) -> None:
        """Stop after this turn; safe in a signal handler."""
        self._ending = True

    def _turn(self, pause_s: float) -> None:
        for key, _ in self._selector.select(pause_s):
            child: Child = key.data
            self._listen(child)
        now_s = time.monotonic()
        for child in self.children:
            if child.process is None:
                if now_s >= child.start_at_s:
                    self._start(child)
            elif now_s - child.heard_s > (SILENT_S if child.beaten else STARTING_S):
                child.process.kill()
                self._bury(child)
        self._keep()

    def _listen(self, child: Child) -> None:
        said = os.read(child.beat, 4096)
        if not said:
            self._bury(child)
        elif said.startswith(b"{"):
            self._refused(child, said)
        else:
            child.heard_s = time.monotonic()
            child.beaten = True

    def _refused(self, child: Child, said: bytes) -> None:
        """A room that cannot start: before the door was ever ready that ends the start, later it is tried again."""
        why = refusal(said)
        if not self._announced:
            raise SetupError(why["sentence"], FaultCode(why["code"]))
        self._log(child.room, why["code"])

    def _keep(self) -> None:
        """See to the lock's keeper; one that cannot start ends our own start, and is only logged later."""
        if self._keeping is None:
            self._keeping = Keeping(self.path, self.settings.folders.run, _environment())
        try:
            self._keeping.turn()
        except SetupError as fault:
            if not self._announced:
                raise
            self._log("lock", fault.code)

    def _log(self, room: str, code: str) -> None:
        sys.stderr.write(json.dumps({"room": room, "code": code}) + "\n")

    def _start(self, child: Child) -> None:
        child.beat, theirs = os.pipe()
        command = [*child.before, sys.executable, "-m", f"device.{child.room}", str(self.path), "--beat", str(theirs)]
        child.process = subprocess.Popen(
            command, pass_fds=(theirs,), stdin=subprocess.DEVNULL, cwd="/", env=_environment(), process_group=0
        )
        os.close(theirs)
        child.started_s = child.heard_s = time.monotonic()
        child.beaten = False
        self._selector.register(child.beat, selectors.EVENT_READ, child)

    def _bury(self, child: Child) -> None:
        self._selector.unregister(child.beat)
        os.close(child.beat)
        if child.process is not None:
            # One that hung up its line and lives on is not ours any more.
            child.process.kill()
            child.process.wait()
            child.process = None
        now_s = time.monotonic()
        steady = now_s - child.started_s >= STEADY_S
        child.wait_s = WAIT_LEAST_S if steady else min(WAIT_MOST_S, child.wait_s * 2)
        child.start_at_s = now_s + child.wait_s

    def _ready(self) -> bool:
        run = self.settings.folders.run
        if any(child.room == "front" for child in self.children) and not (run / "kiosk.url").exists():
            return False
        with contextlib.suppress(WireError):
            status = ask(run, office.AskStatus(), within_s=1.0)
            return (
                isinstance(status, office.Status) and status.eyes and status.front and status.lock is not office.LockState.UNKNOWN
            )
        return False

    def _end(self) -> None:
        living = [child for child in self.children if child.process is not None]
        for child in living:
            if child.process is not None:
                child.process.terminate()
        give_up_s = time.monotonic() + END_S
        for child in living:
            if child.process is None:
                continue
            try:
                child.process.wait(max(0.1, give_up_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
        if self._keeping is not None:
            self._keeping.end()
        if self._lock is not None:
            self._lock.close()


def ask(run: Path, message: Message, within_s: float = 10.0) -> Message:
    """
    The running door's answer to one command of the office.

    Raises: WireError when no door runs there or it does not answer.
    """
    wire = connect(run / "office.sock", office.TO_OFFICE)
    try:
        wire.send(message)
        answer = wire.receive(within_s)
    finally:
        wire.close()
    if answer is None:
        raise WireError("The door does not answer.")
    return answer


def end_on_signals(end: Callable[[], None]) -> None:
    """Let SIGTERM and SIGINT end a loop after its turn."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())


def _environment() -> dict[str, str]:
    """The little of our environment that a room needs; one thread for each numeric library, ONNX Runtime has its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH") if name in os.environ}
    return kept | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
