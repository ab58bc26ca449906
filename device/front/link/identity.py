"""Owns who the link is to the console: its own key, and a number for each request that no request had before.

What never happens here: a key of the door; a number used twice, though the power goes in between.
"""

from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from device.errors import SetupError
from device.front.link.place import unwritable, write

KEY: Final = "link.key"
STEP: Final = 1000
"""Numbers are reserved on the disk in steps of this, so that most requests write nothing."""


class Identity:
    """The link's key; made when there is none."""

    def __init__(self, folder: Path) -> None:
        """
        Read the key, or make it.

        Raises: SetupError when the folder cannot be written, or the key is damaged.
        """
        path = folder / KEY
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            folder.chmod(0o700)
            if not path.exists():
                write(path, Ed25519PrivateKey.generate().private_bytes_raw())
            self._key: Final = Ed25519PrivateKey.from_private_bytes(path.read_bytes())
        except OSError:
            raise unwritable(folder) from None
        except ValueError:
            raise SetupError("The link's key is damaged. Remove link.key, and pair the door again.") from None
        self.public: Final = self._key.public_key().public_bytes_raw()

    def sign(self, data: bytes) -> bytes:
        """The link's Ed25519 signature, 64 bytes."""
        return self._key.sign(data)


class Numbers:
    """The numbers of one lane's requests, counting up."""

    def __init__(self, folder: Path, lane: str) -> None:
        self._path = folder / f"{lane}.number"
        try:
            self._last = max(0, int(self._path.read_text(encoding="ascii")))
        except (OSError, ValueError):
            self._last = 0
        self._reserved = self._last

    def next(self) -> int:
        """
        A number above every one before.

        Raises: SetupError when it cannot be written down, and so must not be used.
        """
        if self._last == self._reserved:
            try:
                write(self._path, str(self._reserved + STEP).encode())
            except OSError:
                raise unwritable(self._path.parent) from None
            self._reserved += STEP
        self._last += 1
        return self._last
