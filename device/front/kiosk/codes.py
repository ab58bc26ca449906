"""Owns the QR codes of badge, receipt and public key: as SVG in the page, as PNG to keep. Drawn when asked, kept nowhere.

Always dark on white with the quiet zone of four modules, in the dark scheme too: readers want it so (ISO/IEC 18004).
"""

import io
from typing import Final

import segno
from markupsafe import Markup

PIXELS_LEAST: Final = 720
"""A saved picture is at least this wide, so that a telephone shows it sharp."""


def svg(payload: bytes | str) -> Markup:
    """The code as an inline SVG without styles."""
    return Markup(_code(payload).svg_inline(border=4, omitsize=True, dark="#000", light="#fff", svgclass="qr", lineclass=None))  # noqa: S704  (drawn by segno from modules, no text of the payload)


def png(payload: bytes) -> bytes:
    """The code as a PNG of whole modules."""
    code = _code(payload)
    width = int(code.symbol_size(scale=1, border=4)[0])
    out = io.BytesIO()
    code.save(out, kind="png", border=4, scale=-(-PIXELS_LEAST // width))
    return out.getvalue()


def _code(payload: bytes | str) -> segno.QRCode:
    # Long receipts get the lowest correction, so that the modules stay large enough to photograph.
    return segno.make_qr(payload, error="m" if len(payload) < 200 else "l")
