"""Every scene has its page, its buttons and nothing of anybody else."""

import gc
import io
import re
from dataclasses import fields
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from device.config import Keeping
from device.contract import screen
from device.contract.console import LookReason, Reason, Role
from device.contract.screen import SCENES, Button, NoEntry, Purpose, Searched, Standing
from device.contract.sight import Hint
from device.contract.words import Blob, Digits, Hidden
from device.door.notice import render
from device.errors import FaultCode
from device.front.kiosk import notice, sentences
from device.front.kiosk.offers import offered
from tests.front import plays
from tests.front.plays import Kiosk, every_scene, one

KIOSK = Path(sentences.__file__).parent
TEMPLATES = KIOSK / "templates"


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.tags if name == tag]

    def presses(self) -> list[str | None]:
        return [b.get("value") for b in self.all("button") if b.get("name") == "button"]


@pytest.mark.parametrize("kind", SCENES, ids=lambda k: k.__name__)
def test_every_scene_in_every_variant_has_a_page_with_exactly_the_buttons_on_offer(
    kiosk: Kiosk, kind: type[screen.Scene]
) -> None:
    for scene in plays.variants(kind):
        kiosk.stage.show(scene)
        for path in ("/", "/scene"):
            answer = kiosk.get(path)
            page = Page(answer.text)
            assert answer.status_code == 200
            assert sorted(filter(None, page.presses())) == sorted(offered(scene))
            assert len(page.all("h1")) == (1 if path == "/scene" else 3)  # with the two kept for a lost connection
            assert {"data-scene": str(plays.SERIAL), "data-name": kind.__name__}.items() <= page.all("section")[0].items()


def test_no_page_holds_an_inline_script_style_or_handler(kiosk: Kiosk) -> None:
    """The policy forbids them, so they would not work; nothing comes from another host either."""
    for scene in every_scene():
        kiosk.stage.show(scene)
        for tag, attrs in Page(kiosk.get("/").text).tags:
            assert tag != "style"
            assert "style" not in attrs
            assert not [name for name in attrs if name.startswith("on")]
            assert tag != "script" or attrs.get("src", "").startswith("/static/")  # type: ignore[union-attr]  # src is text
            for name in ("href", "src", "action"):
                assert re.fullmatch(r"(/[^/].*|/|#\w+)", attrs.get(name) or "/"), attrs


def test_every_button_link_and_field_says_what_it_is(kiosk: Kiosk) -> None:
    """TRA-10: names for screen readers; drawings are hidden from them."""
    for scene in every_scene():
        kiosk.stage.show(scene)
        text = kiosk.get("/scene").text
        for opening, inside in re.findall(r"<(?:button|a)\b([^>]*)>(.*?)</(?:button|a)>", text, re.DOTALL):
            assert "aria-label" in opening or re.sub(r"<[^>]*>|\s", "", inside)
        page = Page(text)
        labels = {label.get("for") for label in page.all("label")}
        for asked in page.all("input"):
            assert asked.get("type") in {"hidden", "checkbox"} or asked["id"] in labels


def test_the_two_choices_are_twins(kiosk: Kiosk) -> None:
    """ALT-02, CON-07: same element, same class, lines of about the same length; only the order differs, by the door's draw."""
    orders = []
    for face_first in (False, True):
        kiosk.stage.show(one(screen.Choice, face_first=face_first))
        text = kiosk.get("/scene").text
        twins = [b for b in Page(text).all("button") if b.get("class") == "twin"]
        orders.append([b.pop("value") for b in twins])
        assert twins[0] == twins[1]
    assert orders == [["badge_and_pin", "my_face_too"], ["my_face_too", "badge_and_pin"]]
    lines = re.findall(r"<small>(.*?)</small>", text)
    assert abs(len(lines[0]) - len(lines[1])) <= 3


def test_the_idle_twins_have_lines_of_equal_length_and_the_same_class(kiosk: Kiosk) -> None:
    kiosk.stage.show(one(screen.Idle, simulated=False, testing=False, announced=False, notice_on=None, alone_since=None))
    text = kiosk.get("/scene").text
    assert len(re.findall(r'<button class="twin"', text)) == 2
    badge, face = re.findall(r"<small>(.*?)</small>", text)
    assert (badge, face) == ("the camera reads the code only", "for this try only, then forgotten")
    assert "The camera is off." in text


def test_a_simulation_says_so_and_a_real_door_does_not(kiosk: Kiosk) -> None:
    for simulated in (True, False):
        kiosk.stage.show(one(screen.Idle, simulated=simulated))
        assert ("Simulation:" in kiosk.get("/").text) is simulated


def test_nothing_is_ticked_beforehand_and_saying_no_is_as_large_as_saying_yes(kiosk: Kiosk) -> None:
    """CON-02, CON-05."""
    kiosk.stage.show(one(screen.Notice))
    page = Page(kiosk.get("/scene").text)
    assert [("checked" in box) for box in page.all("input") if box["type"] == "checkbox"] == [False]
    no, yes = (set((b["class"] or "").split()) for b in page.all("button"))
    assert yes - {"hold"} == no == {"large"}
    for doors, held in ((0, ["withdraw"]), (2, ["withdraw", "withdraw_everywhere"])):
        kiosk.stage.show(one(screen.Personal, standing=Standing.FACE_TOO, doors=doors))
        buttons = [b for b in Page(kiosk.get("/scene").text).all("button") if b.get("data-hold") == "1500"]
        assert [b["value"] for b in buttons] == held


def test_the_notice_is_shown_whole_as_text_and_never_as_markup(kiosk: Kiosk) -> None:
    """CON-04, CON-06."""
    kiosk.stage.show(one(screen.Notice))
    answer = kiosk.get("/scene").text
    assert "One template &amp; nothing &lt;b&gt;else&lt;/b&gt;." in answer
    assert "at any time" in answer
    shown = [notice.Block(heading=True, text="A notice"), notice.Block(heading=True, text="What is kept:")]
    assert notice.blocks(plays.TEXT)[:2] == shown


def test_no_word_of_a_notice_is_lost_in_its_blocks() -> None:
    text = "Title:\none\ntwo\n\n# Next\nthree:\n\n\nfour <script>\n# Last"
    words = " ".join(block.text for block in notice.blocks(text)).split()
    assert words == text.replace("#", " ").split()


def test_the_door_s_own_notice_has_a_title_and_a_name_for_every_paragraph(kiosk: Kiosk) -> None:
    """CON-06: long as it is, one finds one's way in it; and no word is lost or moved."""
    text = render(plays.SITE, Keeping(template_days=365, unused_days=90, openings_days=90, code_days=7, notice_days=30))
    title, *paragraphs = notice.blocks(text)
    assert title == notice.Block(heading=True, text="Opening front door with your face")
    assert [block.text for block in paragraphs if not block.lead or block.heading] == []
    assert [block.lead + block.rest for block in paragraphs] == [block.text for block in paragraphs]
    kiosk.stage.show(one(screen.Notice, text=text))
    assert "<p><b>How long. </b>At most 365 days" in kiosk.get("/scene").text


def test_a_long_first_sentence_or_a_lone_one_is_no_name() -> None:
    for text in ("Just one sentence.", "This is a sentence that says a good deal. And more."):
        assert notice.blocks(text) == [notice.Block(heading=False, text=text)]
        assert notice.blocks(text)[0].lead == ""


def test_badge_pin_and_receipt_leave_with_their_scene(kiosk: Kiosk) -> None:
    """A canary: after the next scene no answer holds them, and no live object does."""
    secrets = (plays.PIN, "CANARY", plays.BADGE.hex(), plays.RECEIPT.hex())
    kiosk.stage.show(one(screen.Issued))
    assert plays.PIN in kiosk.get("/scene").text
    badge = kiosk.get("/badge.png")
    assert badge.data.startswith(b"\x89PNG")
    kiosk.stage.show(one(screen.Kept))
    receipt = kiosk.get("/receipt.png").data
    assert kiosk.get("/receipt.json").data == plays.RECEIPT
    kiosk.stage.show(one(screen.Choice))
    for path in ("/", "/scene", "/scene.json"):
        assert not [secret for secret in secrets if secret in kiosk.get(path).text]
    for path in ("/badge.png", "/receipt.png", "/receipt.json"):
        answer = kiosk.get(path)
        assert answer.status_code == 404
        assert answer.data not in {badge.data, receipt, plays.RECEIPT}
    gc.collect()
    assert not [thing for thing in gc.get_objects() if type(thing) in {screen.Issued, screen.Kept}]


def test_the_door_going_away_takes_the_secrets_too(kiosk: Kiosk) -> None:
    kiosk.stage.show(one(screen.Issued))
    kiosk.stage.away()
    answer = kiosk.get("/scene").text
    assert "This door&#39;s inside is restarting." in answer
    assert "Readers still open it." in answer
    assert plays.PIN not in answer
    assert kiosk.get("/badge.png").status_code == 404


def test_the_json_of_a_hidden_scene_holds_its_number_and_buttons_only(kiosk: Kiosk) -> None:
    for scene in every_scene():
        kiosk.stage.show(scene)
        told = kiosk.get("/scene.json").json or {}
        assert told["name"] == type(scene).__name__
        if isinstance(scene, Hidden):
            assert set(told) == {"scene", "name", "buttons", "camera_on", "token"}
        else:
            assert {f.name for f in fields(scene)} <= set(told)  # type: ignore[arg-type]  # scenes are dataclasses


def test_templates_read_only_what_the_contract_says_and_nothing_like_a_name() -> None:
    """No screen names anybody: what a template may read of a scene are that scene's fields, and there is no name among them."""
    known = {kind.__name__.lower(): {f.name for f in fields(kind)} for kind in SCENES}  # type: ignore[arg-type]  # scenes are dataclasses
    known["receipt"] = known["kept"] & known["gone"]
    known["pad"] = known["keypad"] & known["codepad"]
    for file in TEMPLATES.glob("*.html"):
        tree = Environment(autoescape=True).parse(file.read_text())
        for read in tree.find_all(nodes.Getattr):
            if isinstance(read.node, nodes.Name) and read.node.name == "scene":
                assert read.attr in known.get(file.stem, {"scene"}), file.name
            if isinstance(read.node, nodes.Name) and read.node.name == "site":
                assert read.attr in {"name", "door", "controller", "contact"}
            elif not isinstance(read.node, nodes.Const):
                assert not re.search(r"name|person|mail|surname|who", read.attr), (file.name, read.attr)


def test_every_code_of_a_closed_list_has_its_words() -> None:
    told: list[tuple[object, set[object]]] = [
        (sentences.HINTS, set(Hint)),
        (sentences.AIMING, set(Purpose)),
        (sentences.LOOKING, set(Purpose)),
        (sentences.KEYPAD, set(Purpose)),
        (sentences.NOT_OPENED, set(NoEntry)),
        (sentences.STANDINGS, set(Standing)),
        (sentences.SEARCHED, set(Searched)),
        (sentences.REASONS, set(Reason)),
        (sentences.ROLES, set(Role)),
        (sentences.LOOK_REASONS, set(LookReason)),
        (sentences.FAULTS, set(FaultCode)),
    ]
    for table, codes in told:
        assert set(table) == codes  # type: ignore[call-overload]  # each is a mapping


def test_everybody_reads_the_same_after_withdrawing(kiosk: Kiosk) -> None:
    """CON-05, promise 9: template or not, the page is the same but for the receipt."""
    pages = []
    for receipt in (b'{"a":1}', b'{"a":2}'):
        kiosk.stage.show(screen.Gone(scene=3, receipt=Blob(receipt), searched=Searched.BYTES, waiting=0))
        pages.append(re.sub(r'<svg[^>]*class="qr".*?</svg>', "", kiosk.get("/scene").text, flags=re.DOTALL))
    assert all(one == other for one, other in pairwise(pages))


def test_time_that_has_passed_is_not_promised_again(kiosk: Kiosk) -> None:
    clock = [100.0]
    kiosk.stage._clock_s = lambda: clock[0]
    kiosk.stage.show(screen.Aiming(scene=1, purpose=Purpose.OPEN, left_s=9))
    assert "9 s" in kiosk.get("/scene").text
    clock[0] += 4
    assert "5 s" in kiosk.get("/scene").text


def test_the_camera_dot_is_on_exactly_while_the_door_says_so(kiosk: Kiosk) -> None:
    """TRA-08."""
    for on in (True, False):
        kiosk.stage.show(screen.Camera(on=on))
        assert ("camera on" in kiosk.get("/").text) is on


def test_a_badge_read_from_the_saved_picture_is_the_badge(kiosk: Kiosk) -> None:
    import zxingcpp  # noqa: PLC0415  (only here, to read what was drawn)
    from PIL import Image  # noqa: PLC0415  (loaded where one test needs it)

    kiosk.stage.show(one(screen.Issued, badge=Blob(bytes(range(256))), pin=Digits("1")))
    with Image.open(io.BytesIO(kiosk.get("/badge.png").data)) as picture:
        assert picture.width >= 720
        (read,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert bytes(read.bytes) == bytes(range(256))


def test_buttons_of_a_scene_are_words_of_the_contract() -> None:
    for scene in every_scene():
        assert set(offered(scene)) <= set(Button)
