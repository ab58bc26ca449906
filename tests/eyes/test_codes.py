"""QR codes are read as they are; nothing else is, and no face code is near."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from device.contract.words import BLOB_MOST
from device.eyes import codes
from device.eyes.portraits import PortraitCamera
from device.eyes.ports import HEIGHT, WIDTH, Frame
from tests.eyes.pictures import GRACE, nobody, photograph

PAYLOAD = bytes(range(256))[:180]


@pytest.mark.parametrize("turn", [0, 7, 45, 90, 180, -30])
@pytest.mark.parametrize("side", [200, 300])
def test_a_code_is_read_however_it_is_held(turn: float, side: int) -> None:
    (code,) = codes.read(_held(PAYLOAD, turn, side))
    assert code.payload == PAYLOAD
    assert abs(code.x - WIDTH / 2) < 20
    assert abs(code.y - HEIGHT / 2) < 20
    assert 0.5 * side < code.width < 1.5 * side


@settings(max_examples=30, deadline=None)
@given(st.binary(min_size=1, max_size=120))
def test_any_bytes_come_back_as_they_were(payload: bytes) -> None:
    assert [code.payload for code in codes.read(_held(payload))] == [payload]


def test_bytes_that_could_be_another_script_are_read_as_bytes(tmp_path: Path) -> None:
    """Left to choose, the writer may take two bytes for one Japanese letter and give back others: a badge is bytes."""
    (tmp_path / "who").write_text("badge")
    (tmp_path / "badge").write_bytes(b"\x82\x00")
    camera = PortraitCamera(tmp_path, simulated=True, seed=1)
    camera.open()
    assert [code.payload for code in codes.read(camera.frame())] == [b"\x82\x00"]


def test_a_code_with_more_than_a_badge_holds_is_passed_over() -> None:
    longest, longer = (segno.make_qr(b"x" * size, error="l") for size in (BLOB_MOST, BLOB_MOST + 1))
    assert len(codes.read(_sheet(longest, 1000))) == 1
    assert codes.read(_sheet(longer, 1000)) == ()


def test_other_kinds_of_code_are_passed_over() -> None:
    micro = segno.make_micro("12345")
    assert codes.read(_sheet(micro, 300)) == ()


def test_pictures_without_a_code_hold_none() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    assert codes.read(noise) == codes.read(nobody()) == codes.read(photograph(GRACE)) == ()


def test_a_damaged_code_is_read_right_or_not_at_all() -> None:
    frame = _held(PAYLOAD, 0, 300)
    frame[200:300, 280:400] = 128
    assert [code.payload for code in codes.read(frame)] in ([], [PAYLOAD])


def test_a_code_is_not_printed() -> None:
    (code,) = codes.read(_held(b"secret", 0, 300))
    assert "secret" not in repr(code)


def test_reading_codes_loads_no_face_code() -> None:
    """In a code window no face code runs: this module cannot even reach any."""
    root = Path(codes.__file__).parents[2]
    told = "import sys, device.eyes.codes; print(sorted({'dlib', 'onnxruntime', 'face_recognition'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", told], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def _sheet(code: segno.QRCode, side: int) -> Frame:
    rows = np.array([list(row) for row in code.matrix_iter(border=4)], bool)
    paper = np.where(rows, 20, 235).astype(np.uint8)
    scaled = cv2.resize(paper, (side, side), interpolation=cv2.INTER_NEAREST)
    return np.ascontiguousarray(np.repeat(scaled[..., np.newaxis], 3, axis=2))


def _held(payload: bytes, turn: float = 0, side: int = 300) -> Frame:
    """A code in the middle of a frame, turned by so many degrees."""
    sheet = _sheet(segno.make_qr(payload, mode="byte"), side)
    move = cv2.getRotationMatrix2D((side / 2, side / 2), turn, 1)
    move[:, 2] += ((WIDTH - side) / 2, (HEIGHT - side) / 2)
    frame = nobody()
    cv2.warpAffine(sheet, move, (WIDTH, HEIGHT), dst=frame, borderMode=cv2.BORDER_TRANSPARENT)
    return frame
