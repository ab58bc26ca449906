"""What lies inside of bytes: whatever is packed, encoded, escaped or drawn as a QR code in them, and inside of that again."""

import binascii
import html
import re
import zlib
from base64 import a85decode
from collections.abc import Iterator
from itertools import pairwise
from typing import Final
from urllib.parse import unquote_to_bytes

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from device.cli.visitor import read_qr

NOISY: Final = frozenset({"hex", "base64", "numbers"})
"""Ways that are tried on suspicion, and lead to noise for the most part."""
DEPTH: Final = 4
"""So deep: a PDF's stream is letters, which are packed; in them may lie base64, of something packed."""
TWICE: Final = 2
"""What a program prints may stand in JSON."""
MOST: Final = 2**24
"""Bytes of one packed stream."""
LEAST: Final = 7
"""What has fewer bytes is searched as it stands."""

_HEX: Final = re.compile(rb"[0-9A-Fa-f](?:[ :\n-]?[0-9A-Fa-f]){13,}")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/_-]{10,}(?:\r?\n[A-Za-z0-9+/_-]+)*")
_WHOLE: Final = re.compile(rb"-?\d{1,3}(?:\s*,\s*-?\d{1,3}){7,}")
_ZLIB: Final = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_LETTERS: Final = re.compile(rb"stream\r?\n([!-u\sz]+?)~>")
_TEXT: Final = re.compile(rb"\(((?:[^()\\]|\\.)+)\) Tj", re.DOTALL)
_QUOTED: Final = re.compile(rb"\\([()\\])")
_BACKSLASH: Final = re.compile(rb"\\(?:(?:x|u00)([0-9A-Fa-f]{2})|([nrt\\'\"]))")
_FILLED: Final = re.compile(rb"=([^\s\"'<>=]*\+[^\s\"'<>]*)")
_SINGLE: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}
_PNG: Final = re.compile(rb"\x89PNG\r\n\x1a\n.*?IEND.{4}", re.DOTALL)
_PATH: Final = re.compile(rb'\sd="(M[\d.hmvHMV -]+)"')
_NUMBER: Final = rb"(-?(?:\d{1,4}(?:\.\d{0,9})?|\.\d{1,9}))"
_STEP: Final = re.compile(rb"([MmHhVv]) ?%b(?:[ ,]?%b)?" % (_NUMBER, _NUMBER))
_SQUARE: Final = re.compile(rb"(?<![\d.])%b %b %b \3 re" % (_NUMBER, _NUMBER, _NUMBER))
_LIGHT: Final = 255
_SCALE: Final = 4


def layers(data: bytes, depth: int = DEPTH, after: str = "") -> Iterator[tuple[str, bytes]]:
    """These bytes and all that lies in them, each with the way that led to it."""
    yield "", data
    if not depth:
        return
    for way, opened in _WAYS.items():
        if way in _NOT_AFTER.get(after, ()):
            continue
        found = b"\n".join(piece for piece in opened(data) if len(piece) >= LEAST)
        if found:
            for rest, inner in layers(found, depth - 1, way):
                yield f"{way} {rest}".strip(), inner


def _from_hex(data: bytes) -> Iterator[bytes]:
    for match in _HEX.finditer(data):
        digits = re.sub(rb"[^0-9A-Fa-f]", b"", match[0])
        for skip in (0, 1):
            yield binascii.unhexlify(digits[skip : skip + (len(digits) - skip) // 2 * 2])


def _from_base64(data: bytes) -> Iterator[bytes]:
    for match in _BASE64.finditer(data):
        letters = re.sub(rb"\s", b"", match[0]).translate(_URL_SAFE)
        for skip in range(4):
            whole = len(letters) - ((len(letters) - skip) % 4 == 1)
            yield binascii.a2b_base64(letters[skip:whole] + b"==")


def _from_numbers(data: bytes) -> Iterator[bytes]:
    """Lists of whole numbers, as in JSON or CSV: one byte each, whether or not they have a sign."""
    for match in _WHOLE.finditer(data):
        yield bytes(int(number) % 256 for number in match[0].split(b","))


def _from_packed(data: bytes) -> Iterator[bytes]:
    """Zlib and gzip wherever they begin, in pictures and PDFs, too; and a PDF's letters, in which it lies there."""
    view = memoryview(data)
    for match in _ZLIB.finditer(data):
        try:
            yield zlib.decompressobj(47).decompress(view[match.start() :], MOST)
        except zlib.error:
            continue
    for match in _LETTERS.finditer(data):
        try:
            yield a85decode(match[1])
        except ValueError:
            continue


def _from_text(data: bytes) -> Iterator[bytes]:
    """What a PDF's page says."""
    for match in _TEXT.finditer(data):
        yield _QUOTED.sub(rb"\1", match[1])


def _from_escapes(data: bytes) -> Iterator[bytes]:
    """What a page, a form, an address or a program says, with signs that stand for others taken for those."""
    plain = html.unescape(data.decode("latin-1")).encode("latin-1", "replace") if b"&" in data else data
    plain = unquote_to_bytes(plain)
    if plain != data:
        yield plain
    filled = b"\n".join(unquote_to_bytes(form.replace(b"+", b" ")) for form in _FILLED.findall(data))
    if filled:
        yield filled
    lines = b"\n".join(line for line in (plain + b"\n" + filled).split(b"\n") if b"\\" in line)
    for _ in range(TWICE):
        if b"\\" in lines:
            lines = _BACKSLASH.sub(
                lambda match: binascii.unhexlify(match[1]) if match[1] else _SINGLE.get(match[2], match[2]), lines
            )
            yield lines


def _from_pictures(data: bytes) -> Iterator[bytes]:
    """What QR codes say: in PNGs, in paths of SVGs, and as squares in a PDF."""
    for match in _PNG.finditer(data):
        try:
            yield read_qr(match[0]) or b""
        except (OSError, SyntaxError, ValueError):
            continue
    for match in _PATH.finditer(data):
        yield _read(_path(match[1]))
    squares = [(float(x), float(y), float(size)) for x, y, size in _SQUARE.findall(data)]
    ends = [0, *(at for at, (one, two) in enumerate(pairwise(squares), 1) if one[2] != two[2]), len(squares)]
    for begin, end in pairwise(ends):
        yield _read(_squares(squares[begin:end]))


def _path(told: bytes) -> NDArray[np.int64]:
    """Where a path of strokes, each as wide as a module, is dark."""
    x = y = 0.0
    dark: list[tuple[int, int]] = []
    for step, first, second in _STEP.findall(told):
        along = float(first)
        if step in b"Mm":
            base_x, base_y = (x, y) if step == b"m" else (0.0, 0.0)
            x, y = base_x + along, base_y + float(second or 0)
        elif step in b"hH":
            to = x + along if step == b"h" else along
            dark += [(int(y), column) for column in range(int(x), int(to))]
            x = to
    return np.array(dark, np.int64).reshape(-1, 2)


def _squares(found: list[tuple[float, float, float]]) -> NDArray[np.int64]:
    place = np.array(found).reshape(-1, 3)
    if not len(place) or place[0, 2] <= 0:
        return np.zeros((0, 2), np.int64)
    columns = np.round((place[:, 0] - place[:, 0].min()) / place[0, 2])
    lines = np.round((place[:, 1].max() - place[:, 1]) / place[0, 2])
    return np.stack([lines, columns], axis=1).astype(np.int64)


def _read(dark: NDArray[np.int64]) -> bytes:
    """What the code says whose dark modules these are; nothing where they are none."""
    if len(dark) < 100 or dark.min() < 0 or dark.max() > 1_000:
        return b""
    high, wide = dark.max(axis=0) + 9
    picture = np.full((high, wide), _LIGHT, np.uint8)
    picture[dark[:, 0] + 4, dark[:, 1] + 4] = 0
    drawn = np.kron(picture, np.ones((_SCALE, _SCALE), np.uint8))
    found = zxingcpp.read_barcodes(drawn, formats=zxingcpp.BarcodeFormat.QRCode)
    return bytes(found[0].bytes) if found else b""


_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
_WAYS: Final = {
    "hex": _from_hex,
    "base64": _from_base64,
    "numbers": _from_numbers,
    "packed": _from_packed,
    "text": _from_text,
    "escapes": _from_escapes,
    "picture": _from_pictures,
}
_NOT_AFTER: Final = {
    "base64": frozenset({"escapes", "text"}),
    "numbers": frozenset({"escapes", "text"}),
    "hex": frozenset({"text"}),
    "escapes": frozenset({"escapes", "text"}),
}
"""What nobody would do, and noise would make much work of."""
