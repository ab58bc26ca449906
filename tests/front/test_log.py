"""The log: codes and counts, whoever writes."""

import json
import subprocess
import sys
import textwrap

import pytest

from device.contract.screen import Noted
from device.errors import FaultCode
from device.front import log


def test_a_note_is_a_code_and_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    log.note(Noted(code=FaultCode.CAMERA, count=4))
    told = json.loads(capsys.readouterr().err)
    assert isinstance(told.pop("at"), int)
    assert told == {"code": "camera", "count": 4}


def test_something_unforeseen_is_its_place_and_not_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("482913")  # noqa: TRY301  (it must have been raised somewhere)
    except ValueError as error:
        log.unexpected(error)
    told = json.loads(capsys.readouterr().err)
    assert told["code"] == "unexpected"
    assert told["at"].startswith("test_log.py:")
    assert set(told) == {"code", "at"}


def test_libraries_threads_and_the_interpreter_cannot_print_a_value() -> None:
    """Every way a text could reach the log, with a canary in it."""
    program = """
        import logging, threading, warnings
        from device.front import log
        log.take_over()
        def fail(): raise RuntimeError("CANARY")
        for name in ("waitress", "waitress.queue", "werkzeug", "flask.app", "py.warnings", ""):
            logging.getLogger(name).error("%s", "CANARY")
            logging.getLogger(name).warning("%s", "CANARY")
        warnings.warn("CANARY")
        try:
            fail()
        except RuntimeError:
            logging.getLogger("waitress").exception("CANARY")
        thread = threading.Thread(target=fail)
        thread.start()
        thread.join()
        fail()
    """
    ended = subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "CANARY" not in ended.stdout + ended.stderr
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert len(lines) >= 8
    assert {frozenset(line) for line in lines} == {frozenset({"code", "at"})}
