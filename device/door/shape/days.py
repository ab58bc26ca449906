"""Owns step 0007 of the vault's shape: custodians, sealed days and their release keys, evidence keys, who was told of what.

What was shipped is never edited. A request stays readable for a year by the latest moment the vault has seen (promise 10).
"""

from typing import Final

STATEMENTS: Final[tuple[str, ...]] = (
    """CREATE TABLE custodians (
    number INTEGER PRIMARY KEY,
    incident BLOB NOT NULL CHECK (length(incident) = 32),
    evidence BLOB NOT NULL CHECK (length(evidence) = 32),
    statement BLOB NOT NULL CHECK (length(statement) = 32),
    since INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE sealed_days (
    day INTEGER PRIMARY KEY CHECK (day % 86400 = 0),
    release BLOB NOT NULL CHECK (length(release) = 32)
) STRICT""",
    """CREATE TABLE evidence_keys (
    person BLOB PRIMARY KEY REFERENCES people (id),
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT""",
    """CREATE TABLE evidence_sent (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    newest INTEGER NOT NULL,
    again INTEGER NOT NULL
) STRICT""",
    "INSERT INTO evidence_sent VALUES (1, 0, 0)",
    """CREATE TABLE incidents_told (
    number INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL,
    reason TEXT NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at - begins_at BETWEEN 3600 AND 86400),
    at INTEGER NOT NULL,
    UNIQUE (incident, reason, begins_at, ends_at)
) STRICT""",
    """CREATE TABLE concerned (
    told INTEGER NOT NULL REFERENCES incidents_told (number) ON DELETE CASCADE,
    person BLOB NOT NULL REFERENCES people (id),
    PRIMARY KEY (told, person)
) STRICT""",
    "CREATE INDEX concerned_by_person ON concerned (person)",
    """CREATE TABLE openings_dropped (
    person BLOB PRIMARY KEY REFERENCES people (id),
    at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE evidence_told (
    number INTEGER PRIMARY KEY,
    request INTEGER NOT NULL,
    person BLOB NOT NULL REFERENCES people (id),
    released BLOB NOT NULL CHECK (length(released) = 80),
    at INTEGER NOT NULL,
    UNIQUE (request, person)
) STRICT""",
    *(
        statement
        for table in ("incidents_told", "evidence_told")
        for statement in (
            f"""CREATE TRIGGER nothing_of_{table}_is_changed BEFORE UPDATE ON {table}
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END""",
            f"""CREATE TRIGGER nothing_of_{table}_is_removed_within_a_year BEFORE DELETE ON {table}
WHEN OLD.at + 31536000 > (SELECT seen_at FROM door)
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END""",  # noqa: S608  # one of our own two tables
        )
    ),
    """CREATE TRIGGER no_sealed_day_is_sealed_again BEFORE UPDATE ON sealed_days
BEGIN
    SELECT RAISE(ABORT, 'a day is sealed once');
END""",
)
