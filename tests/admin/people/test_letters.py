"""Letters: in the person's language, with a code a camera reads, and the sentence that a face is never needed."""

import base64
import re
import zlib
from datetime import date, timedelta

import numpy as np
import pytest
import zxingcpp

from admin import letters
from admin.codes import Code
from admin.letter_words import WORDS
from admin.letters import Letter, Pass, Sender
from device.contract.console import Language
from tests.admin.conftest import NOON

SENDER = Sender(office="Studio Nord & Söhne", contact="privacy@nord.example", zone="Europe/Berlin")
CODE = Code(digits="0123456789", until=NOON + timedelta(days=7))
WESTERN = [language for language in Language if language is not Language.ZH]


def a_letter(language: Language = Language.EN, name: str = "Mira <Sol>", begins_on: date | None = None) -> Letter:
    return Letter(name=name, language=language, code=CODE, doors=("Front & back", "Yard"), begins_on=begins_on)


def streams(pdf: bytes) -> list[bytes]:
    """What each page draws."""
    found = re.findall(rb"/ASCII85Decode /FlateDecode[^>]*>>\s*stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = [zlib.decompress(base64.a85decode(b"<~" + one.strip(), adobe=True)) for one in found]
    return [one for one in drawn if b" re" in one]


def text(drawn: bytes) -> str:
    """The letters of a page in a western language, in their order, without spaces: lines break where they must."""
    pieces = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", drawn)
    raw = b" ".join(pieces)
    raw = re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), raw)
    return bare(re.sub(rb"\\(.)", rb"\1", raw).decode("cp1252"))


def bare(words: str) -> str:
    return "".join(words.split())


def read_qr(drawn: bytes) -> str:
    """What a camera reads of the squares on a page."""
    squares = [tuple(map(float, one)) for one in re.findall(rb"([\d.]+) ([\d.]+) ([\d.]+) ([\d.]+) re f", drawn)]
    modules = [one for one in squares if one[2] == one[3] and one[2] < 12]
    step = min(one[2] for one in modules)
    left, low = min(one[0] for one in modules), min(one[1] for one in modules)
    size = round((max(one[0] for one in modules) - left) / step) + 1
    picture = np.full((size + 8, size + 8), 255, np.uint8)
    for x, y, _, _ in modules:
        picture[size + 3 - round((y - low) / step), 4 + round((x - left) / step)] = 0
    return str(zxingcpp.read_barcodes(np.kron(picture, np.full((8, 8), 1, np.uint8)))[0].text)


@pytest.mark.parametrize("language", WESTERN)
def test_a_letter_says_that_the_badge_comes_first_and_a_face_is_never_needed(language: Language) -> None:
    """ALT-03, ALT-04, CON-07."""
    said = text(streams(letters.pdf(SENDER, (a_letter(language),)))[0])
    words = WORDS[language]
    for sentence in (words.title, words.lead, *words.steps, words.promise, words.because):
        assert bare(sentence) in said
    for filled in ("Mira <Sol>", "01234 56789", "Front & back, Yard", "privacy@nord.example", "Studio Nord & Söhne"):
        assert bare(filled) in said


@pytest.mark.parametrize("language", Language)
def test_the_plain_letter_says_the_same(language: Language) -> None:
    said, words = letters.plain(SENDER, a_letter(language)), WORDS[language]
    for sentence in (words.lead, *words.steps, words.promise, words.because, "01234 56789"):
        assert sentence in said


@pytest.mark.parametrize("language", Language)
def test_every_language_says_all_and_fills_in_all(language: Language) -> None:
    said = letters.plain(SENDER, a_letter(language, begins_on=date(2030, 6, 14)))
    assert "{" not in said
    assert WORDS[language].day(date(2030, 6, 14)) in said
    assert len(WORDS[language].months) == 12
    assert "14:00" in said  # the code's end, in the office's own time


def test_a_camera_reads_the_code_from_the_letter() -> None:
    pages = streams(letters.pdf(SENDER, (a_letter(), a_letter(Language.DE))))
    assert [read_qr(page) for page in pages] == [CODE.digits, CODE.digits]


def test_a_camera_reads_a_visitors_code_from_paper() -> None:
    bearer = b"BYLV1" + b"ABCDEFGH" * 4
    visit = Pass(label="Łukasz", bearer=bearer, begins_at=NOON, ends_at=NOON + timedelta(hours=2), doors=("Yard",))
    drawn = streams(letters.pass_pdf(SENDER, visit))[0]
    assert read_qr(drawn) == bearer.decode()
    assert bare("until 12 June 2030, 16:00") in text(drawn)


@pytest.mark.parametrize("name", ["Łukasz Żółć", "Дмитрий", "王小明", "A" * 80, "😀", "a</para><b>"])
def test_every_name_can_be_printed(name: str) -> None:
    for language in Language:
        assert len(streams(letters.pdf(SENDER, (a_letter(language, name),)))) == 1


def test_the_same_letter_is_the_same_bytes() -> None:
    """Nothing of the machine or the moment is in it."""
    assert letters.pdf(SENDER, (a_letter(),)) == letters.pdf(SENDER, (a_letter(),))


def test_no_letter_makes_a_yes_a_condition() -> None:
    """CON-12."""
    for words in WORDS.values():
        said = " ".join((words.lead, *words.steps, words.promise, words.because, words.care)).lower()
        assert not re.search(r"must|required|condition of|obligatoire|obligatorio|pflicht|müssen", said)
