"""Owns the settings: one TOML file, read once, frozen; an unknown or missing key stops the start.

Whatever decides entry has no default here. What never happens here: starting anything, reading the environment.
"""

import tomllib
import types
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args, get_type_hints
from zoneinfo import available_timezones

from device.errors import SettingsError


class CameraKind(StrEnum):
    """Where frames come from."""

    ATTACHED = "attached"
    VIDEO = "video"
    PICTURES = "pictures"
    PORTRAITS = "portraits"


class LockKind(StrEnum):
    """What moves the bolt."""

    SIMULATED = "simulated"
    RELAY = "relay"


class Engine(StrEnum):
    """Which code runs the networks; there is no fallback from one to the other."""

    ONNX = "onnx"
    STOCK = "stock"


class FaceUse(StrEnum):
    """What a face may do at this door."""

    OFF = "off"
    WITH_BADGE = "with_badge"
    ALONE = "alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Who runs the door, as the notice and the screen name them."""

    name: str
    door: str
    controller: str
    contact: str
    zone: str
    """IANA time zone of the door: weekly hours and days are told in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where things lie; `keys` is outside `data`, so that a copy of one opens nothing; `link` is the link's alone."""

    data: Path
    keys: Path
    run: Path
    models: Path
    link: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """The one camera; `source` is a device path or number, a file, or a folder."""

    kind: CameraKind
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSettings:
    """The one lock; `pin` and `pins` (the gpiozero pin factory, by name) are a relay's."""

    kind: LockKind
    open_s: int
    pin: int | None = None
    pins: str | None = None
    active_high: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """Which engine, and what a face may do."""

    engine: Engine
    face: FaceUse


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How many factors everybody shows here: 1, or badge and then PIN or face."""

    factors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Kiosk:
    """The kiosk's port on loopback; 0 takes a free one."""

    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Deadlines in days; there is no value for "never"."""

    template_days: int
    unused_days: int
    openings_days: int
    code_days: int
    notice_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a door is told, from one file."""

    simulated: bool
    site: Site
    folders: Folders
    camera: CameraSettings
    lock: LockSettings
    recognition: Recognition
    entry: Entry
    kiosk: Kiosk
    keeping: Keeping
    clock: Path | None = None
    """A simulated clock: a file that holds the seconds since 1970; time stands still between two writes of it."""


CAPS: dict[str, tuple[int, int, str]] = {
    "keeping.template_days": (1, 365, "CON-09"),
    "keeping.unused_days": (1, 365, "DEL-03"),
    "keeping.openings_days": (1, 90, "DEL-09"),
    "keeping.code_days": (1, 7, "design, flow 'An invitation'"),
    "keeping.notice_days": (1, 60, "design, section 4: a new notice and its grace"),
    "lock.open_s": (3, 30, "SAF-06"),
    "entry.factors": (1, 2, "design, flow 'An attempt'"),
    "kiosk.port": (0, 65535, "a port"),
}
"""Least, most and the requirement each cap comes from."""


def load(path: Path) -> Settings:
    """
    The settings in this file; relative folders, and a simulated camera's source, are taken from the file's own place.

    Raises: SettingsError, naming the key and the mend.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no settings file at {path}. `byleave device init` makes one.") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The settings file {path} cannot be read.") from None
    except tomllib.TOMLDecodeError as broken:
        raise SettingsError(f"The settings file {path} is not valid TOML: {broken}.") from None
    base = path.resolve().parent
    settings: Settings = _section(Settings, raw, "", base)
    _check(settings)
    if settings.camera.kind is CameraKind.ATTACHED:
        return settings
    source = base / Path(settings.camera.source).expanduser()
    return replace(settings, camera=replace(settings.camera, source=str(source)))


def _section(kind: type[Any], raw: Any, at: str, base: Path) -> Any:
    if not isinstance(raw, dict):
        raise SettingsError(f"Setting `{at}` must be a section.")
    hints = get_type_hints(kind)
    unknown = sorted(set(raw) - set(hints))
    if unknown:
        raise SettingsError(f"Setting `{_join(at, unknown[0])}` is not known. Known here: {', '.join(sorted(hints))}.")
    missing = [f.name for f in fields(kind) if f.name not in raw and f.default is not None]
    if missing:
        raise SettingsError(f"Setting `{_join(at, missing[0])}` is missing.")
    return kind(**{name: _value(hints[name], value, _join(at, name), base) for name, value in raw.items()})


def _value(hint: Any, value: Any, at: str, base: Path) -> Any:
    if isinstance(hint, types.UnionType):
        hint = get_args(hint)[0]
    if hasattr(hint, "__dataclass_fields__"):
        return _section(hint, value, at, base)
    if hint is Path and isinstance(value, str):
        return base / Path(value).expanduser()
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        try:
            return hint(value)
        except ValueError:
            raise SettingsError(f"Setting `{at}` must be one of: {', '.join(hint)}.") from None
    if type(value) is not hint:
        kinds = {bool: "true or false", int: "a whole number", str: "text in quotes", Path: "a path in quotes"}
        raise SettingsError(f"Setting `{at}` must be {kinds[hint]}.")
    return value


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def _check(settings: Settings) -> None:
    for key, (least, most, source) in CAPS.items():
        section, name = key.split(".")
        value = getattr(getattr(settings, section), name)
        if not least <= value <= most:
            raise SettingsError(f"Setting `{key}` is {value}; it must be from {least} to {most} ({source}).")
    _check_folders(settings.folders)
    _check_simulation(settings)
    _check_lock(settings.lock)
    _check_face(settings)
    if settings.site.zone not in available_timezones():
        raise SettingsError("Setting `site.zone` is not a time zone. Write one such as Europe/Berlin.")


def _check_folders(folders: Folders) -> None:
    if folders.keys.resolve().is_relative_to(folders.data.resolve()):
        raise SettingsError("Setting `folders.keys` must lie outside `folders.data`: a copy of the data must open nothing.")


def _check_simulation(settings: Settings) -> None:
    if settings.camera.kind is not CameraKind.ATTACHED and not settings.simulated:
        raise SettingsError(
            f"Setting `camera.kind` is {settings.camera.kind}, a simulated camera; that needs `simulated = true`."
        )
    if settings.lock.kind is LockKind.SIMULATED and not settings.simulated:
        raise SettingsError("Setting `lock.kind` is simulated; that needs `simulated = true`.")
    if settings.clock is not None and not settings.simulated:
        raise SettingsError("Setting `clock` is a simulated clock; that needs `simulated = true`.")
    if settings.lock.pins == "mock" and not settings.simulated:
        raise SettingsError("Setting `lock.pins` is mock; that needs `simulated = true`.")


def _check_lock(lock: LockSettings) -> None:
    if lock.kind is LockKind.RELAY and (lock.pin is None or lock.pins is None):
        raise SettingsError("A relay needs `lock.pin` (GPIO number) and `lock.pins` (lgpio, rpigpio, pigpio or native).")
    if lock.kind is LockKind.RELAY and lock.active_high is None:
        raise SettingsError("A relay needs `lock.active_high`: true where it pulls in on a high pin.")


def _check_face(settings: Settings) -> None:
    face, factors = settings.recognition.face, settings.entry.factors
    if face is FaceUse.ALONE and settings.camera.kind is CameraKind.ATTACHED:
        raise SettingsError(
            "Setting `recognition.face` is alone; until liveness exists that needs a simulated camera. Use with_badge."
        )
    if face is FaceUse.WITH_BADGE and factors == 1:
        raise SettingsError("Setting `recognition.face` is with_badge; that needs `entry.factors = 2`. Use off, or two factors.")
    if face is FaceUse.ALONE and factors == 2:
        raise SettingsError("Setting `recognition.face` is alone; that needs `entry.factors = 1`. Use with_badge at two factors.")
