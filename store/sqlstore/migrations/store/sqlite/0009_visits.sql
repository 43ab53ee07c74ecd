-- What a visitor did with the links of a mail. item is the invitation, or ask- and the
-- ask. visitor is a keyed hash by a key of the day. evidence is JSON; seen_at and
-- posted_at are real times. sealed is the visitor's own answer, answered_at its time;
-- left_at is when the visitor unsubscribed its contact, of left_program's mails or all.
-- state is '' for what counts, held, rejected or accepted.
CREATE TABLE visits (
    item         TEXT   NOT NULL,
    visitor      TEXT   NOT NULL,
    contact_key  TEXT   NOT NULL,
    program      TEXT   NOT NULL,
    state        TEXT   NOT NULL,
    evidence     TEXT   NOT NULL,
    seen_at      BIGINT NOT NULL,
    posted_at    BIGINT,
    sealed       BLOB,
    answered_at  BIGINT,
    left_at      BIGINT,
    left_program TEXT   NOT NULL,
    PRIMARY KEY (item, visitor)
) WITHOUT ROWID;
CREATE INDEX visits_posted ON visits (visitor, posted_at) WHERE posted_at IS NOT NULL;
CREATE INDEX visits_held ON visits (posted_at) WHERE state = 'held';
CREATE INDEX visits_seen ON visits (seen_at) WHERE state <> 'held';

-- What was decided about answers, and by whom.
CREATE TABLE verdicts (
    id   INTEGER PRIMARY KEY AUTOINCREMENT,
    item TEXT   NOT NULL,
    at   BIGINT NOT NULL,
    what TEXT   NOT NULL,
    who  TEXT   NOT NULL,
    why  TEXT   NOT NULL
);
CREATE INDEX verdicts_item ON verdicts (item, id);

-- Whose answer a response is, and what an invitation was before it was answered.
ALTER TABLE responses ADD COLUMN visitor TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN answered_from TEXT NOT NULL DEFAULT '';

-- Contacts that unsubscribed from one program's mails, and no others.
CREATE TABLE left_programs (
    contact_key TEXT NOT NULL,
    program     TEXT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (contact_key, program)
) WITHOUT ROWID;
