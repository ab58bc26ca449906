"""Owns the shape of the vault: numbered steps that are never edited, and the refusals that hold against any program.

sqlite-utils applies the steps. What never happens here: reading or writing anybody's row.
"""

import sqlite3
from collections.abc import Callable
from typing import Any, Final

from device.door.shape import cells, days, policy
from device.errors import FaultCode, NoConsent, SetupError, VaultError, VaultFull

TEMPLATES_MOST: Final = 500
"""A door cannot grow into a watch list. Source: promise 6."""

_SET: Final = "device"

_PEOPLE: Final = (
    """CREATE TABLE door (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device BLOB NOT NULL CHECK (length(device) = 32),
    generation INTEGER NOT NULL CHECK (generation > 0),
    seen_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE people (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    invited_at INTEGER NOT NULL,
    collected_on INTEGER CHECK (collected_on % 86400 = 0),
    ended_at INTEGER
) STRICT""",
    """CREATE TABLE invitations (
    person BLOB PRIMARY KEY REFERENCES people (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    until INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE badges (
    person BLOB PRIMARY KEY REFERENCES people (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    pin BLOB NOT NULL UNIQUE CHECK (length(pin) = 32)
) STRICT""",
    """CREATE TABLE openings (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    at INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX openings_of_a_person ON openings (person, at)",
    """CREATE TABLE asked (
    person BLOB PRIMARY KEY REFERENCES people (id),
    event TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT""",
)

_CONSENT: Final = (
    """CREATE TABLE notices (
    version INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    since INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE consents (
    person BLOB PRIMARY KEY REFERENCES people (id),
    state TEXT NOT NULL CHECK (state IN (
        'not_chosen', 'badge_and_pin', 'given', 'enrolled', 'withdrawn', 'expired', 'lapsed', 'ended'
    )),
    id BLOB UNIQUE CHECK (length(id) = 16),
    notice INTEGER REFERENCES notices (version),
    given_at INTEGER,
    until INTEGER CHECK (until > given_at),
    used_at INTEGER,
    CHECK (
        (state IN ('given', 'enrolled'))
        = (id IS NOT NULL AND notice IS NOT NULL AND given_at IS NOT NULL AND until IS NOT NULL)
    )
) STRICT""",
    """CREATE TABLE templates (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL UNIQUE REFERENCES consents (person),
    consent BLOB NOT NULL UNIQUE REFERENCES consents (id),
    model BLOB NOT NULL CHECK (length(model) BETWEEN 1 AND 64),
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL CHECK (length(wrapped) = 60),
    sealed BLOB NOT NULL CHECK (length(sealed) = 540),
    made_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE choices (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL,
    event TEXT NOT NULL,
    who TEXT NOT NULL,
    state TEXT NOT NULL,
    at INTEGER NOT NULL,
    consent BLOB,
    notice INTEGER,
    notice_sha256 BLOB,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT""",
    "CREATE INDEX choices_of_a_person ON choices (person)",
    """CREATE TABLE erasures (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    person BLOB NOT NULL,
    event TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL,
    finished_at INTEGER,
    searched TEXT,
    receipt BLOB,
    CHECK ((finished_at IS NULL) = (receipt IS NULL) AND (searched IS NULL) = (receipt IS NULL))
) STRICT""",
)


def _refuse(name: str, moment: str, condition: str, words: str) -> str:
    return f"""CREATE TRIGGER {name} BEFORE {moment}
WHEN {condition}
BEGIN
    SELECT RAISE(ABORT, '{words}');
END"""


_REFUSALS: Final = (
    _refuse(
        "no_template_without_live_consent",
        "INSERT ON templates",
        """NOT EXISTS (
    SELECT 1 FROM consents
    WHERE person = NEW.person AND id = NEW.consent AND state IN ('given', 'enrolled')
        AND notice = (SELECT max(version) FROM notices)
        AND given_at <= NEW.made_at AND until > NEW.made_at
) OR EXISTS (SELECT 1 FROM asked WHERE person = NEW.person)""",
        "no live consent",
    ),
    _refuse(
        "no_watch_list",
        "INSERT ON templates",
        "(SELECT count(*) FROM templates) >= 500",
        "vault full",
    ),
    _refuse(
        "only_a_templates_key_is_wrapped_anew",
        "UPDATE ON templates",
        """NEW.number IS NOT OLD.number OR NEW.person IS NOT OLD.person OR NEW.consent IS NOT OLD.consent
    OR NEW.model IS NOT OLD.model OR NEW.sealed IS NOT OLD.sealed OR NEW.made_at IS NOT OLD.made_at
    OR NEW.generation <= OLD.generation""",
        "a template is never changed",
    ),
    _refuse(
        "no_consent_ends_before_its_template",
        "UPDATE ON consents",
        """(NEW.state NOT IN ('given', 'enrolled') OR NEW.person IS NOT OLD.person OR NEW.id IS NOT OLD.id)
    AND EXISTS (SELECT 1 FROM templates WHERE person = OLD.person)""",
        "the template goes first",
    ),
    _refuse("no_choice_is_changed", "UPDATE ON choices", "TRUE", "the choice log is never changed"),
    _refuse("no_choice_is_removed", "DELETE ON choices", "TRUE", "the choice log is never changed"),
    _refuse(
        "choices_follow_one_another",
        "INSERT ON choices",
        """NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM choices)
    OR NEW.previous IS NOT coalesce((SELECT hash FROM choices ORDER BY number DESC LIMIT 1), zeroblob(32))""",
        "the choice log is never changed",
    ),
    _refuse("no_notice_is_changed", "UPDATE ON notices", "TRUE", "a notice that was shown is never changed"),
    _refuse("no_notice_is_removed", "DELETE ON notices", "TRUE", "a notice that was shown is never changed"),
    _refuse(
        "no_erasure_is_undone",
        "UPDATE ON erasures",
        "OLD.finished_at IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.person IS NOT OLD.person OR NEW.at IS NOT OLD.at",
        "an erasure is never changed",
    ),
    _refuse(
        "no_erasure_is_removed_but_for_a_later_one",
        "DELETE ON erasures",
        """OLD.finished_at IS NULL OR NOT EXISTS (
    SELECT 1 FROM erasures WHERE person = OLD.person AND finished_at IS NOT NULL AND number > OLD.number
)""",
        "an erasure is never changed",
    ),
    _refuse(
        "nothing_asked_is_dropped_before_it_is_done",
        "DELETE ON asked",
        "EXISTS (SELECT 1 FROM templates WHERE person = OLD.person)",
        "the template goes first",
    ),
)

_VIEWS: Final = (
    """CREATE VIEW live_consents AS
SELECT person, consents.id, notice, sha256, given_at, until, used_at FROM consents
JOIN people ON people.id = person JOIN notices ON version = notice
WHERE state IN ('given', 'enrolled') AND notice = (SELECT max(version) FROM notices)
    AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM asked WHERE asked.person = consents.person)""",
    """CREATE VIEW faces AS
SELECT consents.person, state, notice, given_at, until, model, made_at, used_at,
    coalesce(used_at, made_at) AS active_at FROM consents
JOIN people ON people.id = consents.person LEFT JOIN templates ON templates.person = consents.person
WHERE state IN ('given', 'enrolled')""",
    """CREATE VIEW orphans AS
SELECT templates.person FROM templates LEFT JOIN consents
    ON consents.person = templates.person AND consents.id = consent AND state IN ('given', 'enrolled')
WHERE consents.person IS NULL OR generation IS NOT (SELECT generation FROM door)""",
)

STEPS: Final[dict[str, tuple[str, ...]]] = {
    "0001_people": _PEOPLE,
    "0002_consent": _CONSENT,
    "0003_refusals": _REFUSALS,
    "0004_views": _VIEWS,
    "0005_policy": policy.STATEMENTS,
    "0006_cells": cells.STATEMENTS,
    "0007_days": days.STATEMENTS,
}
"""What was shipped is never edited, so the steps spell every number and word out; a change is a new step."""


def refused(words: str) -> VaultError:
    """What a refusal of the schema is called outside."""
    if words == "no live consent":
        return NoConsent("There is no live consent of this person to the notice in force.")
    if words == "vault full":
        return VaultFull(f"This door holds {TEMPLATES_MOST} templates, which is all it may. Badge and PIN open.")
    return VaultError("The vault refuses this by its schema.")


def bring_up(connection: sqlite3.Connection) -> None:
    """
    Apply the steps that this vault has not seen.

    Raises: SetupError when a newer program made it.
    """
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = '_sqlite_migrations'").fetchone()
    query = "SELECT name FROM _sqlite_migrations WHERE migration_set = ? ORDER BY id"
    applied = [name for (name,) in connection.execute(query, [_SET])] if known else []
    if applied == list(STEPS):
        return
    if applied != list(STEPS)[: len(applied)]:
        raise SetupError("The vault was made by a newer program. Run that one; nothing was changed.", FaultCode.VAULT_DAMAGED)
    _migrate(connection)


def _migrate(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database, Migrations  # noqa: PLC0415  # 0.2 s that a vault in order does not need

    migrations = Migrations(_SET)
    for name, statements in STEPS.items():
        migrations(name=name)(_runs(statements))
    migrations.apply(Database(connection, execute_plugins=False))


def _runs(statements: tuple[str, ...]) -> Callable[[Any], None]:
    def run(database: Any) -> None:
        for statement in statements:
            database.execute(statement)

    return run


def head(connection: sqlite3.Connection) -> str:
    """The shape as it is, in a fixed order, for comparing."""
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND tbl_name != '_sqlite_migrations' ORDER BY type DESC, name"
    return "".join(f"{sql};\n\n" for (sql,) in connection.execute(query))
