"""The notice: its versions, the draft in each language, and what it looks like at the kiosk."""

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from admin import forms, notices, settings
from admin.acting import acting, allowed, may
from admin.actions import Act
from admin.console import console
from admin.entries import LANGUAGES
from admin.errors import NotThere
from device.contract.console import Language, Role
from device.contract.words import NOTICE_MOST

bp = Blueprint("notices", __name__, url_prefix="/notices")

WRITERS = (Role.OPERATOR, Role.PRIVACY_OFFICER)
READERS = (*WRITERS, Role.AUDITOR)


@bp.get("/")
@allowed(*READERS)
def index() -> str:
    """Every version."""
    office = console()
    draft = notices.draft(office)
    return render_template(
        "notices.html",
        draft=draft,
        force=notices.in_force(office),
        older=[edition for edition in notices.every(office) if edition.published_at is not None][1:],
        languages=LANGUAGES,
        unread=[LANGUAGES[Language(language)] for language in notices.unread(office, draft)] if draft else [],
        grace=settings.limits(office).notice_days,
        outdated=notices.outdated(office),
        may_write=may(Act.NOTICE_DRAFT),
        may_publish=may(Act.NOTICE_PUBLISH),
    )


@bp.post("/draft")
@allowed(*WRITERS)
def begin() -> Response:
    """Begin a draft."""
    with acting(Act.NOTICE_DRAFT):
        notices.begin(console(), console().clock.now())
    return redirect(url_for("notices.index"), 303)


@bp.get("/draft/<language>")
@allowed(*WRITERS)
def draft(language: str) -> str:
    """The draft in one language."""
    spoken, edition = _spoken(language), notices.draft(console())
    if edition is None:
        raise NotThere("There is no draft.")
    text = edition.texts.get(spoken)
    return render_template(
        "notice_draft.html",
        edition=edition,
        language=spoken,
        languages=LANGUAGES,
        text=notices.suggested(spoken) if text is None else text,
        new=text is None,
        figures=notices.figures(console()),
        most=NOTICE_MOST,
    )


@bp.post("/draft/<language>")
@allowed(*WRITERS)
def write(language: str) -> Response:
    """Keep what was written."""
    spoken = _spoken(language)
    text = forms.text("text", "The text", most=NOTICE_MOST, lines=True)
    with acting(Act.NOTICE_DRAFT, language=spoken):
        notices.write(console(), spoken, text, console().clock.now())
    flash("Kept. Nobody sees a draft but you.", "done")
    version = edition.version if (edition := notices.draft(console())) else 0
    return redirect(url_for("notices.preview", version=version, language=spoken), 303)


@bp.post("/draft/<language>/drop")
@allowed(*WRITERS)
def drop(language: str) -> Response:
    """Leave one language out."""
    spoken = _spoken(language)
    with acting(Act.NOTICE_DRAFT, language=spoken, dropped=True):
        notices.drop(console(), spoken)
    return redirect(url_for("notices.index"), 303)


@bp.post("/draft/discard")
@allowed(*WRITERS)
def discard() -> Response:
    """Throw the draft away."""
    with acting(Act.NOTICE_DRAFT, dropped=True):
        notices.discard(console())
    flash("The draft is gone. The notice in force stays.", "done")
    return redirect(url_for("notices.index"), 303)


@bp.post("/publish")
@allowed(Role.PRIVACY_OFFICER)
def publish() -> Response:
    """The draft is in force."""
    edition = notices.draft(console())
    with acting(Act.NOTICE_PUBLISH, subject=edition.version if edition else None):
        _, woken = notices.publish(console(), console().clock.now())
    console().wake(woken)
    flash("Published. Every door tells of it; whoever has to decide again is asked on their own page.", "done")
    return redirect(url_for("notices.index"), 303)


@bp.get("/<int(max=2147483647):version>/<language>")
@allowed(*READERS)
def preview(version: int, language: str) -> str:
    """One version in one language, as at the kiosk."""
    spoken = _spoken(language)
    edition = next((known for known in notices.every(console()) if known.version == version), None)
    if edition is None or spoken not in edition.texts:
        raise NotThere("There is no such notice.")
    text = edition.texts[spoken]
    return render_template(
        "notice_preview.html",
        edition=edition,
        language=spoken,
        languages=LANGUAGES,
        blocks=notices.blocks(text if edition.published_at else notices.filled(console(), text)),
        days=settings.limits(console()).template_days,
        may_write=may(Act.NOTICE_DRAFT),
    )


def _spoken(language: str) -> Language:
    try:
        return Language(language)
    except ValueError:
        raise NotThere("There is no such language here.") from None
