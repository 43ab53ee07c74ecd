-- Whom chance let be called or held out, because of an answer in the middle. score and band
-- are those that it had then, share is the part that was to be held out.
CREATE TABLE holdouts (
    response_id TEXT             PRIMARY KEY REFERENCES responses (id),
    program     TEXT             NOT NULL,
    score       INTEGER          NOT NULL,
    band        TEXT             NOT NULL,
    held        BOOLEAN          NOT NULL,
    share       DOUBLE PRECISION NOT NULL,
    drawn_at    BIGINT           NOT NULL
) WITHOUT ROWID;
CREATE INDEX holdouts_drawn ON holdouts (drawn_at, response_id);
