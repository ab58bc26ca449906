"""Owns what a new door is made of: its settings file, its folders, its keys. What never happens here: overwriting any of them."""

import json
import os
from pathlib import Path
from typing import Final

from device.config import Settings, load
from device.door.keys import FileKeyStore
from device.door.store import Store
from device.errors import SetupError

SETTINGS: Final = """\
# Byleave: the settings of one door. A key that is unknown or missing stops the start and is named.

simulated = {simulated}            # true only where camera or lock are simulated; every screen says so

[site]
name = "{name}"                    # who runs the door, as the screen and the notice say it
door = "{door}"
controller = "{controller}"        # who answers for the data
contact = "{contact}"              # where to ask
zone = "{zone}"                    # the door's time zone, for weekly hours and days

[folders]                          # relative to this file
data = "data"                      # the vault
keys = "keys"                      # outside the data: a copy of one without the other opens nothing
run = "{run}"                      # sockets while it runs
link = "link"                      # how the console is reached, once the door is paired
models = "{models}"                # the networks, rebuilt from their packages when damaged

[camera]
kind = "{camera}"                  # attached, or where simulated: video, pictures, portraits
source = "{source}"                # /dev/video0, or a file or folder

[recognition]
engine = "onnx"                    # or stock: slow, and its 68-point model is not for commercial use
face = "{face}"                    # off, with_badge, or where the camera is simulated: alone

[entry]
factors = {factors}                # 1: badge or PIN opens. 2: badge, and then PIN or face

[lock]
kind = "{lock}"                    # relay, or where simulated: simulated
open_s = 5                         # how long it opens; it always closes again
pin = {pin}                           # the relay's GPIO number; a simulated lock needs none
pins = "{pins}"                    # gpiozero's pin library, by name; there is no fallback to another
active_high = true                 # whether the relay pulls in on a high pin

[kiosk]
port = {port}                      # on loopback only; 0 takes a free one

[keeping]                          # days; there is no "never"
template_days = 365
unused_days = 90
openings_days = 90
code_days = 7
notice_days = 30                   # grace in which a new notice is read and agreed to
"""


def make(folder: Path, **told: object) -> Settings:
    """
    Write a new door's settings, make its folders and keys, and read the settings back.

    Raises: SetupError when there is a door already, or the folder cannot be written; SettingsError for a value out of bounds.
    """
    path = folder / "settings.toml"
    if path.exists():
        raise SetupError(f"There is a door at {folder} already.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(SETTINGS.format(**{name: _toml(value) for name, value in told.items()}))
    except OSError:
        raise SetupError(f"The folder {folder} cannot be written.") from None
    settings = load(path)
    FileKeyStore.create(settings.folders.keys)
    Store.create(settings.folders.data).close()
    return settings


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    # JSON's escapes are TOML's, too.
    return json.dumps(str(value), ensure_ascii=False)[1:-1]
