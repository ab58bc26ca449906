"""Owns the letter: one page as PDF, with the code as QR and digits, in the person's own language. Made when asked, kept nowhere.

What never happens here: a letter without the sentence that the badge comes first and a face is never needed.
"""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import segno
from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph

from admin.codes import Code
from admin.letter_words import WORDS, Words
from device.contract.console import Language

INK: Final = HexColor(0x1C1F22)
QUIET: Final = HexColor(0x5A5F63)
LEAF: Final = HexColor(0x1F6B4A)
BRASS: Final = HexColor(0x8A5A00)
GLOW: Final = HexColor(0xE7B95C)
PAPER: Final = HexColor(0xF7F4EE)
LINE: Final = HexColor(0xD9D3C7)

_LEFT: Final = 24 * mm
_WIDTH: Final = A4[0] - 2 * _LEFT
_QR_MM: Final = 46.0
_CHINESE: Final = ("STSong-Light", "STSong-Light")
_WESTERN: Final = ("Helvetica", "Helvetica-Bold")
_WIDE: Final = ("DejaVuSans", "DejaVuSans-Bold")


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """One invitation."""

    name: str
    language: Language
    code: Code
    doors: tuple[str, ...]
    begins_on: date | None
    """Nothing when they may come at once."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Pass:
    """One visitor's code."""

    label: str
    bearer: bytes
    begins_at: datetime
    ends_at: datetime
    doors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Whose letters these are."""

    office: str
    contact: str
    zone: str


def pdf(sender: Sender, letters: Iterable[Letter]) -> bytes:
    """One PDF with one page for each of these invitations."""
    out = io.BytesIO()
    canvas = _canvas(out, "Byleave: invitation", sender)
    for letter in letters:
        _page(canvas, sender, letter)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def pass_pdf(sender: Sender, visit: Pass) -> bytes:
    """One PDF of one page: a visitor's code."""
    zone = ZoneInfo(sender.zone)
    words = WORDS[Language.EN]
    begins, ends = visit.begins_at.astimezone(zone), visit.ends_at.astimezone(zone)
    out = io.BytesIO()
    canvas = _canvas(out, "Byleave: visitor", sender)
    y = _head(canvas, sender, visit.label, _fonts(visit.label))
    y = _text(
        canvas, "Press “Show my badge” and hold this code before the camera. The door opens for whoever bears it.", y, 13, INK
    )
    y -= 8 * mm
    _qr(canvas, visit.bearer, _LEFT, y - 60 * mm, 60)
    side = _LEFT + 70 * mm
    below = _text(canvas, f"From {words.moment(begins)}<br/>until {words.moment(ends)}", y - 4 * mm, 13, INK, left=side)
    below = _text(canvas, escape(", ".join(visit.doors)), below - 5 * mm, 13, INK, left=side)
    _text(
        canvas,
        "The camera reads the code only. Nothing about your face is looked at or kept, and after its time this code is nothing.",
        min(below - 5 * mm, y - 40 * mm),
        10,
        QUIET,
        left=side,
    )
    canvas.save()
    return out.getvalue()


def plain(sender: Sender, letter: Letter) -> str:
    """The same invitation as plain text, for an e-mail."""
    words = WORDS[letter.language]
    steps = "\n".join(f"{number}. {step}" for number, step in enumerate(words.steps, start=1))
    facts = "\n".join(_facts(sender, letter, words))
    parts = (
        words.greeting.format(name=letter.name),
        f"{words.lead}\n\n    {letter.code.spaced}\n\n{facts}",
        f"{words.at_the_door}\n{steps}",
        f"{words.promise} {words.because}",
        f"{words.care.format(contact=sender.contact)}\n{words.attached}",
        sender.office,
    )
    return "\n\n".join(parts) + "\n"


def _facts(sender: Sender, letter: Letter, words: Words) -> list[str]:
    facts = [words.once.format(until=words.moment(letter.code.until.astimezone(ZoneInfo(sender.zone))))]
    if letter.doors:
        facts.append(words.doors.format(doors=", ".join(letter.doors)))
    if letter.begins_on is not None:
        facts.append(words.begins.format(day=words.day(letter.begins_on)))
    return facts


def _page(canvas: Canvas, sender: Sender, letter: Letter) -> None:
    words = WORDS[letter.language]
    fonts = _CHINESE if letter.language is Language.ZH else _WESTERN
    y = _head(canvas, sender, letter.name, fonts, words.title)
    y = _text(canvas, words.lead, y, 13, INK, fonts=fonts) - 7 * mm

    high = (_QR_MM + 8) * mm
    canvas.setStrokeColor(LINE)
    canvas.setFillColor(PAPER)
    canvas.roundRect(_LEFT, y - high, _WIDTH, high, 3 * mm, fill=1)
    _qr(canvas, letter.code.digits.encode(), _LEFT + 4 * mm, y - high + 4 * mm, _QR_MM)
    side, room = _LEFT + (_QR_MM + 14) * mm, _WIDTH - (_QR_MM + 20) * mm
    canvas.setFillColor(INK)
    canvas.setFont("Courier-Bold", 26)
    canvas.drawString(side, y - 17 * mm, letter.code.spaced)
    below = y - 23 * mm
    for fact in _facts(sender, letter, words):
        below = _text(canvas, escape(fact), below, 10.5, INK, fonts=_covering(fact, fonts), left=side, room=room) - 1.2 * mm
    y -= high + 11 * mm

    y = _text(canvas, words.at_the_door, y, 13, INK, fonts=fonts, bold=True) - 3 * mm
    for number, step in enumerate(words.steps, start=1):
        canvas.setFillColor(BRASS)
        canvas.setFont("Helvetica-Bold", 13)
        canvas.drawString(_LEFT, y - 4.4 * mm, str(number))
        y = _text(canvas, step, y, 11.5, INK, fonts=fonts, left=_LEFT + 9 * mm, room=_WIDTH - 9 * mm) - 2.6 * mm
    y -= 6 * mm

    y = _text(canvas, words.promise, y, 15, LEAF, fonts=fonts, bold=True) - 2.5 * mm
    y = _text(canvas, words.because, y, 11.5, INK, fonts=fonts) - 8 * mm
    canvas.setStrokeColor(LINE)
    canvas.line(_LEFT, y, _LEFT + _WIDTH, y)
    care = words.care.format(contact=sender.contact)
    _text(canvas, escape(care), y - 5 * mm, 9.5, QUIET, fonts=_covering(care, fonts))


def _canvas(out: io.BytesIO, title: str, sender: Sender) -> Canvas:
    for name in _CHINESE[:1]:
        pdfmetrics.registerFont(UnicodeCIDFont(name))
    for name in _WIDE:
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, _font_file(name)))
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.setAuthor(sender.office)
    return canvas


def _font_file(name: str) -> Path:
    found = find_spec("matplotlib")
    places = (found.submodule_search_locations if found else None) or ()
    return next(Path(place) for place in places) / "mpl-data" / "fonts" / "ttf" / f"{name}.ttf"


def _head(canvas: Canvas, sender: Sender, name: str, fonts: tuple[str, str], title: str = "") -> float:
    top = A4[1] - 22 * mm
    _mark(canvas, _LEFT, top - 1.5 * mm, 9 * mm)
    canvas.setFillColor(QUIET)
    canvas.setFont(_covering(sender.office, _WESTERN)[0], 11)
    canvas.drawString(_LEFT + 12 * mm, top + 1.6 * mm, sender.office)
    y = top - 24 * mm
    if title:
        y = _text(canvas, title, y, 12, QUIET, fonts=fonts) - 1 * mm
    below: float = _text(canvas, escape(name), y, 24, INK, fonts=_covering(name, fonts), bold=True) - 6 * mm
    return below


def _mark(canvas: Canvas, x: float, y: float, size: float) -> None:
    """The mark, a door a hand's breadth ajar; drawn on a square of 32."""
    canvas.saveState()
    canvas.translate(x, y + size)
    canvas.scale(size / 32, -size / 32)
    canvas.setLineWidth(2)
    canvas.setLineJoin(1)
    canvas.setLineCap(1)
    _shape(canvas, ((20.6, 6.4), (26, 4.6), (26, 29), (20.6, 29)), GLOW)
    canvas.setStrokeColor(BRASS)
    for run in (((6, 29), (6, 3), (26, 3), (26, 29)), ((2.5, 29), (29.5, 29))):
        _shape(canvas, run)
    _shape(canvas, ((6, 3.6), (20.6, 6.4), (20.6, 30.4), (6, 29)), white, BRASS)
    canvas.setFillColor(BRASS)
    canvas.circle(17.2, 18, 1.6, stroke=0, fill=1)
    canvas.restoreState()


def _shape(canvas: Canvas, points: tuple[tuple[float, float], ...], fill: Color | None = None, edge: Color | None = None) -> None:
    path = canvas.beginPath()
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)
    if fill is not None:
        path.close()
        canvas.setFillColor(fill)
    if edge is not None:
        canvas.setStrokeColor(edge)
    canvas.drawPath(path, stroke=fill is None or edge is not None, fill=fill is not None)


def _qr(canvas: Canvas, payload: bytes, x: float, y: float, size_mm: float) -> None:
    """The code, dark on white with its quiet zone of four modules (ISO/IEC 18004)."""
    modules = tuple(segno.make_qr(payload, error="m").matrix_iter(border=4))
    size = size_mm * mm
    step = size / len(modules)
    canvas.setFillColor(white)
    canvas.rect(x, y, size, size, stroke=0, fill=1)
    canvas.setFillColorRGB(0, 0, 0)
    for row, line in enumerate(modules):
        for column, dark in enumerate(line):
            if dark:
                canvas.rect(x + column * step, y + size - (row + 1) * step, step, step, stroke=0, fill=1)


def _text(
    canvas: Canvas,
    text: str,
    y: float,
    size: float,
    color: Color,
    *,
    fonts: tuple[str, str] = _WESTERN,
    bold: bool = False,
    left: float = _LEFT,
    room: float | None = None,
) -> float:
    """Set some text with its top at `y`, wrapped; where it ends. `text` is markup."""
    chinese = fonts is _CHINESE
    style = ParagraphStyle(
        "letter", fontName=fonts[bold], fontSize=size, leading=size * 1.4, textColor=color, wordWrap="CJK" if chinese else None
    )
    paragraph = Paragraph(text, style)
    high: float = paragraph.wrap(A4[0] - _LEFT - left if room is None else room, A4[1])[1]
    paragraph.drawOn(canvas, left, y - high)
    return y - high


def _covering(text: str, fonts: tuple[str, str]) -> tuple[str, str]:
    """These fonts, unless they lack a letter of the text."""
    if fonts is _CHINESE:
        return fonts
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        glyphs = pdfmetrics.getFont(_WIDE[0]).face.charToGlyph
        return _WIDE if all(ord(letter) in glyphs for letter in text) else _CHINESE
    return fonts


def _fonts(text: str) -> tuple[str, str]:
    return _covering(text, _WESTERN)
