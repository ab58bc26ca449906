"""Puts the front together: the line to the door, the pages, the server, the heartbeat.

One loop serves and beats, so that a front that no longer serves falls silent. What never happens here: a rule.
"""

import signal
import sys
from types import FrameType
from typing import Any, Final

from waitress import wasyncore
from waitress.server import create_server

from device.beat import EVERY_S, Beat
from device.config import Settings
from device.front import address, log
from device.front.doorline import DoorLine
from device.front.kiosk.gate import Gate
from device.front.kiosk.pages import create_app
from device.front.stage import Stage

THREADS: Final = 8
"""Four for open event streams (`events.STREAMS_MOST`), the rest for pages and presses."""
REQUEST_MOST: Final = 16_384
"""Bytes; a press is under two hundred."""


def run(settings: Settings, beat: Beat) -> None:
    """
    Serve until told to end, or until nobody hears the heartbeat any more.

    Raises: SetupError when the port or the run folder is in the way.
    """
    log.take_over()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, _end)
    where = address.take(settings.folders.run, settings.kiosk.port)
    line = DoorLine(settings.folders.run / "screen.sock", Stage())
    app = create_app(settings.site, line, Gate(where.port, where.secret))
    sockets: dict[int, Any] = {}
    server = create_server(
        app,
        map=sockets,
        sockets=[where.sock],
        threads=THREADS,
        ident=None,
        channel_request_lookahead=1,
        max_request_body_size=REQUEST_MOST,
        max_request_header_size=REQUEST_MOST,
    )
    line.start()
    try:
        _serve(sockets, line, beat)
    except SystemExit:
        pass
    finally:
        line.end()
        line.stage.close()
        where.withdraw()
        server.task_dispatcher.shutdown(timeout=1)


def _serve(sockets: dict[int, Any], line: DoorLine, beat: Beat) -> None:
    while line.alive() and beat.pulse():
        wasyncore.loop(timeout=EVERY_S, use_poll=True, map=sockets, count=1)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)
