"""Every form in which a secret might get out, and everything it might get out in: for the test of the search itself."""

import gzip
import html
import io
import json
import zlib
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import numpy as np
import segno
from reportlab.pdfgen.canvas import Canvas

from admin import backup
from admin.console import Console
from admin.incident import keys
from device.contract.console import Bundle, BundlePart, Language, Policy, Published, many
from device.contract.words import BLOB_MOST, Blob, Message, NoticeText
from tests.privacy.needles import Kind, Secrets, bodies

DAY: Final = datetime(2027, 3, 1, tzinfo=UTC)
DOOR: Final = UUID(int=7)
Plant = tuple[Kind, str, bytes]


def forms(secrets: Secrets) -> Iterator[Plant]:
    """One secret of each kind, in every form."""
    yield from ((Kind.TEMPLATE, *form) for form in _template(secrets))
    yield from ((Kind.BADGE, *form) for form in _badge(secrets.badges[0]))
    yield from ((Kind.PIN, *form) for form in _pin(secrets.pins[0]))
    yield from ((Kind.OPENING, *form) for form in _opening(secrets))
    yield from ((Kind.WORDS, *form) for form in _words(secrets))


def _encoded(name: str, raw: bytes) -> Iterator[tuple[str, bytes]]:
    yield name, raw
    yield f"{name}, hex", raw.hex().encode()
    yield f"{name}, HEX in groups", raw.hex(" ", 4).upper().encode()
    yield f"{name}, hex after a digit", b"7" + raw.hex().encode()
    for before in range(4):
        yield f"{name}, base64 after {before} letters", b"/" * before + b64encode(raw)
    yield f"{name}, base64 for addresses", urlsafe_b64encode(raw)
    yield f"{name}, packed", zlib.compress(raw)
    yield f"{name}, packed in base64", b64encode(gzip.compress(raw))
    yield f"{name}, as a program prints it", repr(raw).encode()
    yield f"{name}, list of bytes", json.dumps(list(raw)).encode()


def _template(secrets: Secrets) -> Iterator[tuple[str, bytes]]:
    (template,) = secrets.templates
    for kind in ("<f4", ">f4", "<f8", ">f8", "<f2"):
        yield from _encoded(kind, template.astype(kind).tobytes())
    int8 = np.round(template * 127).astype(np.int8)
    yield from _encoded("int8", int8.tobytes())
    yield "int8, list", json.dumps(int8.tolist()).encode()
    yield "int8, middle of it", int8[60:76].tobytes()
    yield "two numbers", template[60:62].tobytes()
    numbers = [float(number) for number in template]
    yield "list", json.dumps(numbers).encode()
    yield "list in base64", b64encode(json.dumps(numbers).encode())
    yield "three numbers", json.dumps(numbers[60:63]).encode()
    yield "lines", "\n".join(map(str, numbers)).encode()
    for decimals in (2, 3, 4, 6):
        yield f"{decimals} decimals", ", ".join(f"{number:.{decimals}f}" for number in numbers).encode()
    yield "exponents", " ".join(f"{number:.5e}" for number in numbers).encode()
    for name, raw in zip(("sealed", "its key, wrapped", "wrapping key", "its key"), secrets.closed, strict=True):
        yield from _encoded(name, raw)


def _badge(badge: bytes) -> Iterator[tuple[str, bytes]]:
    number, body = bodies(badge)
    yield from _encoded("letters", badge)
    yield "small letters", badge.lower()
    yield from _encoded("body", body)
    yield from _encoded("id", number)
    yield "id as a person's is written", str(UUID(bytes=number)).encode()
    yield "SHA-256 of the id", sha256(number).hexdigest().encode()
    drawn = io.BytesIO()
    segno.make(badge).save(drawn, kind="png", scale=3)
    yield "picture", drawn.getvalue()
    yield "picture in base64", b"data:image/png;base64," + b64encode(drawn.getvalue())
    yield "drawing", segno.make_qr(badge).svg_inline(omitsize=True).encode()


def _pin(pin: str) -> Iterator[tuple[str, bytes]]:
    yield "digits", f"The PIN is {pin}.".encode()
    yield "field", json.dumps({"pin": pin}).encode()
    yield "number", json.dumps([int(pin) if pin[0] != "0" else pin]).encode()
    yield "hex", pin.encode().hex().encode()
    yield "base64", b64encode(f"PIN {pin}".encode())
    yield "SHA-256", sha256(pin.encode()).digest()


def _opening(secrets: Secrets) -> Iterator[tuple[str, bytes]]:
    moment, other, *_ = secrets.moments
    for zone in (UTC, secrets.zone):
        at = datetime.fromtimestamp(moment, zone)
        for form in ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M", "%-d %B %Y, %H:%M", "%d.%m.%Y, %Hh%M", "%Y%m%dT%H%M%S"):
            yield f"{zone} {form}", at.strftime(form).encode()
        yield f"{zone} in base64", b64encode(at.isoformat().encode())
    for name, told in (("seconds", moment), ("milliseconds", moment * 1_000), ("nanoseconds", moment * 10**9)):
        yield name, json.dumps({"at": told}).encode()
    yield "seconds with a point", json.dumps([moment + 0.25]).encode()
    yield from _encoded("eight bytes", moment.to_bytes(8, "big"))
    yield from _encoded("eight bytes of a double", np.array(moment, "<f8").tobytes())
    yield "four bytes, hex", json.dumps([moment.to_bytes(4, "big").hex()]).encode()
    for order in ("big", "little"):
        raw = b"".join(b"--" + each.to_bytes(4, order) for each in (moment, other))
        yield from _encoded(f"two of four bytes, {order}", raw)
    at = datetime.fromtimestamp(moment, secrets.zone)
    second = at.hour * 3600 + at.minute * 60 + at.second
    yield from _encoded("a line of a day", secrets.people[0].bytes + second.to_bytes(4, "big"))


def _words(secrets: Secrets) -> Iterator[tuple[str, bytes]]:
    words = secrets.lists[0]
    yield "list", words.encode()
    yield "large", words.upper().encode()
    yield "lines", words.replace(" ", "\n").encode()
    yield "JSON", json.dumps(words.split()).encode()
    yield "three of them", " ".join(words.split()[20:23]).encode()
    yield "base64", b64encode(words.encode())
    yield from _encoded("secret", keys.join(secrets.lists[:2]))


# --- what they get out in --------------------------------------------------------------------------------------------


def database(console: Console, all_of_them: list[Plant], copy: Path) -> dict[str, bytes]:
    """A row of a real console's database for each: the files it lies in, and a backup."""
    query = "INSERT INTO custodians (incident, evidence, statement, signature, since) VALUES (?, x'', x'', x'', 0)"
    with console.store.transaction():
        for _, _, plant in all_of_them:
            console.store.run(query, (plant,))
    backup.make(console, copy)
    files = {path.name: path.read_bytes() for path in console.folder.glob("console.db*")}
    return {"files": files["console.db"] + files["console.db-wal"], "backup": copy.read_bytes()}


def _log(plant: bytes) -> bytes:
    return b'{"at": 1, "code": "unexpected", "count": 1}\n' + plant + b"\n"


def _message(plant: bytes) -> bytes:
    """As a notice on its way down, where it is text; as ciphertext that is none, on its way up."""
    if plant.isascii():
        text = Published(version=1, language=Language.EN, text=NoticeText(plant.decode()))
        nothing: dict[str, Any] = dict.fromkeys(("people", "guests", "hours", "pages", "incidents", "evidence"), ())
        nothing |= dict.fromkeys(("holidays", "limits", "siblings", "custodians"))
        said: Message = Policy(door=DOOR, after=0, number=1, at=DAY, notices=(text,), signature=Blob(b""), **nothing)
        return many([said])
    pieces = [plant[at : at + BLOB_MOST] for at in range(0, len(plant), BLOB_MOST)]
    numbered = [(number, Blob(piece)) for number, piece in enumerate(pieces)]
    of = len(pieces)
    parts = [BundlePart(number=at, bundle=Bundle.JOURNAL, day=DAY, part=at, of=of, sealed=piece) for at, piece in numbered]
    return many(parts)


def _page(plant: bytes) -> bytes:
    written = html.escape(plant.decode()).encode() if plant.isascii() else plant
    return b"<!doctype html><p title=x>" + written + b"</p>"


def _form(plant: bytes) -> bytes:
    return b"csrf_token=x&" + urlencode({"text": plant}).encode()


def _pdf(plant: bytes) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out)
    if plant.isascii():
        for number, line in enumerate(plant.decode().splitlines()):
            canvas.drawString(0, 9 * number, line)
    canvas.setSubject("" if plant.isascii() else plant.hex())
    canvas.save()
    return out.getvalue()


CARRIERS: Final[dict[str, Callable[[bytes], bytes]]] = {
    "log": _log,
    "message": _message,
    "page": _page,
    "form": _form,
    "PDF": _pdf,
}
"""Everything that leaves a console, with something in it."""
