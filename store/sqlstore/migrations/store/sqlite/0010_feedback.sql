-- Comments that nobody asked for. What they say is sealed under the key of the contact,
-- or without one under their own. rating is in stars, 0 for none.
CREATE TABLE feedback (
    id          TEXT    PRIMARY KEY,
    kind        TEXT    NOT NULL,
    contact_key TEXT    NOT NULL,
    account_key TEXT    NOT NULL,
    rating      REAL    NOT NULL,
    language    TEXT    NOT NULL,
    sealed      BLOB    NOT NULL,
    at          BIGINT  NOT NULL,
    revision    INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX feedback_at ON feedback (at);
CREATE INDEX feedback_contact ON feedback (contact_key) WHERE contact_key <> '';
