"""Owns how long the console keeps what: everything has an end, and reaches it by itself, at the start and every hour.

What never happens here: "never" for anything that concerns a person; a person removed while a door has not confirmed.
"""

from datetime import datetime, timedelta
from typing import Final

from admin import audit, beside, codes, marks, numbers, people, sessions, settings, visitors
from admin.actions import Act
from admin.config import Preset
from admin.console import Console
from admin.marks import Kind
from admin.settings import Setting, Unit

ENDED: Final = timedelta(days=30)
"""After every door has confirmed, so that the office can still answer for it."""
AUDIT: Final = timedelta(days=730)
COUNTS: Final = timedelta(days=400)
"""A year and the same month of the one before."""
DONE: Final = timedelta(days=90)
"""What has been dealt with: alarms, commands, answered questions of the second person, released keys."""
ASKED: Final = timedelta(days=365)
"""A person's request after its answer, and who opened their page."""
JOIN: Final = timedelta(days=1)
BUNDLES_USUAL_DAYS: Final = 90
BUNDLES_MOST_DAYS: Final = dict.fromkeys(Preset, 90) | {Preset.FR: 180}
"""Source: DEL-09 and its six months in France; a door's release keys are gone after 90 days anyway."""

KEPT: Final = {
    "accounts": "Two years after its end, while the audit log names it.",
    "passkeys": "Until it is removed or its account ends.",
    "sessions": "15 minutes without a request, 8 hours at most.",
    "welcomes": "A day, or until it is used.",
    "vouched": "As long as both accounts: who let whom in, or renewed their keys.",
    "approvals": "Until it is used; 90 days at most.",
    "audit": "Two years; the last hash before stays.",
    "audit_cut": "One row: where the audit log begins.",
    "settings": "As long as the console; no person is in them.",
    "hours": "As long as the console; no person is in them.",
    "spans": "As long as its hours.",
    "holidays": "Until two years after the day.",
    "doors": "As long as the console; no person is in them.",
    "tickets": "15 minutes, or until it is used.",
    "groups": "Until it is removed; a name of the office's.",
    "group_doors": "As long as its group and door.",
    "people": "30 days after their end, once every door has confirmed it.",
    "memberships": "Until the person's end.",
    "codes": "Seven days, or until it is collected.",
    "collections": "As long as the person.",
    "endings": "As long as the person.",
    "visitors": "Until the end of its span.",
    "visitor_doors": "As long as its visitor.",
    "notices": "As long as the console, since people agreed to them (CON-04).",
    "looks": "A year, and no longer than the person.",
    "requests": "A year after its answer, and no longer than the person.",
    "marks": "Until its door is retired, and no longer than the person it is about.",
    "commands": "90 days.",
    "hourly": "400 days; counts below five were never there.",
    "bundles": "90 days unless set shorter; France: 180 at most. Nobody can open them alone.",
    "answers": "400 days.",
    "alarms": "90 days after it was over.",
    "incidents": "Two years.",
    "released_days": "90 days after it was asked for.",
    "evidence_requests": "Two years, and no longer than the person.",
    "released_evidence": "90 days after it was asked for.",
    "custodians": "As long as the console; public keys.",
    "joins": "A day.",
    "join_parts": "A day, or until it is fetched.",
}
"""Every table and how long its rows live; for the record of what is kept (WEB-14)."""


def bundles(console: Console) -> Setting:
    """How long sealed bundles are kept: what the office may set, within its preset's cap."""
    return Setting(
        key="bundles_days",
        words="The console keeps sealed days for",
        means="For an incident. Nobody can open one alone, and no door's key for it lives longer than 90 days.",
        unit=Unit.DAYS,
        least=1,
        most=BUNDLES_MOST_DAYS[console.config.preset],
        usual=BUNDLES_USUAL_DAYS,
        requirement="DEL-09",
    )


def run(console: Console) -> dict[str, int]:
    """Remove what is past its time; how many rows of what. Whoever's last day is over leaves first."""
    console.wake(people.end_due(console))
    now = console.clock.now()
    with console.store.transaction():
        for table in ("commands", "looks", "incidents", "evidence_requests"):
            numbers.lift(console, table, 0)  # what is removed leaves no number to be used again
        gone = {
            "codes": codes.prune(console),
            "visitors": visitors.prune(console),
            "sessions": sessions.tidy(console),
            "people": _people(console, now),
            **{table: console.store.run(statement, values) for table, statement, values in _past(console, now)},
            "audit": audit.cut(console, now - AUDIT),
        }
        told = {table: count for table, count in gone.items() if count}
        if told:
            audit.write(console, Act.RETENTION_RAN, details=dict(told))
    beside.tidy(beside.place(console.config), now)
    # Erased rows are overwritten in the database; this takes them out of its journal too (DEL-05).
    console.store.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    return told


def _past(console: Console, now: datetime) -> list[tuple[str, str, tuple[int, ...]]]:
    """Table, statement and limits, children before what they belong to."""
    now_s = int(now.timestamp())

    def ago(span: timedelta) -> int:
        return int((now - span).timestamp())

    kept = bundles(console)
    days = min(settings.value(console, kept), kept.most)
    return [
        ("welcomes", "DELETE FROM welcomes WHERE until <= ?", (now_s,)),
        ("tickets", "DELETE FROM tickets WHERE until <= ?", (now_s,)),
        ("approvals", "DELETE FROM approvals WHERE asked_at < ?", (ago(DONE),)),
        ("bundles", "DELETE FROM bundles WHERE day < ?", (now_s // 86_400 - days,)),
        ("hourly", "DELETE FROM hourly WHERE hour < ?", (ago(COUNTS),)),
        ("answers", "DELETE FROM answers WHERE week < ?", (ago(COUNTS),)),
        ("alarms", "DELETE FROM alarms WHERE over_at < ?", (ago(DONE),)),
        ("commands", "DELETE FROM commands WHERE until < ?", (ago(DONE),)),
        ("join_parts", "DELETE FROM join_parts WHERE door IN (SELECT door FROM joins WHERE at < ?)", (ago(JOIN),)),
        ("joins", "DELETE FROM joins WHERE at < ?", (ago(JOIN),)),
        ("requests", "DELETE FROM requests WHERE answered_on < ?", (now_s // 86_400 - ASKED.days,)),
        ("looks", "DELETE FROM looks WHERE day < ?", (now_s // 86_400 - ASKED.days,)),
        ("holidays", "DELETE FROM holidays WHERE day < ?", (now_s // 86_400 - AUDIT.days,)),
        (
            "released_days",
            "DELETE FROM released_days WHERE incident IN (SELECT number FROM incidents WHERE asked_at < ?)",
            (ago(DONE),),
        ),
        (
            "released_evidence",
            "DELETE FROM released_evidence WHERE request IN (SELECT number FROM evidence_requests WHERE asked_at < ?)",
            (ago(DONE),),
        ),
        (
            "evidence_requests",
            "DELETE FROM evidence_requests WHERE asked_at < ?",
            (ago(AUDIT),),
        ),
        (
            "incidents",
            "DELETE FROM incidents WHERE asked_at < ?",
            (ago(AUDIT),),
        ),
        (
            "accounts",
            """DELETE FROM accounts WHERE disabled_at < ? AND id NOT IN (SELECT account FROM audit WHERE account IS NOT NULL)
            AND id NOT IN (SELECT asked_by FROM approvals)
            AND id NOT IN (SELECT decided_by FROM approvals WHERE decided_by IS NOT NULL)""",
            (ago(AUDIT),),
        ),
    ]


def _people(console: Console, now: datetime) -> int:
    limit = int((now - ENDED).timestamp())
    rows = console.store.rows(
        """SELECT id FROM people WHERE ended_at <= ? AND NOT EXISTS
        (SELECT 1 FROM endings WHERE person = id AND (confirmed_at IS NULL OR confirmed_at > ?))""",
        (limit, limit),
    )
    for row in rows:
        for kind, of in ((Kind.PAGE, "looks"), (Kind.EVIDENCE, "evidence_requests")):
            query = f"SELECT number FROM {of} WHERE person = ?"  # noqa: S608  (our own words)
            keys = [(kind.value, marks.number_key(number)) for (number,) in console.store.rows(query, row)]
            for key in keys:
                console.store.run("DELETE FROM marks WHERE kind = ? AND key = ?", key)
        for statement in _OF_A_PERSON:
            console.store.run(statement, row)
    return len(rows)


_OF_A_PERSON: Final = (
    "DELETE FROM marks WHERE kind = 'person' AND key = ?",
    "DELETE FROM released_evidence WHERE request IN (SELECT number FROM evidence_requests WHERE person = ?)",
    "DELETE FROM evidence_requests WHERE person = ?",
    "DELETE FROM looks WHERE person = ?",
    "DELETE FROM requests WHERE person = ?",
    "DELETE FROM endings WHERE person = ?",
    "DELETE FROM collections WHERE person = ?",
    "DELETE FROM codes WHERE person = ?",
    "DELETE FROM memberships WHERE person = ?",
    "DELETE FROM people WHERE id = ?",
)
"""All that names a person, children first."""
