"""
What must be nowhere: a template, a badge, a PIN, the second of an opening, custodians' words; and the search for them.

Bytes are looked for by windows of eight, which chance does not make (64 bits); so a piece is enough. Text is looked for by
whole numbers, times and words. What is shorter than that (a second is four bytes, and five digits within its day) may lie
anywhere by chance: it counts where it is found of two seconds in one place.
"""

import re
import struct
from base64 import b32decode
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from shamir_mnemonic import Share
from shamir_mnemonic.wordlist import mnemonic_to_indices

from tests.privacy.unpack import NOISY, layers

WINDOW: Final = 8
SCALES: Final = (127.0, 127 / 0.6, 128.0, 255.0)
"""What a number of a template may be multiplied by to become a byte."""
MARK: Final = 4
"""Letters with which every badge begins."""
LONG: Final = 24
"""Letters and digits in a row: a random id or base64, in which seven digits of a PIN may stand by chance."""
NEAR: Final = 40
TWICE: Final = 2
ENOUGH: Final = 12
"""Decimals in a row that are enough together: of four numbers with three each, of six with two; of three numbers at least."""
LEAST: Final = 3
SURE: Final = 6
BETWEEN: Final = b" \t\r\n,;|+[]()\"'"
"""Between two numbers of a list."""

_DIGITS: Final = re.compile(rb"\d{7,}")
_COMPACT: Final = re.compile(rb"\d{8}T?\d{4}")
_EIGHT: Final = re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{8}(?![0-9A-Za-z])")
_FIVE: Final = re.compile(rb"(?<![\w.])\d{5}(?![\w.])")
_TIME: Final = re.compile(rb"(?<!\d)(\d{1,2}) ?[:h] ?(\d{2})(?!\d)")
_NUMBER: Final = re.compile(rb"-?\d{0,3}\.\d{2,}(?:[eE][-+]?\d{1,2})?")
_WORD: Final = re.compile(rb"[a-z]{4,8}")
_TOKEN: Final = re.compile(rb"[A-Za-z0-9+/_-]*")
_SPREAD: Final = np.uint64(0x9E3779B97F4A7C15)
_TABLE_BITS: Final = 20


class Kind(StrEnum):
    """Whose secret it is."""

    TEMPLATE = "template"
    BADGE = "badge"
    PIN = "PIN"
    OPENING = "opening"
    WORDS = "custodians' words"


@dataclass(frozen=True, slots=True)
class Found:
    """One needle, where it lay, and inside of what."""

    kind: Kind
    form: str
    place: str
    way: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """All that is known to who hunts, and must be known to nobody else."""

    templates: tuple[NDArray[np.float32], ...]
    closed: tuple[bytes, ...]
    """Templates as they lie in the vault, their wrapped keys, and the keys that open those."""
    badges: tuple[bytes, ...]
    pins: tuple[str, ...]
    digests: tuple[bytes, ...]
    """Of badges and PINs, as they lie in the vault."""
    people: tuple[UUID, ...]
    moments: tuple[int, ...]
    """Seconds since 1970 at which these people opened."""
    zone: ZoneInfo
    lists: tuple[str, ...]
    private: tuple[bytes, ...]
    """What two of the lists make."""


def bodies(badge: bytes) -> tuple[bytes, bytes]:
    """What a badge says under its letters: its random id, and that with its signature."""
    body = b32decode(badge[MARK:])
    return body[:16], body


@dataclass
class Hunt:
    """The search for these secrets, ready to be made anywhere."""

    secrets: Secrets
    _keys: dict[int, tuple[Kind, str]] = field(default_factory=dict)
    _short: dict[bytes, tuple[str, int]] = field(default_factory=dict)
    _hex: set[bytes] = field(default_factory=set)
    _compact: set[bytes] = field(default_factory=set)
    _times: set[bytes] = field(default_factory=set)
    _dates: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        for kind, form, step, data in _windowed(self.secrets):
            for at in range(0, len(data) - WINDOW + 1, step):
                self._keys[int.from_bytes(data[at : at + WINDOW], "little")] = (kind, form)
        self._sorted = np.zeros(1 << _TABLE_BITS, bool)
        self._sorted[_spread(np.array(list(self._keys), np.uint64))] = True
        for moment in self.secrets.moments:
            self._know(moment)
        self._pins = {pin.encode() for pin in self.secrets.pins}
        self._seconds = {b"%d" % moment for moment in self.secrets.moments}
        self._threes = {three for words in self.secrets.lists for three in _three(words)}

    def _know(self, moment: int) -> None:
        for order, name in ((">I", "big"), ("<I", "little")):
            raw = struct.pack(order, moment)
            self._short[raw] = (f"four bytes, {name}", moment)
            self._hex.add(raw.hex().encode())
        for zone in (UTC, self.secrets.zone):
            at = datetime.fromtimestamp(moment, zone)
            self._times.add(f"{at:%H:%M}".encode())
            spelled = ("%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%-d %B %Y", "%-d.%-m.%Y", "%d %b %Y", "%b %d")
            self._dates |= {at.strftime(form).encode() for form in spelled}
            self._compact.add(f"{at:%Y%m%d%H%M}".encode())
            second = b"%d" % (at.hour * 3600 + at.minute * 60 + at.second)
            self._short[second] = ("second of its day", moment)

    # --- the search --------------------------------------------------------------------------------------------------

    def search(self, place: str, data: bytes, *, read: bool = False) -> set[Found]:
        """All that is found in these bytes and inside of them; `read`: people read this, and a time of day alone tells."""
        found: set[Found] = set()
        for way, layer in layers(data):
            # What was decoded on suspicion is mostly noise, in which a time of day may stand.
            plain = read and NOISY.isdisjoint(way.split())
            for kind, form in (*self._in_bytes(layer), *self._in_numbers(layer), *self._in_text(layer, read=plain)):
                found.add(Found(kind, form, place, way))
            twice: dict[str, set[int]] = defaultdict(set)
            for form, moment in self._shortly(layer):
                twice[form].add(moment)
            found |= {Found(Kind.OPENING, form, place, way) for form, moments in twice.items() if len(moments) >= TWICE}
        return found

    def everywhere(self, places: dict[str, bytes]) -> set[Found]:
        """All that is found anywhere; a place whose name begins with `page` is read by people."""
        return {found for place, data in places.items() for found in self.search(place, data, read=place.startswith("page"))}

    def _in_bytes(self, data: bytes) -> Iterator[tuple[Kind, str]]:
        for offset in range(min(WINDOW, len(data) - WINDOW + 1)):
            windows = np.frombuffer(data, "<u8", (len(data) - offset) // WINDOW, offset)
            for window in set(windows[self._sorted[_spread(windows)]].tolist()):
                if window in self._keys:
                    yield self._keys[window]

    def _in_numbers(self, data: bytes) -> Iterator[tuple[Kind, str]]:
        """Numbers of a template in a row, as they are written down, rounded or not."""
        numbers, decimals = _numbers(data)
        if any(_holds(template, numbers, decimals) for template in self.secrets.templates):
            yield Kind.TEMPLATE, "numbers in words"

    def _in_text(self, data: bytes, *, read: bool) -> Iterator[tuple[Kind, str]]:
        runs = set(_DIGITS.findall(data))
        if any(_alone(data, pin) for pin in self._pins & runs):
            yield Kind.PIN, "digits"
        if self._seconds & {run[:10] for run in runs if len(run) in {10, 13, 16, 19}}:
            yield Kind.OPENING, "seconds in words"
        if self._hex & {found.lower() for found in _EIGHT.findall(data)}:
            yield Kind.OPENING, "four bytes in hex"
        if self._compact & {found.replace(b"T", b"") for found in _COMPACT.findall(data)}:
            yield Kind.OPENING, "compact"
        if any(self._tells(data, match, read=read) for match in _TIME.finditer(data)):
            yield Kind.OPENING, "time of day"
        words = _WORD.findall(data.lower())
        if not self._threes.isdisjoint(zip(words, words[1:], words[2:], strict=False)):
            yield Kind.WORDS, "three words"

    def _tells(self, data: bytes, match: re.Match[bytes], *, read: bool) -> bool:
        if b"%s:%s" % (match[1].zfill(2), match[2]) not in self._times:
            return False
        around = data[max(0, match.start() - NEAR) : match.end() + NEAR]
        return read or any(date in around for date in self._dates)

    def _shortly(self, data: bytes) -> Iterator[tuple[str, int]]:
        five = set(_FIVE.findall(data))
        for spelled, told in self._short.items():
            if spelled in (five if spelled.isdigit() else data):
                yield told


def _windowed(secrets: Secrets) -> Iterator[tuple[Kind, str, int, bytes]]:
    """Kind, form, step between two windows, and the bytes of all that is looked for by its bytes."""
    for template in secrets.templates:
        for order in "<>":
            yield Kind.TEMPLATE, "float32", 4, template.astype(f"{order}f4").tobytes()
            yield Kind.TEMPLATE, "float64", 8, template.astype(f"{order}f8").tobytes()
            yield Kind.TEMPLATE, "float16", 2, template.astype(f"{order}f2").tobytes()
        for scale in SCALES:
            scaled = np.clip(np.round(template * scale), -127, 127).astype(np.int8)
            yield Kind.TEMPLATE, "int8", 1, scaled.tobytes()
            yield Kind.TEMPLATE, "uint8", 1, (scaled.astype(np.int16) + 128).astype(np.uint8).tobytes()
    yield from ((Kind.TEMPLATE, "sealed", 1, data) for data in secrets.closed)
    for badge in secrets.badges:
        number, body = bodies(badge)
        yield Kind.BADGE, "letters", 1, badge[MARK:]
        yield Kind.BADGE, "small letters", 1, badge[MARK:].lower()
        yield Kind.BADGE, "bytes", 1, body
        yield from ((Kind.BADGE, "SHA-256", 1, sha256(data).digest()) for data in (badge, body, number))
    yield from ((Kind.PIN, "SHA-256", 1, sha256(pin.encode()).digest()) for pin in secrets.pins)
    yield from ((Kind.BADGE, "digest", 1, digest) for digest in secrets.digests)
    for moment in secrets.moments:
        for wide in (moment, moment * 1_000, moment * 1_000_000):
            for form in (">q", "<q", ">d", "<d"):
                yield Kind.OPENING, "eight bytes", 1, struct.pack(form, wide)
        at = datetime.fromtimestamp(moment, secrets.zone)
        second = struct.pack(">I", at.hour * 3600 + at.minute * 60 + at.second)
        # As it lies in a day under its seal: a person, and the second at which they opened.
        yield from ((Kind.OPENING, "a line of a day", 1, person.bytes[-4:] + second) for person in secrets.people)
    for words in secrets.lists:
        bits = "".join(f"{index:010b}" for index in mnemonic_to_indices(words))
        yield Kind.WORDS, "share", 1, Share.from_mnemonic(words).value
        yield Kind.WORDS, "packed", 1, int(bits, 2).to_bytes(-(-len(bits) // 8), "big")
        yield Kind.WORDS, "packed", 1, int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    yield from ((Kind.WORDS, "secret", 1, data) for data in secrets.private)


def _spread(windows: NDArray[np.uint64]) -> NDArray[np.uint64]:
    return (windows * _SPREAD) >> np.uint64(64 - _TABLE_BITS)


def _three(words: str) -> set[tuple[bytes, bytes, bytes]]:
    told = words.encode().split()
    return set(zip(told, told[1:], told[2:], strict=False))


def _alone(data: bytes, spelled: bytes) -> bool:
    """Whether it stands somewhere not as a piece of more digits, and not as a piece of a long random id."""
    at = data.find(spelled)
    while at >= 0:
        end = at + len(spelled)
        before, after = data[max(0, at - LONG) : at][::-1], data[end : end + LONG]
        sides = [match[0] for match in (_TOKEN.match(before), _TOKEN.match(after)) if match]
        if not before[:1].isdigit() and not after[:1].isdigit() and len(spelled) + sum(map(len, sides)) <= LONG:
            return True
        at = data.find(spelled, end)
    return False


def _numbers(data: bytes) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Numbers with decimals, and how many each has; where two do not follow one another, there is none between them."""
    numbers: list[float] = []
    decimals: list[int] = []
    last = None
    for match in _NUMBER.finditer(data):
        if last is not None and (match.start() - last > WINDOW or data[last : match.start()].strip(BETWEEN)):
            numbers.append(np.nan)
            decimals.append(0)
        mantissa, _, exponent = match[0].lower().partition(b"e")
        numbers.append(float(match[0]))
        decimals.append(max(0, min(len(mantissa.partition(b".")[2]) - int(exponent or 0), SURE)))
        last = match.end()
    return np.array(numbers, float), np.array(decimals, float)


def _holds(template: NDArray[np.float32], numbers: NDArray[np.float64], decimals: NDArray[np.float64]) -> bool:
    """Whether enough of these numbers are the template's, one after the other."""
    same = np.abs(template[:, None].astype(float) - numbers) <= 0.51 * 10.0**-decimals + 1e-6
    if np.count_nonzero(same.any(axis=0)) < LEAST:
        return False
    sure, count, enough = np.zeros(len(numbers) + 1), np.zeros(len(numbers) + 1), np.zeros(len(numbers) + 1, bool)
    # Along the diagonal: the next number of the template is the next number that is written.
    for line in same:
        sure[1:] = np.where(line, sure[:-1] + decimals, 0)
        count[1:] = np.where(line, count[:-1] + 1, 0)
        enough |= (sure >= ENOUGH) & (count >= LEAST)
    return bool(enough.any())
