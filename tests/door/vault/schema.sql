CREATE VIEW faces AS
SELECT consents.person, state, notice, given_at, until, model, made_at, used_at,
    coalesce(used_at, made_at) AS active_at,
    (SELECT min(older_until) FROM notices WHERE version > notice) AS lapses_at FROM consents
JOIN people ON people.id = consents.person LEFT JOIN templates ON templates.person = consents.person
WHERE state IN ('given', 'enrolled');

CREATE VIEW live_consents AS
SELECT person, consents.id, notice, sha256, given_at, used_at, lapses_at, min(until, coalesce(lapses_at, until)) AS until
FROM consents JOIN people ON people.id = person JOIN notices ON version = notice
LEFT JOIN (SELECT older.version AS outdated, min(newer.older_until) AS lapses_at FROM notices AS older
    JOIN notices AS newer ON newer.version > older.version GROUP BY older.version) ON outdated = notice
WHERE state IN ('given', 'enrolled')
    AND ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM asked WHERE asked.person = consents.person);

CREATE VIEW orphans AS
SELECT templates.person FROM templates LEFT JOIN consents
    ON consents.person = templates.person AND consents.id = consent AND state IN ('given', 'enrolled')
WHERE consents.person IS NULL OR generation IS NOT (SELECT generation FROM door);

CREATE TRIGGER choices_follow_one_another BEFORE INSERT ON choices
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM choices)
    OR NEW.previous IS NOT coalesce((SELECT hash FROM choices ORDER BY number DESC LIMIT 1), zeroblob(32))
BEGIN
    SELECT RAISE(ABORT, 'the choice log is never changed');
END;

CREATE TRIGGER no_choice_is_changed BEFORE UPDATE ON choices
WHEN TRUE
BEGIN
    SELECT RAISE(ABORT, 'the choice log is never changed');
END;

CREATE TRIGGER no_choice_is_removed BEFORE DELETE ON choices
WHEN TRUE
BEGIN
    SELECT RAISE(ABORT, 'the choice log is never changed');
END;

CREATE TRIGGER no_consent_ends_before_its_template BEFORE UPDATE ON consents
WHEN (NEW.state NOT IN ('given', 'enrolled') OR NEW.person IS NOT OLD.person OR NEW.id IS NOT OLD.id)
    AND EXISTS (SELECT 1 FROM templates WHERE person = OLD.person)
BEGIN
    SELECT RAISE(ABORT, 'the template goes first');
END;

CREATE TRIGGER no_erasure_is_removed_but_for_a_later_one BEFORE DELETE ON erasures
WHEN OLD.finished_at IS NULL OR NOT EXISTS (
    SELECT 1 FROM erasures WHERE person = OLD.person AND finished_at IS NOT NULL AND number > OLD.number
)
BEGIN
    SELECT RAISE(ABORT, 'an erasure is never changed');
END;

CREATE TRIGGER no_erasure_is_undone BEFORE UPDATE ON erasures
WHEN OLD.finished_at IS NOT NULL OR NEW.id IS NOT OLD.id OR NEW.person IS NOT OLD.person OR NEW.at IS NOT OLD.at
BEGIN
    SELECT RAISE(ABORT, 'an erasure is never changed');
END;

CREATE TRIGGER no_notice_is_changed BEFORE UPDATE ON notices
WHEN TRUE
BEGIN
    SELECT RAISE(ABORT, 'a notice that was shown is never changed');
END;

CREATE TRIGGER no_notice_is_removed BEFORE DELETE ON notices
WHEN TRUE
BEGIN
    SELECT RAISE(ABORT, 'a notice that was shown is never changed');
END;

CREATE TRIGGER no_sealed_day_is_sealed_again BEFORE UPDATE ON sealed_days
BEGIN
    SELECT RAISE(ABORT, 'a day is sealed once');
END;

CREATE TRIGGER no_template_without_live_consent BEFORE INSERT ON templates
WHEN NOT EXISTS (
    SELECT 1 FROM consents
    WHERE person = NEW.person AND id = NEW.consent AND state IN ('given', 'enrolled')
        AND NOT EXISTS (SELECT 1 FROM notices WHERE version > notice AND older_until <= NEW.made_at)
        AND given_at <= NEW.made_at AND until > NEW.made_at
) OR EXISTS (SELECT 1 FROM asked WHERE person = NEW.person)
BEGIN
    SELECT RAISE(ABORT, 'no live consent');
END;

CREATE TRIGGER no_watch_list BEFORE INSERT ON templates
WHEN (SELECT count(*) FROM templates) >= 500
BEGIN
    SELECT RAISE(ABORT, 'vault full');
END;

CREATE TRIGGER nothing_asked_is_dropped_before_it_is_done BEFORE DELETE ON asked
WHEN EXISTS (SELECT 1 FROM templates WHERE person = OLD.person)
BEGIN
    SELECT RAISE(ABORT, 'the template goes first');
END;

CREATE TRIGGER nothing_of_evidence_told_is_changed BEFORE UPDATE ON evidence_told
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END;

CREATE TRIGGER nothing_of_evidence_told_is_removed_within_a_year BEFORE DELETE ON evidence_told
WHEN OLD.at + 31536000 > (SELECT seen_at FROM door)
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END;

CREATE TRIGGER nothing_of_incidents_told_is_changed BEFORE UPDATE ON incidents_told
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END;

CREATE TRIGGER nothing_of_incidents_told_is_removed_within_a_year BEFORE DELETE ON incidents_told
WHEN OLD.at + 31536000 > (SELECT seen_at FROM door)
BEGIN
    SELECT RAISE(ABORT, 'what was told is never changed');
END;

CREATE TRIGGER only_a_templates_key_is_wrapped_anew BEFORE UPDATE ON templates
WHEN NEW.number IS NOT OLD.number OR NEW.person IS NOT OLD.person OR NEW.consent IS NOT OLD.consent
    OR NEW.model IS NOT OLD.model OR NEW.sealed IS NOT OLD.sealed OR NEW.made_at IS NOT OLD.made_at
    OR NEW.generation <= OLD.generation
BEGIN
    SELECT RAISE(ABORT, 'a template is never changed');
END;

CREATE TABLE admitted (
    person BLOB PRIMARY KEY REFERENCES people (id),
    begins_at INTEGER,
    ends_at INTEGER,
    code BLOB CHECK (length(code) = 32)
) STRICT;

CREATE TABLE admitted_hours (
    person BLOB NOT NULL REFERENCES admitted (person) ON DELETE CASCADE,
    hours INTEGER NOT NULL CHECK (hours >= 0),
    PRIMARY KEY (person, hours)
) STRICT;

CREATE TABLE alarms (
    alarm TEXT PRIMARY KEY,
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE asked (
    person BLOB PRIMARY KEY REFERENCES people (id),
    event TEXT NOT NULL,
    who TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE badges (
    person BLOB PRIMARY KEY REFERENCES people (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    pin BLOB NOT NULL UNIQUE CHECK (length(pin) = 32)
) STRICT;

CREATE TABLE book (
    person BLOB PRIMARY KEY CHECK (length(person) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    pin BLOB NOT NULL CHECK (length(pin) = 32),
    made_at INTEGER NOT NULL CHECK (made_at >= 0),
    resets INTEGER NOT NULL CHECK (resets BETWEEN 0 AND 255),
    told_at INTEGER NOT NULL
) STRICT;

CREATE TABLE carried (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    cell INTEGER NOT NULL,
    PRIMARY KEY (matter, cell)
) STRICT;

CREATE TABLE cells (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    counter INTEGER NOT NULL,
    number INTEGER NOT NULL,
    reminded BLOB NOT NULL
) STRICT;

CREATE TABLE choices (
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
) STRICT;

CREATE TABLE collected (
    person BLOB PRIMARY KEY REFERENCES people (id),
    day INTEGER NOT NULL CHECK (day % 86400 = 0)
) STRICT;

CREATE TABLE concerned (
    told INTEGER NOT NULL REFERENCES incidents_told (number) ON DELETE CASCADE,
    person BLOB NOT NULL REFERENCES people (id),
    PRIMARY KEY (told, person)
) STRICT;

CREATE TABLE confirmed (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    public BLOB NOT NULL CHECK (length(public) = 32),
    PRIMARY KEY (matter, public)
) STRICT;

CREATE TABLE consents (
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
) STRICT;

CREATE TABLE console (
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
) STRICT;

CREATE TABLE custodians (
    number INTEGER PRIMARY KEY,
    incident BLOB NOT NULL CHECK (length(incident) = 32),
    evidence BLOB NOT NULL CHECK (length(evidence) = 32),
    statement BLOB NOT NULL CHECK (length(statement) = 32),
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE door (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device BLOB NOT NULL CHECK (length(device) = 32),
    generation INTEGER NOT NULL CHECK (generation > 0),
    seen_at INTEGER NOT NULL
) STRICT;

CREATE TABLE endings (
    person BLOB PRIMARY KEY,
    due_at INTEGER NOT NULL
) STRICT;

CREATE TABLE erasures (
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
) STRICT;

CREATE TABLE evidence_keys (
    person BLOB PRIMARY KEY REFERENCES people (id),
    key BLOB NOT NULL CHECK (length(key) = 32)
) STRICT;

CREATE TABLE evidence_sent (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    newest INTEGER NOT NULL,
    again INTEGER NOT NULL
) STRICT;

CREATE TABLE evidence_told (
    number INTEGER PRIMARY KEY,
    request INTEGER NOT NULL,
    person BLOB NOT NULL REFERENCES people (id),
    released BLOB NOT NULL CHECK (length(released) = 80),
    at INTEGER NOT NULL,
    UNIQUE (request, person)
) STRICT;

CREATE TABLE grants (at INTEGER NOT NULL) STRICT;

CREATE TABLE guests (
    visitor BLOB PRIMARY KEY CHECK (length(visitor) = 16),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE heard_cells (
    public BLOB PRIMARY KEY CHECK (length(public) = 32),
    newest INTEGER NOT NULL,
    before INTEGER NOT NULL,
    lowest INTEGER NOT NULL
) STRICT;

CREATE TABLE heard_matters (
    public BLOB NOT NULL CHECK (length(public) = 32),
    number INTEGER NOT NULL,
    PRIMARY KEY (public, number)
) STRICT;

CREATE TABLE holidays (day INTEGER PRIMARY KEY) STRICT;

CREATE TABLE hours (
    hours INTEGER PRIMARY KEY CHECK (hours > 0),
    on_holidays INTEGER NOT NULL CHECK (on_holidays IN (0, 1))
) STRICT;

CREATE TABLE incidents_told (
    number INTEGER PRIMARY KEY,
    incident INTEGER NOT NULL,
    reason TEXT NOT NULL,
    begins_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL CHECK (ends_at - begins_at BETWEEN 3600 AND 86400),
    at INTEGER NOT NULL,
    UNIQUE (incident, reason, begins_at, ends_at)
) STRICT;

CREATE TABLE invitations (
    person BLOB PRIMARY KEY REFERENCES people (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    until INTEGER NOT NULL
, since INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE limits (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    template_days INTEGER NOT NULL,
    unused_days INTEGER NOT NULL,
    openings_days INTEGER NOT NULL,
    notice_days INTEGER NOT NULL,
    open_s INTEGER NOT NULL
) STRICT;

CREATE TABLE looks (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    role TEXT NOT NULL,
    reason TEXT NOT NULL,
    day INTEGER NOT NULL
) STRICT;

CREATE TABLE matters (
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    person BLOB NOT NULL CHECK (length(person) = 16),
    packed BLOB NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    cell INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, kind)
) STRICT;

CREATE TABLE notices (
    version INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    since INTEGER NOT NULL
, older_until INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE office (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    joined INTEGER NOT NULL CHECK (joined IN (0, 1))
) STRICT;

CREATE TABLE office_openings (
    act INTEGER PRIMARY KEY,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE openings (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE openings_dropped (
    person BLOB PRIMARY KEY REFERENCES people (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
    number INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE TABLE people (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    invited_at INTEGER NOT NULL,
    collected_on INTEGER CHECK (collected_on % 86400 = 0),
    ended_at INTEGER
) STRICT;

CREATE TABLE published (
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (version, language)
) STRICT;

CREATE TABLE reaches (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    public BLOB NOT NULL CHECK (length(public) = 32),
    since INTEGER NOT NULL,
    PRIMARY KEY (matter, public)
) STRICT;

CREATE TABLE records_made (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    number INTEGER NOT NULL
) STRICT;

CREATE TABLE sealed_days (
    day INTEGER PRIMARY KEY CHECK (day % 86400 = 0),
    release BLOB NOT NULL CHECK (length(release) = 32)
) STRICT;

CREATE TABLE siblings (
    door BLOB PRIMARY KEY CHECK (length(door) = 16),
    slot INTEGER NOT NULL UNIQUE CHECK (slot BETWEEN 0 AND 7),
    public BLOB NOT NULL UNIQUE CHECK (length(public) = 32)
) STRICT;

CREATE TABLE signers (public BLOB PRIMARY KEY CHECK (length(public) = 32)) STRICT;

CREATE TABLE spans (
    hours INTEGER NOT NULL REFERENCES hours (hours) ON DELETE CASCADE,
    day INTEGER NOT NULL CHECK (day BETWEEN 0 AND 6),
    begins_min INTEGER NOT NULL CHECK (begins_min BETWEEN 0 AND 1439),
    ends_min INTEGER NOT NULL CHECK (ends_min BETWEEN 1 AND 1440 AND ends_min > begins_min)
) STRICT;

CREATE TABLE templates (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL UNIQUE REFERENCES consents (person),
    consent BLOB NOT NULL UNIQUE REFERENCES consents (id),
    model BLOB NOT NULL CHECK (length(model) BETWEEN 1 AND 64),
    generation INTEGER NOT NULL,
    wrapped BLOB NOT NULL CHECK (length(wrapped) = 60),
    sealed BLOB NOT NULL CHECK (length(sealed) = 540),
    made_at INTEGER NOT NULL
) STRICT;

CREATE INDEX book_by_pin ON book (pin);

CREATE INDEX carried_in_a_cell ON carried (cell);

CREATE INDEX choices_of_a_person ON choices (person);

CREATE INDEX concerned_by_person ON concerned (person);

CREATE INDEX looks_of_a_person ON looks (person);

CREATE INDEX openings_of_a_person ON openings (person, at);

CREATE INDEX spans_of_hours ON spans (hours);

