"""Owns a console's folder: made once, with settings, keys and an empty database; opened at every start.

What never happens here: an account or a password; the first person comes in by a link that is good once.
"""

import json
import os
import secrets
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from admin import beside
from admin.clock import Clock, FileClock, SystemClock
from admin.config import SETTINGS, load
from admin.console import Console
from admin.errors import ConsoleError
from admin.store import DATABASE, Store

KEYS: Final = "keys"
POLICY_KEY: Final = "policy.key"
SECRET: Final = "secret"  # noqa: S105  (a file's name)
KEY_BYTES: Final = 32


def create(folder: Path, **settings: Any) -> Console:
    """
    A new console in this folder, which is made where it is missing.

    Raises: ConsoleError when something of a console is there already or the folder cannot be written; SettingsError.
    """
    there = [name for name in (SETTINGS, DATABASE, KEYS) if (folder / name).exists()]
    if there:
        raise ConsoleError("There is a console in this folder already.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        write(folder / SETTINGS, _toml(settings).encode())
        (folder / KEYS).mkdir(mode=0o700)
        write(folder / KEYS / POLICY_KEY, Ed25519PrivateKey.generate().private_bytes_raw())
        write(folder / KEYS / SECRET, secrets.token_bytes(KEY_BYTES))
    except OSError:
        raise ConsoleError(f"The folder {folder} cannot be written.") from None
    config = load(folder)
    Store.open(config.folder, new=True).close()
    return opened(folder)


def opened(folder: Path) -> Console:
    """
    The console in this folder.

    Raises: SettingsError; ConsoleError when keys or database are missing or damaged.
    """
    config = load(folder)
    try:
        policy, secret = ((config.folder / KEYS / name).read_bytes() for name in (POLICY_KEY, SECRET))
    except OSError:
        raise ConsoleError("The console's keys are missing or cannot be read. Restore a backup.") from None
    if len(policy) != KEY_BYTES or len(secret) != KEY_BYTES:
        raise ConsoleError("The console's keys are damaged. Restore a backup.")
    clock: Clock = SystemClock() if config.clock is None else FileClock(config.clock)
    store = Store.open(config.folder)
    beside.watch(store, beside.place(config), clock.now)
    return Console(
        config=config,
        store=store,
        clock=clock,
        policy_key=Ed25519PrivateKey.from_private_bytes(policy),
        secret=secret,
    )


def write(path: Path, content: bytes) -> None:
    """A new file that only this user reads."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _toml(settings: dict[str, Any]) -> str:
    """Each value as TOML writes it; JSON's strings, numbers and truth values are TOML's too."""
    return "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in settings.items() if value is not None)
