"""Owns the reading of QR codes. In a code window this is all that sees a frame; it knows nothing of faces.

What never happens here: understanding a payload; that is the door's.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import zxingcpp

from device.contract.words import BLOB_MOST
from device.eyes.ports import Frame

FORMATS: Final = zxingcpp.BarcodeFormat.QRCodeModel2
"""The ordinary QR code; its small and old relatives are not badges."""


@dataclass(frozen=True, slots=True, repr=False)
class Code:
    """One code in a frame: its bytes, and where it is, in pixels."""

    payload: bytes
    x: int
    y: int
    width: int


def read(frame: Frame) -> tuple[Code, ...]:
    """The QR codes in a frame; one that is longer than any badge is passed over."""
    found = zxingcpp.read_barcodes(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), formats=FORMATS)
    return tuple(_code(each) for each in found if each.bytes and len(each.bytes) <= BLOB_MOST)


def _code(found: zxingcpp.Barcode) -> Code:
    place = found.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    xs, ys = [corner.x for corner in corners], [corner.y for corner in corners]
    return Code(bytes(found.bytes), sum(xs) // 4, sum(ys) // 4, max(xs) - min(xs))
