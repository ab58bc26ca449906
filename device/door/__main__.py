"""Starts the door: `python -m device.door SETTINGS.toml [--beat FD]`."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from device.config import load
from device.door.process import run
from device.errors import ByleaveError, FaultCode


def main() -> int:
    """Serve until told to end; 1 with one line, a code and a sentence or a place, when it cannot."""
    arguments = ArgumentParser()
    arguments.add_argument("settings", type=Path)
    arguments.add_argument("--beat", type=int)
    given = arguments.parse_args()
    try:
        run(load(given.settings), given.beat)
    except ByleaveError as fault:
        _tell({"code": fault.code, "sentence": fault.sentence})
        return 1
    except Exception as broken:  # noqa: BLE001  (the last resort: a place, never a value or a traceback)
        trace = broken.__traceback__
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        at = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "?"
        _tell({"code": FaultCode.UNEXPECTED, "at": at})
        return 1
    return 0


def _tell(line: dict[str, str]) -> None:
    print(json.dumps(line), file=sys.stderr, flush=True)  # noqa: T201  (the one place it speaks)


if __name__ == "__main__":
    sys.exit(main())
