"""Owns the console's one process: HTTPS for browsers and doors, in one thread that never waits for one of them.

What never happens here: plain HTTP; a request, an address or a fault's words in a log.
"""

import contextlib
import resource
import signal
import socket
import ssl
import sys
from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import gevent
import gevent.socket
from flask import Flask
from gevent.pool import Pool
from gevent.pywsgi import WSGIHandler, WSGIServer
from gevent.ssl import SSLContext

from admin import certificate
from admin.config import Config
from admin.console import Console
from admin.errors import ConsoleError

CONNECTIONS_MOST: Final = 4_000
"""Two for each of a thousand doors, and browsers."""
BROWSERS_MOST: Final = 64
"""Connections from one address, beside those of the doors, all of which may stand behind one."""
A_DOOR: Final = 3
"""Connections of one door: its two lanes, and one that was cut and is not yet known to be."""
BACKLOG: Final = 1024
HANDSHAKE_S: Final = 10.0
HEAD_S: Final = 10.0
"""How long the head of a request may take, once it has begun."""
BODY_S: Final = 60.0
"""How long all of its body may take."""
LOCKED_MS: Final = 100
"""How long everybody waits while another program writes to the database; then whoever asked is told to try again."""
IDLE_S: Final = 150.0
"""How long a connection may say, or take, nothing; a door speaks every minute."""
SEND_BYTES: Final = 64 * 1024
"""What may lie in the system for somebody who does not read."""
TICK_S: Final = 20.0
FAULTY: Final = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def serve(console: Console, app: Flask, *, hourly: Callable[[], None], ready: Callable[[int], None] = lambda _: None) -> None:
    """
    Answer until this process is told to end; `hourly` runs at the start and whenever the console's clock shows another hour.

    `ready` is told the port, once it is open. Raises: ConsoleError when the port or a certificate cannot be used.
    """
    _allow_connections()
    server = listening(console, app)
    hourly()
    clock = gevent.spawn(_hours, console, hourly)
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, server.stop, timeout=1)
    ready(server.server_port)
    try:
        server.serve_forever()
    finally:
        clock.kill()
        server.stop(timeout=1)


def listening(console: Console, app: Flask) -> WSGIServer:
    """
    The server, already listening.

    Raises: ConsoleError when the port or a certificate cannot be used.
    """
    config = console.config
    context = _context(config)
    listener = gevent.socket.socket(socket.AF_INET6 if ":" in config.host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise ConsoleError(f"Port {config.port} of {config.host} cannot be used. Is another console running?") from None
    console.store.wait_most(LOCKED_MS)
    server = _Server(listener, app, spawn=Pool(CONNECTIONS_MOST), log=None, error_log=None, ssl_context=context)
    server.doors = lambda: console.store.row("SELECT count(*) FROM doors WHERE retired_at IS NULL")[0]
    server.start()
    return server


def _hours(console: Console, hourly: Callable[[], None]) -> None:
    done = console.clock.now().replace(minute=0, second=0)
    while True:
        gevent.sleep(TICK_S)
        hour = console.clock.now().replace(minute=0, second=0)
        if hour != done:
            done = hour
            hourly()


def _context(config: Config) -> SSLContext:
    """Doors are shown what they pinned; browsers that ask for the trusted name, the trusted certificate."""
    own = _of(*certificate.files(config))
    if config.certificate is not None and config.certificate_key is not None:
        trusted = _of(config.certificate, config.certificate_key)

        def choose(connection: Any, name: str | None, _: Any) -> None:
            if name == config.name:
                connection.context = trusted

        own.sni_callback = choose
    return own


def _of(path: Any, key: Any) -> SSLContext:
    context = SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0  # nobody resumes, and every handshake has one length
    try:
        context.load_cert_chain(path, key)
    except (OSError, ssl.SSLError):
        raise ConsoleError(f"The certificate {path} or its key cannot be used.") from None
    return context


class _Body:
    """The body of a request, which has to be there as a whole in time."""

    def __init__(self, body: Any) -> None:
        self._body = body
        self._until = monotonic() + BODY_S
        self.late = False

    def read(self, *most: int) -> bytes:
        """The next bytes. Raises: TimeoutError."""
        return bytes(self._in_time(self._body.read, *most))

    def readline(self, *most: int) -> bytes:
        """The next line. Raises: TimeoutError."""
        return bytes(self._in_time(self._body.readline, *most))

    def _discard(self) -> None:
        if not self.late:
            self._in_time(self._body._discard)  # noqa: SLF001  (gevent's handler asks for it by this name)

    def _in_time(self, read: Callable[..., Any], *most: int) -> Any:
        try:
            with gevent.Timeout(max(self._until - monotonic(), 0.0), TimeoutError):
                return read(*most)
        except TimeoutError:
            self.late = True
            raise


class _Handler(WSGIHandler):  # type: ignore[misc]  # gevent's server has no types
    """One connection; nothing of what it says is printed."""

    def read_request(self, raw_requestline: str) -> Any:
        with gevent.Timeout(HEAD_S):
            return super().read_request(raw_requestline)

    def get_environ(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environ()
        self._body = environ["wsgi.input"] = _Body(environ["wsgi.input"])
        self.wsgi_input: Any = self._body
        return environ

    def handle_one_response(self) -> None:
        super().handle_one_response()
        # What comes late belongs to a request that was answered; it must not be read as the next one.
        if self._body.late:
            self.close_connection = True

    def log_request(self) -> None:
        pass

    def log_error(self, msg: str, *args: Any) -> None:
        pass

    def _handle_client_error(self, ex: Exception) -> tuple[str, bytes]:
        del ex
        return "400", FAULTY

    def _log_error(self, t: type[BaseException], v: BaseException, tb: Any) -> None:
        del v, tb
        if not issubclass(t, OSError | gevent.GreenletExit):
            sys.stderr.write(f"byleave console: unexpected {t.__name__} while answering\n")


class _Server(WSGIServer):  # type: ignore[misc]  # gevent's server has no types
    """Whoever does not finish what they began is let go, and no address takes the place of all others."""

    handler_class = _Handler
    doors: Callable[[], int]
    """How many doors there are."""

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self._from: Counter[str] = Counter()

    def wrap_socket_and_handle(self, client_socket: Any, address: Any) -> None:
        whose = address[0]
        if self._from[whose] >= BROWSERS_MOST + A_DOOR * self.doors():
            return
        self._from[whose] += 1
        try:
            self._serve(client_socket, address)
        finally:
            self._from[whose] -= 1
            if not self._from[whose]:
                del self._from[whose]

    def _serve(self, client_socket: Any, address: Any) -> None:
        client_socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client_socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
        client_socket.settimeout(HANDSHAKE_S)
        with contextlib.suppress(OSError, gevent.Timeout), self.wrap_socket(client_socket, **self.ssl_args) as connection:
            connection.settimeout(IDLE_S)
            self.handle(connection, address)


def _allow_connections() -> None:
    """As many open files as this user may have; doors are two each."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
