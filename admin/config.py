"""Owns the console's settings: one TOML file, read once, frozen; an unknown or missing key stops the start.

What never happens here: starting anything, reading the environment, a password in the file itself.
"""

import tomllib
import types
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, get_args, get_type_hints
from zoneinfo import available_timezones

from device.errors import SettingsError

SETTINGS: Final = "console.toml"


class Preset(StrEnum):
    """Whose law sets the caps. Source: standards, section 12."""

    EU = "EU"
    UK = "UK"
    DK = "DK"
    FR = "FR"
    ES = "ES"
    IL = "IL"
    TX = "TX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Smtp:
    """Where invitations go out by e-mail; the password lies in a file of its own."""

    host: str
    port: int
    sender: str
    starttls: bool
    user: str | None = None
    password_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything a console is told, from one file in its own folder."""

    folder: Path
    """Where the file lies; not a key of it."""
    office: str
    contact: str
    """Where people ask; stands in letters."""
    zone: str
    """IANA time zone of the office: days begin and end in it."""
    preset: Preset
    name: str
    """The host name by which browsers and doors reach it; passkeys are good for this name only."""
    host: str
    """The address it listens on."""
    port: int
    simulated: bool
    clock: Path | None = None
    """A simulated clock: a file that holds the seconds since 1970."""
    certificate: Path | None = None
    """PEM of a certificate that browsers trust; without it the console makes its own."""
    certificate_key: Path | None = None
    ended: Path | None = None
    """Where it is noted who was ended, for restoring a backup; best on another disk. Without it, in the folder."""
    smtp: Smtp | None = None

    @property
    def origin(self) -> str:
        """What a browser calls this console."""
        return f"https://{self.name}" + ("" if self.port == 443 else f":{self.port}")

    @property
    def passkeys(self) -> bool:
        """Whether passkeys are possible: they are good for names, never for a bare address."""
        try:
            ip_address(self.name)
        except ValueError:
            return True
        return False


def load(folder: Path) -> Config:
    """
    The settings in this folder; relative paths are taken from it.

    Raises: SettingsError, naming the key and the mend.
    """
    path = folder / SETTINGS
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise SettingsError(f"There is no {SETTINGS} in {folder}. `byleave admin init` makes one.") from None
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"The settings file {path} cannot be read.") from None
    except tomllib.TOMLDecodeError as broken:
        raise SettingsError(f"The settings file {path} is not valid TOML: {broken}.") from None
    base = folder.resolve()
    config: Config = _section(Config, raw, "", base, folder=base)
    _check(config)
    return config


def _section(kind: type[Any], raw: Any, at: str, base: Path, **given: Any) -> Any:
    if not isinstance(raw, dict):
        raise SettingsError(f"Setting `{at}` must be a section.")
    hints = {name: hint for name, hint in get_type_hints(kind).items() if name not in given}
    unknown = sorted(set(raw) - set(hints))
    if unknown:
        raise SettingsError(f"Setting `{_join(at, unknown[0])}` is not known. Known here: {', '.join(sorted(hints))}.")
    missing = [f.name for f in fields(kind) if f.name in hints and f.name not in raw and f.default is MISSING]
    if missing:
        raise SettingsError(f"Setting `{_join(at, missing[0])}` is missing.")
    return kind(**given, **{name: _value(hints[name], value, _join(at, name), base) for name, value in raw.items()})


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


def _check(config: Config) -> None:
    for key in ("office", "contact", "name", "host"):
        if not getattr(config, key).strip():
            raise SettingsError(f"Setting `{key}` is empty.")
    for key, port, least in (("port", config.port, 0), ("smtp.port", config.smtp.port if config.smtp else 25, 1)):
        if not least <= port <= 65535:
            raise SettingsError(f"Setting `{key}` is {port}; it must be from {least} to 65535 (a port).")
    if config.zone not in available_timezones():
        raise SettingsError("Setting `zone` is not a time zone. Write one such as Europe/Berlin.")
    if config.clock is not None and not config.simulated:
        raise SettingsError("Setting `clock` is a simulated clock; that needs `simulated = true`.")
    if (config.certificate is None) is not (config.certificate_key is None):
        raise SettingsError("Settings `certificate` and `certificate_key` go together; name both or neither.")
