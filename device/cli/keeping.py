"""Owns that a lock's keeper is there and answers: takes over one that was left, starts one, replaces a frozen one.

What never happens here: asking a keeper to open; waiting for one.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from device.contract import bolt
from device.contract.wire import Wire, connect
from device.errors import FaultCode, SetupError, WireError

ASK_S: Final = 1.0
"""How often the keeper is asked how it is."""
SILENT_S: Final = 4.0
"""A keeper that does not answer for this long is frozen and killed: its timer does not run (SAF-11)."""
AGAIN_S: Final = 1.0
"""Pause before another keeper is started."""


@dataclass(slots=True)
class Keeping:
    """The keeper, seen from the supervisor."""

    path: Path
    run: Path
    environment: dict[str, str]
    wire: Wire | None = None
    process: subprocess.Popen[bytes] | None = None
    _said: int = -1
    _asked_s: float = 0.0
    _heard_s: float = 0.0
    _start_at_s: float = 0.0

    def turn(self) -> None:
        """
        See to it, without waiting.

        Raises: SetupError, with the keeper's own sentence, when it cannot start.
        """
        now_s = time.monotonic()
        if self.wire is None:
            with contextlib.suppress(WireError):
                self.wire = connect(self.run / "lock.sock", bolt.FROM_KEEPER)
                self._heard_s = now_s
        if self.wire is not None:
            self._ask(self.wire, now_s)
        elif self.process is None and now_s >= self._start_at_s:
            self._start()
        elif self.process is not None and self.process.poll() is not None:
            self._bury(now_s)

    def end(self) -> None:
        """Let the keeper close the lock and end, if it is ours."""
        if self.wire is not None:
            self.wire.close()
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
            os.close(self._said)

    def _ask(self, wire: Wire, now_s: float) -> None:
        try:
            while wire.receive() is not None:
                self._heard_s = now_s
            if now_s - self._heard_s > SILENT_S:
                os.kill(wire.peer, signal.SIGKILL)
            elif now_s - self._asked_s >= ASK_S:
                self._asked_s = now_s
                wire.send(bolt.AskLock())
        except (WireError, ProcessLookupError):
            wire.close()
            self.wire = None

    def _start(self) -> None:
        self._said, theirs = os.pipe()
        # A session of its own: what ends this process group does not end the keeper.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device.lock", str(self.path), "--beat", str(theirs)],
            stdin=subprocess.DEVNULL,
            cwd="/",
            env=self.environment,
            pass_fds=(theirs,),
            start_new_session=True,
        )
        os.close(theirs)

    def _bury(self, now_s: float) -> None:
        said = os.read(self._said, 4096)
        os.close(self._said)
        self.process = None
        self._start_at_s = now_s + AGAIN_S
        if said:
            why = refusal(said)
            raise SetupError(why["sentence"], FaultCode(why["code"]))


def refusal(said: bytes) -> dict[str, str]:
    """What a room said of why it cannot start; of anything that is not of that form, only that it is not."""
    try:
        told = json.loads(said.splitlines()[0])
        return {"code": str(FaultCode(told["code"])), "sentence": str(told["sentence"])[:300]}
    except (ValueError, KeyError, TypeError, IndexError):
        return {"code": str(FaultCode.UNEXPECTED), "sentence": "A process of this door could not start, and did not say why."}
