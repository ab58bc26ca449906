"""Owns the looking for what should be gone: its bytes in every file of a folder, and the places where bytes could linger.

What never happens here: changing a file; keeping what was looked for.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device.door.store import DATABASE

PIECE: Final = 8
"""Bytes compared at a time; any run of 15 bytes that survived holds a whole piece, and chance makes none (2^-64 each)."""
_CHUNK: Final = 1 << 20
_FREE_LIST: Final = 32
"""Offset of the first free-list page's number and of their count. Source: sqlite.org/fileformat2.html, section 1.3."""

Pieces = NDArray[np.uint64]


def pieces(material: Iterable[bytes]) -> Pieces:
    """What to look for: everything in these bytes, piece by piece."""
    cut = [part[at : at + PIECE] for part in material for at in (*range(0, len(part) - PIECE, PIECE), len(part) - PIECE)]
    return np.unique(np.frombuffer(b"".join(cut), dtype=np.uint64))


def survives(wanted: Pieces, folder: Path, held: Mapping[Path, int]) -> bool:
    """
    Whether any of it is in any file of this folder.

    Raises: OSError when a file cannot be read; then nothing is known.
    """
    begins = np.zeros(1 << 16, dtype=np.bool_)
    begins[wanted.view(np.uint16)[:: PIECE // 2]] = True
    return any(_within(chunk, wanted, begins) for path in _files(folder) for chunk in _chunks(path, held))


def lingers(folder: Path, held: Mapping[Path, int]) -> bool:
    """
    Whether the log holds anything, or a free page of the database is not empty; looked at when the bytes are not known.

    Raises: OSError when a file cannot be read; then nothing is known.
    """
    log = folder / f"{DATABASE}-wal"
    if log.exists() and log.stat().st_size:
        return True
    database = b"".join(_chunks(folder / DATABASE, held, overlap=0))
    return not _free_pages_are_empty(database)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())


def _chunks(path: Path, held: Mapping[Path, int], overlap: int = PIECE - 1) -> Iterator[bytes]:
    handle = held.get(path)
    opened = os.open(path, os.O_RDONLY | os.O_CLOEXEC) if handle is None else -1
    try:
        at = 0
        while chunk := os.pread(opened if handle is None else handle, _CHUNK, at):
            yield chunk
            at += max(1, len(chunk) - overlap)
    finally:
        if opened >= 0:
            os.close(opened)


def _within(chunk: bytes, wanted: Pieces, begins: NDArray[np.bool_]) -> bool:
    places = len(chunk) - PIECE + 1
    if places <= 0:
        return False
    data = np.frombuffer(chunk, dtype=np.uint8)
    for odd in (0, 1):
        pairs = np.frombuffer(chunk, dtype=np.uint16, count=(len(chunk) - odd) // 2, offset=odd)
        at = np.flatnonzero(begins[pairs]) * 2 + odd
        at = at[at < places]
        found = data[at[:, None] + np.arange(PIECE)].view(np.uint64).ravel()
        if np.isin(found, wanted).any():
            return True
    return False


def _free_pages_are_empty(database: bytes) -> bool:
    size = int.from_bytes(database[16:18], "big")
    size = 65536 if size == 1 else size
    trunk = int.from_bytes(database[_FREE_LIST : _FREE_LIST + 4], "big")
    pages = len(database) // size
    while trunk:
        page = np.frombuffer(database, dtype=">u4", count=size // 4, offset=(trunk - 1) * size)
        leaves = page[2 : 2 + int(page[1])]
        if (page > pages).any():
            return False
        for leaf in leaves:
            if any(database[(int(leaf) - 1) * size : int(leaf) * size]):
                return False
        trunk = int(page[0])
    return True
