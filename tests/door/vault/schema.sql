CREATE VIEW faces AS
SELECT consents.person, state, notice, given_at, until, model, made_at, used_at,
    coalesce(used_at, made_at) AS active_at FROM consents
JOIN people ON people.id = consents.person LEFT JOIN templates ON templates.person = consents.person
WHERE state IN ('given', 'enrolled');

CREATE VIEW live_consents AS
SELECT person, consents.id, notice, sha256, given_at, until, used_at FROM consents
JOIN people ON people.id = person JOIN notices ON version = notice
WHERE state IN ('given', 'enrolled') AND notice = (SELECT max(version) FROM notices)
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

CREATE TRIGGER no_template_without_live_consent BEFORE INSERT ON templates
WHEN NOT EXISTS (
    SELECT 1 FROM consents
    WHERE person = NEW.person AND id = NEW.consent AND state IN ('given', 'enrolled')
        AND notice = (SELECT max(version) FROM notices)
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

CREATE TRIGGER only_a_templates_key_is_wrapped_anew BEFORE UPDATE ON templates
WHEN NEW.number IS NOT OLD.number OR NEW.person IS NOT OLD.person OR NEW.consent IS NOT OLD.consent
    OR NEW.model IS NOT OLD.model OR NEW.sealed IS NOT OLD.sealed OR NEW.made_at IS NOT OLD.made_at
    OR NEW.generation <= OLD.generation
BEGIN
    SELECT RAISE(ABORT, 'a template is never changed');
END;

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

CREATE TABLE door (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    device BLOB NOT NULL CHECK (length(device) = 32),
    generation INTEGER NOT NULL CHECK (generation > 0),
    seen_at INTEGER NOT NULL
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

CREATE TABLE invitations (
    person BLOB PRIMARY KEY REFERENCES people (id),
    digest BLOB NOT NULL UNIQUE CHECK (length(digest) = 32),
    until INTEGER NOT NULL
) STRICT;

CREATE TABLE notices (
    version INTEGER PRIMARY KEY,
    text TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    since INTEGER NOT NULL
) STRICT;

CREATE TABLE openings (
    number INTEGER PRIMARY KEY,
    person BLOB NOT NULL REFERENCES people (id),
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE people (
    number INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    invited_at INTEGER NOT NULL,
    collected_on INTEGER CHECK (collected_on % 86400 = 0),
    ended_at INTEGER
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

CREATE INDEX choices_of_a_person ON choices (person);

CREATE INDEX openings_of_a_person ON openings (person, at);

