"""A tap on a room's socket: everything passes on, and a copy is kept."""

import contextlib
import selectors
import socket
import threading
from pathlib import Path

MOST = 100_000


class Tap:
    """Takes a listening socket's place and passes every message on, both ways."""

    def __init__(self, path: Path) -> None:
        self.heard: list[bytes] = []
        self._behind = path.with_suffix(".behind")
        path.rename(self._behind)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._listener.bind(str(path))
        self._listener.listen(4)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._ends: dict[socket.socket, socket.socket] = {}
        self._open = True
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        """Take the tap away."""
        self._open = False
        self._thread.join()
        for end in (*self._ends, self._listener):
            end.close()
        self._selector.close()

    def _run(self) -> None:
        while self._open:
            for key, _ in self._selector.select(0.1):
                if key.fileobj is self._listener:
                    self._join()
                elif isinstance(key.fileobj, socket.socket):
                    self._pass_on(key.fileobj)

    def _join(self) -> None:
        near, _ = self._listener.accept()
        far = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        far.connect(str(self._behind))
        for one, other in ((near, far), (far, near)):
            self._ends[one] = other
            self._selector.register(one, selectors.EVENT_READ)

    def _pass_on(self, end: socket.socket) -> None:
        data = b""
        with contextlib.suppress(OSError):
            data = end.recv(MOST)
        if data:
            self.heard.append(data)
            with contextlib.suppress(OSError):
                self._ends[end].send(data)
            return
        for one in (end, self._ends.get(end)):
            if one is not None and self._ends.pop(one, None) is not None:
                self._selector.unregister(one)
                one.close()
