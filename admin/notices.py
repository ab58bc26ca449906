"""Owns the notice: what people read before a yes, in each language, drafted here and published to every door at once.

A draft holds words in braces, such as {template_days}, where the office's own figures go; what is published is the whole
text as it will be shown and recorded. What never happens here: a published text that changes; knowing whom it concerns.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from admin import marks, numbers, settings, times
from admin.console import Console
from admin.errors import BadInput, NotThere
from admin.marks import Kind
from device.contract.console import Language
from device.contract.words import NOTICE_MOST, is_seen

BEGINNINGS: Final = Path(__file__).parent / "beginnings"
LEAD_MOST: Final = 6
"""Words of a first sentence that still reads as the name of its paragraph."""
MUST_SAY: Final = "template_days"
"""How long a template lives is read before the yes. Source: CON-11."""

_FIGURE: Final = re.compile(r"\{(\w*)\}")
_KEPT: Final = "notice_"
"""Where a published text is kept with its braces, for the next draft."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One version of the notice, in its languages."""

    version: int
    texts: dict[Language, str]
    published_at: datetime | None


class Block(NamedTuple):
    """A heading or a paragraph, as the kiosk shows it."""

    heading: bool
    text: str

    @property
    def lead(self) -> str:
        """The short first sentence of a paragraph that says more; else nothing."""
        first, stop, more = self.text.partition(". ")
        return first + stop if more and len(first.split()) <= LEAD_MOST else ""

    @property
    def rest(self) -> str:
        """What follows the lead."""
        return self.text.removeprefix(self.lead)


def every(console: Console) -> list[Edition]:
    """Every version, newest first; a draft is the newest, if there is one."""
    found: dict[int, Edition] = {}
    for version, language, text, published_at in console.store.rows(
        "SELECT version, language, text, published_at FROM notices ORDER BY version DESC"
    ):
        at = None if published_at is None else times.moment(published_at)
        found.setdefault(version, Edition(version=version, texts={}, published_at=at)).texts[Language(language)] = text
    return list(found.values())


def draft(console: Console) -> Edition | None:
    """The version that is being written, if any."""
    return next((edition for edition in every(console) if edition.published_at is None), None)


def in_force(console: Console) -> Edition | None:
    """The version that the doors show, if the office has published any."""
    return next((edition for edition in every(console) if edition.published_at is not None), None)


def begin(console: Console, now: datetime) -> int:
    """
    A new draft: the notice in force with its braces, or the text we suggest where there was none; its version.

    Raises: BadInput when one is being written already.
    """
    if draft(console) is not None:
        raise BadInput("A draft is there already. Go on with it, or throw it away.")
    before = in_force(console)
    texts = {Language.EN: suggested(Language.EN)}
    if before is not None:
        texts = {language: settings.get(console, _KEPT + language) or text for language, text in before.texts.items()}
    with console.store.transaction():
        version = numbers.following(console, "notices")
        for language, text in texts.items():
            _put(console, version, language, text, now)
    return version


def write(console: Console, language: Language, text: str, now: datetime) -> None:
    """
    The draft's text in one language.

    Raises: NotThere without a draft; BadInput for what a door could not show or people have to be told.
    """
    edition = _drafted(console)
    text = "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    if not is_seen(text):
        raise BadInput("There are signs in it that nobody can see, such as soft hyphens. Paste it as plain text.", "text")
    if MUST_SAY not in _FIGURE.findall(text):
        raise BadInput("Say how long a template lives: write {template_days} where the number goes.", "text")
    filled(console, text)
    _put(console, edition.version, language, text, now)


def drop(console: Console, language: Language) -> None:
    """
    Take a language out of the draft; without its last one the draft is gone.

    Raises: NotThere without a draft.
    """
    version = _drafted(console).version
    console.store.run("DELETE FROM notices WHERE version = ? AND language = ?", (version, language.value))


def discard(console: Console) -> None:
    """
    Throw the draft away.

    Raises: NotThere without one.
    """
    console.store.run("DELETE FROM notices WHERE version = ?", (_drafted(console).version,))


def publish(console: Console, now: datetime) -> tuple[int, tuple[UUID, ...]]:
    """
    The draft is in force from now; its version, and the doors to be woken. In the caller's transaction.

    Raises: NotThere without a draft; BadInput for a text that has become too long.
    """
    edition = _drafted(console)
    for language, text in edition.texts.items():
        settings.put(console, _KEPT + language, text)
        console.store.run(
            "UPDATE notices SET text = ?, published_at = ? WHERE version = ? AND language = ?",
            (filled(console, text), times.seconds(now), edition.version, language.value),
        )
    doors = marks.paired(console)
    for language in edition.texts:
        marks.mark(console, doors, Kind.NOTICE, marks.notice_key(edition.version, language))
    return edition.version, doors


def filled(console: Console, text: str) -> str:
    """
    The text as people read it: the office's names and figures in the place of words in braces.

    Raises: BadInput for a word that is not known, or a text too long for a door.
    """
    known = figures(console)
    unknown = [word for word in _FIGURE.findall(text) if word not in known]
    if unknown:
        raise BadInput(f"{{{unknown[0]}}} is not known here. Use {', '.join(f'{{{word}}}' for word in known)}.", "text")
    whole = _FIGURE.sub(lambda match: known[match[1]], text)
    # In bytes, because a message is measured in bytes; the text has never more letters than that.
    if len(whole.encode()) > NOTICE_MOST:
        raise BadInput(f"Shorten it: a door holds {NOTICE_MOST:,} bytes, and this has {len(whole.encode()):,}.", "text")
    return whole


def figures(console: Console) -> dict[str, str]:
    """The words in braces, and what goes in their place."""
    named = {setting.key: str(settings.value(console, setting)) for setting in settings.LIMITS if setting.in_notice}
    return {"office": console.config.office, "contact": console.config.contact, **named}


def outdated(console: Console) -> bool:
    """Whether a figure that the notice in force tells has been changed since."""
    changed, told = settings.figures_changed_at(console), in_force(console)
    return (
        changed is not None and told is not None and told.published_at is not None and changed > times.seconds(told.published_at)
    )


def unread(console: Console, edition: Edition) -> list[str]:
    """Languages that people here read and this version does not speak."""
    rows = console.store.rows("SELECT DISTINCT language FROM people WHERE ended_at IS NULL ORDER BY language")
    return [row[0] for row in rows if row[0] not in set(edition.texts)]


def suggested(language: Language) -> str:
    """The text we suggest to begin with."""
    return (BEGINNINGS / f"notice.{language}.txt").read_text(encoding="utf-8").strip()


def blocks(text: str) -> list[Block]:
    """The notice in blocks, cut as the kiosk cuts it, so that a preview shows what people will see."""
    found: list[Block] = []
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        bare = line.strip()
        heading = bare.startswith("# ") or (not lines and bare.endswith(":"))
        if lines and (heading or not bare):
            title = not found and len(lines) == 1 and lines[0][-1] not in ".!?"
            found.append(Block(heading=title, text="\n".join(lines)))
            lines = []
        if heading:
            found.append(Block(heading=True, text=bare.removeprefix("# ")))
        elif bare:
            lines.append(bare)
    return found


def _drafted(console: Console) -> Edition:
    edition = draft(console)
    if edition is None:
        raise NotThere("There is no draft.")
    return edition


def _put(console: Console, version: int, language: Language, text: str, now: datetime) -> None:
    console.store.run(
        """INSERT INTO notices (version, language, text, drafted_at) VALUES (?, ?, ?, ?)
        ON CONFLICT (version, language) DO UPDATE SET text = excluded.text, drafted_at = excluded.drafted_at""",
        (version, language.value, text, times.seconds(now)),
    )
