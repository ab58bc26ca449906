"""Owns a room's line to its supervisor: a byte a second while it lives, and one sentence if it cannot start.

The line is an inherited pipe; a room that is started by hand has none and speaks to stderr. When the supervisor is gone,
the line breaks and the room ends. What never happens here: a value, a traceback, an answer.
"""

import ctypes
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from device.config import Settings, load
from device.errors import ByleaveError, FaultCode

EVERY_S: Final = 1.0
"""Between two beats."""
_SET_DUMPABLE: Final = 4
"""Source: prctl(2)."""
STOPPED: Final = 1
"""The exit code of a room that cannot start, or was stopped by a fault."""


class Beat:
    """One room's heartbeat; without a descriptor it beats for nobody."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor
        self._next_s = 0.0
        self._gone = False
        if descriptor is not None:
            os.set_blocking(descriptor, False)

    def pulse(self) -> bool:
        """Beat if it is time to; False, from then on, when the supervisor is gone and the room should end."""
        if self._gone:
            return False
        now_s = time.monotonic()
        if self._descriptor is None or now_s < self._next_s:
            return True
        self._next_s = now_s + EVERY_S
        try:
            os.write(self._descriptor, b".")
        except BlockingIOError:
            return True  # a full pipe is a supervisor that is slow, not one that is gone
        except OSError:
            self._gone = True
        return not self._gone

    def refuse(self, fault: ByleaveError) -> None:
        """Say in one sentence why the room cannot start."""
        line = json.dumps({"code": fault.code, "sentence": fault.sentence})
        if self._descriptor is None:
            print(line, file=sys.stderr)  # noqa: T201  (nobody else listens)
            return
        try:
            os.write(self._descriptor, line.encode() + b"\n")
        except OSError:
            return


def close_up() -> None:
    """No core dump, no look into our memory from beside, nothing written that others could read (MIN-03)."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_SET_DUMPABLE, 0, 0, 0, 0)
    os.umask(0o077)


def room(arguments: list[str], run: Callable[[Settings, Beat], None]) -> int:
    """
    Run one room, given `SETTINGS.toml [--beat FD]`, and give its exit code.

    A fault of ours ends it with a sentence, any other with a code and a place: never with a value or a traceback.
    """
    close_up()
    beat = Beat(int(arguments[2]) if len(arguments) > 2 and arguments[1] == "--beat" else None)
    try:
        run(load(Path(arguments[0])), beat)
    except ByleaveError as fault:
        beat.refuse(fault)
        return STOPPED
    except Exception as broken:  # noqa: BLE001  (the last resort)
        trace = broken.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        at = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
        print(json.dumps({"code": FaultCode.UNEXPECTED, "at": at}), file=sys.stderr, flush=True)  # noqa: T201  (a place only)
        return STOPPED + 1
    return 0
