"""The notice: versions that never change once published, and figures that are the office's own."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

from admin import marks, notices, settings
from admin.console import Console
from admin.errors import BadInput, NotThere
from device.contract.console import Language
from device.contract.words import NOTICE_MOST
from device.front.kiosk.notice import blocks as kiosk_blocks
from tests.admin.conftest import NOON as NOW
from tests.admin.conftest import Clockwork
from tests.admin.office.conftest import marked

SHORT = "Opening this door with your face\n\nAt most {template_days} days. Ask {contact}."
LINES = st.lists(
    st.sampled_from(["", " ", "# Title", "Short. More of it.", "A list:", "one two three four five six seven. x", "-"])
)


def published(console: Console, text: str = SHORT, language: Language = Language.EN) -> int:
    notices.begin(console, NOW)
    notices.write(console, language, text, NOW)
    with console.store.transaction():
        return notices.publish(console, NOW)[0]


def test_the_first_draft_is_the_suggested_text_and_can_be_published_as_it_is(
    console: Console, a_door: Callable[..., UUID]
) -> None:
    """CON-04, CON-11: the figures people read are the ones in force."""
    door = a_door()
    assert notices.begin(console, NOW) == 1
    settings.change(console, "template_days", 180, NOW)
    assert notices.publish(console, NOW) == (1, (door,))
    edition = notices.in_force(console)
    assert edition is not None
    text = edition.texts[Language.EN]
    assert "At most 180 days from your yes" in text
    assert "Studio Nord runs this door. Questions and complaints: privacy@studio-nord.example." in text
    assert "{" not in text
    assert [(where, key) for where, key, _ in marked(console, "notice")] == [(door, marks.notice_key(1, "en"))]
    assert not notices.outdated(console)


@pytest.mark.parametrize("language", list(Language))
def test_a_suggested_text_says_what_has_to_be_said(console: Console, language: Language) -> None:
    """CON-11 and the promises: how long, how to take it back, who may look back; CON-12: no condition of employment."""
    text = notices.suggested(language)
    for word in ("template_days", "unused_days", "openings_days", "office", "contact"):
        assert f"{{{word}}}" in text, word
    for button in ("Use my face", "What this door knows about me", "Withdraw"):
        assert button in text, "the notice says what the buttons say"
    assert len(notices.blocks(notices.filled(console, text))) == 12
    assert "condition of employment" not in text.lower()


def test_the_next_draft_begins_with_the_last_text_and_its_braces(console: Console) -> None:
    published(console)
    assert notices.begin(console, NOW) == 2
    draft = notices.draft(console)
    assert draft is not None
    assert draft.texts == {Language.EN: SHORT}
    with pytest.raises(BadInput):
        notices.begin(console, NOW)
    notices.discard(console)
    assert notices.draft(console) is None
    assert [edition.version for edition in notices.every(console)] == [1]


def test_a_published_text_cannot_be_written_over(console: Console) -> None:
    """CON-04: what somebody agreed to stays what it was."""
    published(console)
    before = notices.every(console)
    for act in (
        lambda: notices.write(console, Language.EN, SHORT + "!", NOW),
        lambda: notices.drop(console, Language.EN),
        lambda: notices.discard(console),
        lambda: notices.publish(console, NOW),
    ):
        with pytest.raises(NotThere):
            act()
    assert notices.every(console) == before


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No figure.",
        "{template_days} {name}",
        "{template_days} {}",
        "{template_days}\x07",
        "{template_days}" + "x" * NOTICE_MOST,
    ],
    ids=["empty", "without how long", "unknown word", "no word", "bell", "too long"],
)
def test_a_text_that_a_door_cannot_show_is_refused(console: Console, text: str) -> None:
    notices.begin(console, NOW)
    with pytest.raises(BadInput) as refused:
        notices.write(console, Language.EN, text, NOW)
    assert refused.value.field == "text"


def test_a_text_is_measured_in_bytes(console: Console) -> None:
    notices.begin(console, NOW)
    room = NOTICE_MOST - len("365")
    notices.write(console, Language.ZH, "{template_days}" + "门" * (room // 3), NOW)
    with pytest.raises(BadInput, match="Shorten"):
        notices.write(console, Language.ZH, "{template_days}" + "门" * (room // 3 + 1), NOW)


def test_languages_come_and_go_in_the_draft(console: Console) -> None:
    notices.begin(console, NOW)
    notices.write(console, Language.DE, SHORT, NOW)
    console.store.run("INSERT INTO people VALUES (?, 'Ada', NULL, 'fr', NULL, NULL, 0, NULL)", (bytes(16),))
    draft = notices.draft(console)
    assert draft is not None
    assert set(draft.texts) == {Language.EN, Language.DE}
    assert notices.unread(console, draft) == ["fr"]
    notices.drop(console, Language.EN)
    notices.drop(console, Language.DE)
    assert notices.draft(console) is None


def test_a_changed_figure_makes_the_notice_outdated_until_the_next_one(console: Console, clockwork: Clockwork) -> None:
    published(console)
    clockwork.forward(86_400)
    settings.change(console, "unused_days", 60, clockwork.now())
    assert notices.outdated(console)
    notices.begin(console, clockwork.now())
    clockwork.forward(86_400)
    notices.publish(console, clockwork.now())
    assert not notices.outdated(console)


def test_nothing_in_a_text_is_taken_for_a_word_of_the_program(console: Console) -> None:
    """A brace with more than a word in it stays as it was typed; what is filled in is not looked at again."""
    assert notices.filled(console, "{template_days}: {office[0]} {office.x!r} %s") == "365: {office[0]} {office.x!r} %s"
    console.config = replace(console.config, contact="{office}")
    assert notices.filled(console, "{contact}") == "{office}"


@trying(deadline=None)
@given(LINES)
def test_the_preview_cuts_a_text_as_the_kiosk_does(lines: list[str]) -> None:
    text = "\n".join(lines)
    ours, theirs = notices.blocks(text), kiosk_blocks(text)
    assert [(b.heading, b.text, b.lead, b.rest) for b in ours] == [(b.heading, b.text, b.lead, b.rest) for b in theirs]


def test_the_suggested_texts_lie_beside_the_program() -> None:
    assert {path.name for path in Path(notices.BEGINNINGS).iterdir()} == {f"notice.{language}.txt" for language in Language}
