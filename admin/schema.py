"""Owns the shape of the console's database: numbered steps that are never edited, applied by sqlite-utils.

What never happens here: a column that could hold a choice, a way in, a time of passing, a face, a badge or a PIN.
"""

from typing import Final

_ACCOUNTS: Final = (
    """CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    role TEXT NOT NULL CHECK (role IN ('front_desk', 'operator', 'privacy_officer', 'auditor', 'installer')),
    password TEXT,
    totp BLOB,
    totp_used INTEGER,
    made_at INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT""",
    """CREATE TABLE passkeys (
    id BLOB PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id),
    public BLOB NOT NULL,
    counter INTEGER NOT NULL,
    name TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT""",
    """CREATE TABLE sessions (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    account INTEGER NOT NULL REFERENCES accounts (id),
    made_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    proved_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE welcomes (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    account INTEGER REFERENCES accounts (id),
    role TEXT NOT NULL,
    until INTEGER NOT NULL,
    made_by INTEGER REFERENCES accounts (id)
) STRICT""",
    """CREATE TABLE vouched (
    account INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    voucher INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE CHECK (voucher != account),
    PRIMARY KEY (account, voucher)
) STRICT""",
    """CREATE TABLE approvals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    act TEXT NOT NULL,
    details TEXT NOT NULL,
    asked_by INTEGER NOT NULL REFERENCES accounts (id),
    asked_at INTEGER NOT NULL,
    decided_by INTEGER REFERENCES accounts (id),
    decided_at INTEGER,
    granted INTEGER,
    CHECK (decided_by IS NULL OR decided_by != asked_by)
) STRICT""",
    """CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    account INTEGER,
    role TEXT,
    act TEXT NOT NULL,
    subject TEXT,
    details TEXT NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT""",
    """CREATE TABLE audit_cut (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    at INTEGER NOT NULL
) STRICT""",
    """CREATE TRIGGER no_audit_row_is_changed BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END""",
    """CREATE TRIGGER audit_rows_go_only_behind_the_cut BEFORE DELETE ON audit
WHEN OLD.number > coalesce((SELECT number FROM audit_cut), 0)
BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END""",
    "CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
)

_OFFICE: Final = (
    """CREATE TABLE hours (id INTEGER PRIMARY KEY, name TEXT NOT NULL, on_holidays INTEGER NOT NULL, gone_at INTEGER) STRICT""",
    """CREATE TABLE spans (
    hours INTEGER NOT NULL REFERENCES hours (id),
    day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 6),
    begins_min INTEGER NOT NULL CHECK (begins_min BETWEEN 0 AND 1439),
    ends_min INTEGER NOT NULL CHECK (ends_min BETWEEN 1 AND 1440 AND ends_min > begins_min)
) STRICT""",
    "CREATE TABLE holidays (day INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT",
    """CREATE TABLE doors (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL UNIQUE COLLATE NOCASE,
    door_group INTEGER NOT NULL,
    slot INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 7),
    device BLOB,
    link BLOB,
    paired_at INTEGER,
    retired_at INTEGER,
    up INTEGER NOT NULL DEFAULT 0,
    down INTEGER NOT NULL DEFAULT 0,
    stored INTEGER NOT NULL DEFAULT 0,
    policy INTEGER NOT NULL DEFAULT 0,
    version TEXT,
    factors INTEGER,
    faces INTEGER,
    joined INTEGER,
    minute_at INTEGER,
    eyes INTEGER,
    front INTEGER,
    lock INTEGER,
    testing INTEGER,
    custodians BLOB
) STRICT""",
    """CREATE UNIQUE INDEX one_door_a_slot ON doors (door_group, slot) WHERE retired_at IS NULL""",
    """CREATE TABLE tickets (
    digest BLOB PRIMARY KEY CHECK (length(digest) = 32),
    door BLOB NOT NULL REFERENCES doors (id),
    until INTEGER NOT NULL
) STRICT""",
    "CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE COLLATE NOCASE) STRICT",
    """CREATE TABLE group_doors (
    group_id INTEGER NOT NULL REFERENCES groups (id),
    door BLOB NOT NULL REFERENCES doors (id),
    hours INTEGER NOT NULL,
    PRIMARY KEY (group_id, door)
) STRICT""",
    """CREATE TABLE people (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    name TEXT NOT NULL,
    email TEXT,
    language TEXT NOT NULL,
    begins_on INTEGER,
    ends_on INTEGER,
    added_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT""",
    """CREATE TABLE memberships (
    person BLOB NOT NULL REFERENCES people (id),
    group_id INTEGER NOT NULL REFERENCES groups (id),
    PRIMARY KEY (person, group_id)
) STRICT""",
    """CREATE TABLE codes (
    person BLOB PRIMARY KEY REFERENCES people (id),
    code TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    made_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    first INTEGER NOT NULL DEFAULT 1
) STRICT""",
    """CREATE TABLE collections (person BLOB PRIMARY KEY REFERENCES people (id), day INTEGER NOT NULL) STRICT""",
    """CREATE TABLE endings (
    person BLOB NOT NULL REFERENCES people (id),
    door BLOB NOT NULL REFERENCES doors (id),
    confirmed_at INTEGER,
    PRIMARY KEY (person, door)
) STRICT""",
    """CREATE TABLE visitors (
    id BLOB PRIMARY KEY CHECK (length(id) = 16),
    label TEXT NOT NULL,
    bearer TEXT,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    gone_at INTEGER
) STRICT""",
    """CREATE TABLE visitor_doors (
    visitor BLOB NOT NULL REFERENCES visitors (id) ON DELETE CASCADE,
    door BLOB NOT NULL REFERENCES doors (id),
    PRIMARY KEY (visitor, door)
) STRICT""",
    """CREATE TABLE notices (
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    drafted_at INTEGER NOT NULL,
    published_at INTEGER,
    PRIMARY KEY (version, language)
) STRICT""",
    """CREATE TABLE looks (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    day INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE requests (
    id INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    kind TEXT NOT NULL,
    received_on INTEGER NOT NULL,
    answered_on INTEGER
) STRICT""",
)

_LINK: Final = (
    """CREATE TABLE marks (
    door BLOB NOT NULL REFERENCES doors (id),
    kind TEXT NOT NULL,
    key BLOB NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (door, kind, key)
) STRICT""",
    "CREATE INDEX marks_in_order ON marks (door, number)",
    "CREATE INDEX marks_about ON marks (kind, key)",
    """CREATE TABLE commands (
    act INTEGER PRIMARY KEY,
    door BLOB NOT NULL REFERENCES doors (id),
    kind TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    until INTEGER NOT NULL,
    done INTEGER
) STRICT""",
    "CREATE INDEX commands_open ON commands (door) WHERE done IS NULL",
    """CREATE TABLE hourly (
    door BLOB NOT NULL REFERENCES doors (id),
    hour INTEGER NOT NULL,
    openings INTEGER NOT NULL,
    PRIMARY KEY (door, hour)
) STRICT""",
    """CREATE TABLE bundles (
    door BLOB NOT NULL REFERENCES doors (id),
    day INTEGER NOT NULL,
    bundle TEXT NOT NULL CHECK (bundle IN ('journal', 'evidence')),
    part INTEGER NOT NULL,
    of INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (door, day, bundle, part)
) STRICT""",
    """CREATE TABLE answers (
    door BLOB NOT NULL REFERENCES doors (id),
    week INTEGER NOT NULL,
    budget_met INTEGER,
    badge_good INTEGER,
    PRIMARY KEY (door, week)
) STRICT""",
    """CREATE TABLE alarms (
    id INTEGER PRIMARY KEY,
    door BLOB NOT NULL REFERENCES doors (id),
    alarm TEXT NOT NULL,
    at INTEGER NOT NULL,
    over_at INTEGER,
    seen_at INTEGER
) STRICT""",
    """CREATE TABLE incidents (
    number INTEGER PRIMARY KEY,
    door BLOB NOT NULL REFERENCES doors (id),
    reason TEXT NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at > begins_at AND ends_at - begins_at <= 86400),
    asked_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE released_days (
    incident INTEGER NOT NULL REFERENCES incidents (number),
    day INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (incident, day)
) STRICT""",
    """CREATE TABLE evidence_requests (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    asked_at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE released_evidence (
    request INTEGER NOT NULL REFERENCES evidence_requests (number),
    door BLOB NOT NULL REFERENCES doors (id),
    key BLOB NOT NULL,
    PRIMARY KEY (request, door)
) STRICT""",
    """CREATE TABLE custodians (
    number INTEGER PRIMARY KEY,
    incident BLOB NOT NULL,
    evidence BLOB NOT NULL,
    statement BLOB NOT NULL,
    signature BLOB NOT NULL,
    since INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE joins (
    door BLOB PRIMARY KEY REFERENCES doors (id),
    public BLOB NOT NULL,
    salt BLOB NOT NULL,
    proof BLOB NOT NULL,
    at INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE join_parts (
    door BLOB NOT NULL REFERENCES doors (id),
    part INTEGER NOT NULL,
    of INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (door, part)
) STRICT""",
)

STEPS: Final[dict[str, tuple[str, ...]]] = {"0001_accounts": _ACCOUNTS, "0002_office": _OFFICE, "0003_link": _LINK}
