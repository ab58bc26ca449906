"""Owns the loop around windows: load the networks, dial the door, say ready, wait, look, forget.

It waits without any cost, holds nothing between windows, and dials again when the door restarts. What never happens here: a
window nobody asked for.
"""

import signal
import sys
import time
from typing import Final

from device.beat import EVERY_S, Beat
from device.config import CameraKind, Engine, Settings
from device.contract import sight
from device.contract.wire import Wire, connect
from device.contract.words import Blob, Message
from device.errors import WireError
from device.eyes.cameras import camera
from device.eyes.ports import Camera, FaceReader
from device.eyes.window import Sense, look

DIAL_S: Final = 0.05
"""Pause before the door is dialled again."""


def run(settings: Settings, beat: Beat) -> None:
    """
    See for this door until told to end.

    Raises: SetupError when the model cache is damaged; SettingsError for a camera that cannot be.
    """
    # Networks last: loading them ends with giving back what was used and freed.
    eye, reader = camera(settings), _reader(settings)
    # Only now: until there is something to close, a signal ends the process at once, also in the middle of a library's start.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    while beat.pulse():
        try:
            wire = connect(settings.folders.run / "sight.sock", sight.TO_EYES)
        except WireError:
            time.sleep(DIAL_S)
            continue
        try:
            _serve(wire, settings, reader, eye, beat)
        except WireError:
            continue
        else:
            return
        finally:
            wire.close()


def _serve(wire: Wire, settings: Settings, reader: FaceReader, eye: Camera, beat: Beat) -> None:
    """Serve this door until the supervisor is gone; raises WireError when the door is."""
    simulated = settings.camera.kind is not CameraKind.ATTACHED
    wire.send(sight.EyesReady(model=Blob(reader.model), simulated=simulated))
    sense = Sense(camera=eye, reader=reader, tell=wire.send, asked=wire.receive, alive=beat.pulse)
    asked: Message | None = None
    while beat.pulse():
        asked = look(sense, asked) if isinstance(asked, sight.Look) else wire.receive(EVERY_S)


def _reader(settings: Settings) -> FaceReader:
    """The engine the settings name, and no other."""
    if settings.recognition.engine is Engine.STOCK:
        from device.eyes.stock_reader import StockReader  # noqa: PLC0415  (its 68-point model is loaded by choice alone)

        return StockReader()
    from device.eyes.onnx_reader import OnnxReader  # noqa: PLC0415  (loaded where it is used)

    return OnnxReader(settings.folders.models)
