"""Owns the log: one JSON line each on standard error, codes and counts only.

Whatever another library wants to log becomes one line that names the place, never the text. What never happens here:
interpolated text, a value, a traceback.
"""

import json
import logging
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

from device.contract.screen import Noted
from device.errors import FaultCode


def note(noted: Noted) -> None:
    """Log a code and how often it was met since the last note; `at` is UTC in whole seconds."""
    _line({"at": int(time.time()), "code": str(noted.code), "count": noted.count})


def unexpected(error: BaseException | None) -> None:
    """Log that something unforeseen happened, and where; not what."""
    trace = None if error is None else error.__traceback__
    _line({"code": str(FaultCode.UNEXPECTED), "at": _place(trace)})


def take_over() -> None:
    """Make this the only logger of the process: libraries, threads and the interpreter itself."""
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    logging.basicConfig(handlers=[_Place(level=logging.ERROR)], force=True)
    sys.excepthook = lambda _kind, error, _trace: unexpected(error)
    threading.excepthook = lambda told: unexpected(told.exc_value)


class _Place(logging.Handler):
    """Says where a library complained, and drops what it said."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            unexpected(record.exc_info[1])
        else:
            _line({"code": str(FaultCode.UNEXPECTED), "at": f"{record.filename}:{record.lineno}"})


def _place(trace: TracebackType | None) -> str:
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"


def _line(line: dict[str, str | int]) -> None:
    sys.stderr.write(json.dumps(line) + "\n")
    sys.stderr.flush()
