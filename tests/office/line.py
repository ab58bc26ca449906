"""A line between doors and a console that a test can listen to, cut, and be slow with: bytes are counted, never understood."""

import contextlib
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

CHUNK: Final = 65_536


class Line:
    """A TCP relay on a port of its own. `heard` counts bytes by direction and by what `moment` says then."""

    def __init__(self, to: tuple[str, int], moment: Callable[[], int] = lambda: 0) -> None:
        self._to = to
        self._moment = moment
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: Final = int(self._listener.getsockname()[1])
        self.heard: Counter[tuple[str, int]] = Counter()
        self.calls: Counter[int] = Counter()
        self.delay_s = 0.0
        self.tapes: list[bytearray] | None = None
        """While it is a list: what each new connection says to the console, byte by byte."""
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._up = True
        self._ending = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def up(self) -> bool:
        """Whether anything goes through."""
        return self._up

    def cut(self) -> None:
        """Nothing goes through, and what is open breaks."""
        self._up = False
        with self._lock:
            broken = list(self._open)
        for sock in broken:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """It goes through again."""
        self._up = True

    def lead_to(self, to: tuple[str, int]) -> None:
        """New connections lead elsewhere."""
        self._to = to

    def close(self) -> None:
        """Take it down."""
        self._ending = True
        self.cut()
        self._listener.close()

    def _accept(self) -> None:
        while not self._ending:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if not self._up:
                near.close()
                continue
            try:
                far = socket.create_connection(self._to, timeout=5)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.calls[self._moment()] += 1
            with self._lock:
                self._open |= {near, far}
            tape = bytearray()
            if self.tapes is not None:
                self.tapes.append(tape)
            for source, sink, way in ((near, far, "out"), (far, near, "in")):
                threading.Thread(target=self._carry, args=(source, sink, way, tape), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, way: str, tape: bytearray) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(CHUNK):
                if self.delay_s:
                    time.sleep(self.delay_s)
                with self._lock:
                    self.heard[way, self._moment()] += len(data)
                    if way == "out" and self.tapes is not None:
                        tape += data
                sink.sendall(data)
        for sock in (source, sink):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        with self._lock:
            self._open.discard(source)
        source.close()
