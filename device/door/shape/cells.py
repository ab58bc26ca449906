"""Owns step 0006 of the vault's shape: which doors share people, what is told among them. What was shipped is never edited."""

from typing import Final

_GROUP: Final = (
    """CREATE TABLE siblings (
    door BLOB PRIMARY KEY CHECK (length(door) = 16),
    slot INTEGER NOT NULL UNIQUE CHECK (slot BETWEEN 0 AND 7),
    public BLOB NOT NULL UNIQUE CHECK (length(public) = 32)
) STRICT""",
    "CREATE TABLE signers (public BLOB PRIMARY KEY CHECK (length(public) = 32)) STRICT",
    """CREATE TABLE office (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    joined INTEGER NOT NULL CHECK (joined IN (0, 1))
) STRICT""",
)

_GRANTS: Final = ("CREATE TABLE grants (at INTEGER NOT NULL) STRICT",)

_BOOK: Final = (
    """CREATE TABLE book (
    person BLOB PRIMARY KEY CHECK (length(person) = 16),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    pin BLOB NOT NULL CHECK (length(pin) = 32),
    made_at INTEGER NOT NULL CHECK (made_at >= 0),
    resets INTEGER NOT NULL CHECK (resets BETWEEN 0 AND 255),
    told_at INTEGER NOT NULL
) STRICT""",
    "CREATE INDEX book_by_pin ON book (pin)",
    # When this door came to know the code: a badge that another door made later was made with it.
    "ALTER TABLE invitations ADD COLUMN since INTEGER NOT NULL DEFAULT 0",
    """INSERT INTO book SELECT person, digest, pin, coalesce(collected_on, 0), 0, 0
FROM badges JOIN people ON people.id = person""",
)

_CELLS: Final = (
    """CREATE TABLE cells (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    counter INTEGER NOT NULL,
    number INTEGER NOT NULL,
    reminded BLOB NOT NULL
) STRICT""",
    "INSERT INTO cells VALUES (1, 0, 0, x'')",
    """CREATE TABLE matters (
    number INTEGER PRIMARY KEY,
    kind INTEGER NOT NULL,
    person BLOB NOT NULL CHECK (length(person) = 16),
    packed BLOB NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    cell INTEGER NOT NULL DEFAULT 0,
    UNIQUE (person, kind)
) STRICT""",
    """CREATE TABLE carried (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    cell INTEGER NOT NULL,
    PRIMARY KEY (matter, cell)
) STRICT""",
    "CREATE INDEX carried_in_a_cell ON carried (cell)",
    # Which doors a withdrawal has to reach is settled when it is made; leaving one out later confirms nothing.
    """CREATE TABLE reaches (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    public BLOB NOT NULL CHECK (length(public) = 32),
    since INTEGER NOT NULL,
    PRIMARY KEY (matter, public)
) STRICT""",
    """CREATE TABLE confirmed (
    matter INTEGER NOT NULL REFERENCES matters (number) ON DELETE CASCADE,
    public BLOB NOT NULL CHECK (length(public) = 32),
    PRIMARY KEY (matter, public)
) STRICT""",
    """CREATE TABLE heard_cells (
    public BLOB PRIMARY KEY CHECK (length(public) = 32),
    newest INTEGER NOT NULL,
    before INTEGER NOT NULL,
    lowest INTEGER NOT NULL
) STRICT""",
    """CREATE TABLE heard_matters (
    public BLOB NOT NULL CHECK (length(public) = 32),
    number INTEGER NOT NULL,
    PRIMARY KEY (public, number)
) STRICT""",
)

STATEMENTS: Final[tuple[str, ...]] = (*_GROUP, *_GRANTS, *_BOOK, *_CELLS)
