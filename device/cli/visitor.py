"""Owns a person at the kiosk, by HTTP: reads the scene, presses what is there, types, agrees. The demo's story and the
benchmarks use the real pages through it, as a browser does. What never happens here: a shortcut to the door.
"""

import contextlib
import http.client
import io
import json
import re
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

import numpy as np
import zxingcpp
from PIL import Image

from device.errors import WireError


class Visitor:
    """One browser session at one kiosk."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host = parts.netloc
        self._web = http.client.HTTPConnection(self._host, timeout=30)
        self._cookie = ""
        answer = self._ask("GET", parts.path)
        self._cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
        answer.read()
        if not self._cookie:
            raise WireError("The kiosk did not let us in.")

    def scene(self) -> dict[str, Any]:
        """What the screen shows now."""
        told: dict[str, Any] = json.loads(self._read("/scene.json"))
        return told

    def until(self, *names: str, within_s: float = 15.0, holds: Callable[[dict[str, Any]], bool] | None = None) -> dict[str, Any]:
        """
        Wait for one of these scenes (and what must hold of it), as somebody watching the screen does.

        Raises: WireError when it does not come.
        """
        give_up_s = time.monotonic() + within_s
        scene: dict[str, Any] = {"name": "nothing"}
        while True:
            with contextlib.suppress(WireError):  # a front that is just starting again
                scene = self.scene()
            if scene["name"] in names and (holds is None or holds(scene)):
                return scene
            if time.monotonic() > give_up_s:
                raise WireError(f"The screen shows {scene['name']} and not {' or '.join(names)}.")
            time.sleep(0.01)

    def press(self, button: str) -> None:
        """Press a button of the scene that is shown."""
        self._post("/press", button=button)

    def type(self, digits: str) -> None:
        """Type on the keypad that is shown."""
        self._post("/enter", digits=digits)

    def agree(self) -> None:
        """Tick the box and hold to agree to the notice that is shown."""
        self._post("/agree", ticked="yes", version=str(self.scene()["version"]))

    def read_issued(self) -> tuple[bytes, str]:
        """The badge, read with a QR reader from the picture the kiosk shows, and the PIN as it stands on the page."""
        pin = re.search(r'<data value="(\d+)">', self._read("/scene").decode())
        badge = read_qr(self._read("/badge.png"))
        if pin is None or badge is None:
            raise WireError("The kiosk shows no badge and PIN.")
        return badge, pin[1]

    def read_receipt(self) -> dict[str, Any]:
        """The receipt that is shown, as the kiosk lets one keep it."""
        receipt: dict[str, Any] = json.loads(self._read("/receipt.json"))
        return receipt

    def hints(self, frames: int) -> list[str]:
        """The hints of so many frames, as the disc's stream tells them to the browser."""
        stream = http.client.HTTPConnection(self._host, timeout=10)
        hints: list[str] = []
        try:
            stream.request("GET", "/events", headers={"Host": self._host, "Cookie": self._cookie})
            answer = stream.getresponse()
            event = b""
            while len(hints) < frames:
                line = answer.readline()
                if not line:
                    raise WireError("The kiosk's stream ended.")
                if line.startswith(b"event:"):
                    event = line[6:].strip()
                elif line.startswith(b"data:") and event == b"disc":
                    hints.append(json.loads(line[5:])["hint"])
        except (OSError, http.client.HTTPException):
            raise WireError("The kiosk's stream does not answer.") from None
        finally:
            stream.close()
        return hints

    def close(self) -> None:
        """Walk away."""
        self._web.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _post(self, path: str, **told: str) -> None:
        scene = self.scene()
        form = urlencode({"scene": scene["scene"], "token": scene["token"], **told})
        answer = self._ask("POST", path, form)
        answer.read()
        # 409: the screen has moved on by itself; the caller sees the new scene.
        if answer.status not in {204, 409}:
            raise WireError(f"The kiosk refused a press on {scene['name']}.")

    def _read(self, path: str) -> bytes:
        answer = self._ask("GET", path)
        body = answer.read()
        if answer.status != http.client.OK:
            raise WireError(f"The kiosk does not show {path}.")
        return body

    def _ask(self, method: str, path: str, form: str | None = None) -> http.client.HTTPResponse:
        headers = {"Host": self._host, "Cookie": self._cookie}
        if form is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self._host}"}
        try:
            self._web.request(method, path, form, headers)
            return self._web.getresponse()
        except (OSError, http.client.HTTPException):
            self._web.close()
            raise WireError("The kiosk does not answer.") from None


def read_qr(picture: bytes) -> bytes | None:
    """The payload of the QR code in this picture file, if there is one."""
    with Image.open(io.BytesIO(picture)) as opened:
        pixels = np.asarray(opened.convert("L"))
    found = zxingcpp.read_barcodes(pixels, formats=zxingcpp.BarcodeFormat.QRCode)
    return bytes(found[0].bytes) if found else None
