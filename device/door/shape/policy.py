"""Owns step 0005 of the vault's shape: what the console told, and what waits to be told to it.

What was shipped is never edited.
"""

from typing import Final

_CONSOLE: Final = (
    """CREATE TABLE console (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    door BLOB NOT NULL CHECK (length(door) = 16),
    policy BLOB NOT NULL CHECK (length(policy) = 32),
    link BLOB NOT NULL CHECK (length(link) = 32),
    paired_at INTEGER NOT NULL,
    number INTEGER NOT NULL DEFAULT 0,
    heard_at INTEGER NOT NULL,
    act INTEGER NOT NULL DEFAULT 0,
    acting INTEGER,
    testing_until INTEGER NOT NULL DEFAULT 0,
    hour INTEGER,
    day INTEGER
) STRICT""",
    """CREATE TABLE records_made (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT""",
    "INSERT INTO records_made VALUES (1, 0)",
    """CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT""",
    """CREATE TABLE alarms (
    alarm TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT""",
)

_ADMITTED: Final = (
    """CREATE TABLE admitted (
    person BLOB PRIMARY KEY REFERENCES people (id),
    begins_at INTEGER,
    ends_at INTEGER,
    code BLOB CHECK (length(code) = 32)
) STRICT""",
    """CREATE TABLE admitted_hours (
    person BLOB NOT NULL REFERENCES admitted (person) ON DELETE CASCADE,
    hours INTEGER NOT NULL CHECK (hours >= 0),
    PRIMARY KEY (person, hours)
) STRICT""",
    """CREATE TABLE collected (
    person BLOB PRIMARY KEY REFERENCES people (id),
    day INTEGER NOT NULL CHECK (day % 86400 = 0)
) STRICT""",
    """CREATE TABLE endings (
    person BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE guests (
    visitor BLOB PRIMARY KEY CHECK (length(visitor) = 16),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE hours (
    hours INTEGER PRIMARY KEY CHECK (hours > 0),
    on_holidays INTEGER NOT NULL CHECK (on_holidays IN (0, 1))
) STRICT""",
    """CREATE TABLE spans (
    hours INTEGER NOT NULL REFERENCES hours (hours) ON DELETE CASCADE,
    day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 6),
    begins_min INTEGER NOT NULL CHECK (begins_min BETWEEN 0 AND 1439),
    ends_min INTEGER NOT NULL CHECK (ends_min BETWEEN 1 AND 1440 AND ends_min > begins_min)
) STRICT""",
    "CREATE INDEX spans_of_hours ON spans (hours)",
    "CREATE TABLE holidays (day INTEGER PRIMARY KEY) STRICT",
    """CREATE TABLE limits (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    template_days INTEGER NOT NULL,
    unused_days INTEGER NOT NULL,
    openings_days INTEGER NOT NULL,
    notice_days INTEGER NOT NULL,
    open_s INTEGER NOT NULL
) STRICT""",
)

_TOLD: Final = (
    """CREATE TABLE looks (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    day INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX looks_of_a_person ON looks (person)",
    """CREATE TABLE office_openings (
    act INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE published (
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (version, language)
) STRICT""",
)

_GRACE: Final = (
    "DROP VIEW live_consents",
    "DROP VIEW faces",
    "DROP TRIGGER no_template_without_live_consent",
    # Until then a yes to an older notice is live; of notices from before this step, not a moment longer than they were.
    "ALTER TABLE notices ADD COLUMN older_until INTEGER NOT NULL DEFAULT 0",
    """CREATE VIEW live_consents AS
SELECT person, consents.id, notice, sha256, given_at, used_at, lapses_at, min(until, coalesce(lapses_at, until)) AS until
FROM consents JOIN people ON people.id = person JOIN notices ON version = notice
LEFT JOIN (SELECT older.version AS outdated, min(newer.older_until) AS lapses_at FROM notices AS older
    JOIN notices AS newer ON newer.version > older.version GROUP BY older.version) ON outdated = notice
WHERE state IN ('given', 'enrolled')
    AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM asked WHERE asked.person = consents.person)""",
    """CREATE VIEW faces AS
SELECT consents.person, state, notice, given_at, until, model, made_at, used_at,
    coalesce(used_at, made_at) AS active_at,
    (SELECT min(older_until) FROM notices WHERE version > notice) AS lapses_at FROM consents
JOIN people ON people.id = consents.person LEFT JOIN templates ON templates.person = consents.person
WHERE state IN ('given', 'enrolled')""",
    """CREATE TRIGGER no_template_without_live_consent BEFORE INSERT ON templates
WHEN NOT EXISTS (
    SELECT 1 FROM consents
    WHERE person = NEW.person AND id = NEW.consent AND state IN ('given', 'enrolled')
        AND NOT EXISTS (SELECT 1 FROM notices WHERE version > notice AND older_until <= NEW.made_at)
        AND given_at <= NEW.made_at AND until > NEW.made_at
) OR EXISTS (SELECT 1 FROM asked WHERE person = NEW.person)
BEGIN
    SELECT RAISE(ABORT, 'no live consent');
END""",
)

STATEMENTS: Final[tuple[str, ...]] = (*_CONSOLE, *_ADMITTED, *_TOLD, *_GRACE)
