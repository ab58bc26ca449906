"""Copied beside a room as `sitecustomize`, before its own code: writes down what door and eyes may never do, as they do it.

Watched: opening for writing outside the folders listed in the file `may` beside it, inet sockets, processes.
"""

import os
import sys
from typing import Any

ROOMS = ("device.door", "device.eyes")
PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "pty.spawn"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
UNIX = {1, -1}
"""AF_UNIX, and a descriptor taken over as it is."""


def _watch(here: str) -> None:
    with open(f"{here}/may", encoding="utf-8") as file:  # noqa: PTH123  (pathlib is not imported before the hook stands)
        may = tuple(file.read().split("\n"))
    seen = os.open(f"{here}/seen", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def hook(event: str, told: tuple[Any, ...]) -> None:
        if event == "open":
            path, mode, flags = told
            writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (isinstance(flags, int) and flags & WRITES)
            if not writes or isinstance(path, int) or os.fsdecode(path).startswith((*may, os.devnull)):
                return
        elif event == "socket.__new__":
            if told[1] in UNIX:
                return
        elif event not in PROCESSES:
            return
        os.write(seen, f"{event} {told!r}\n".encode())

    sys.addaudithook(hook)


if any(room in sys.orig_argv for room in ROOMS):
    _watch(__file__.rpartition("/")[0])
