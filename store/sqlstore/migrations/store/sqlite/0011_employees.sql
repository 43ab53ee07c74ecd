-- What people said of whom nothing is kept. key is a keyed hash of the invitation and of a
-- secret that the respondent's browser alone holds, for as long as the answer may be
-- changed, then random. No moment is kept, and the rows are in the order of their keys.
-- age counts the mixes that a row went through; lot is 0 until the answer is released
-- with others, in the month released (2026-03).
CREATE TABLE anonymous_answers (
    key      TEXT    PRIMARY KEY,
    program  TEXT    NOT NULL,
    score    INTEGER NOT NULL,
    band     TEXT    NOT NULL,
    sealed   BLOB,
    done     BOOLEAN NOT NULL,
    age      INTEGER NOT NULL,
    lot      INTEGER NOT NULL,
    released TEXT    NOT NULL
) WITHOUT ROWID;
CREATE INDEX anonymous_answers_program ON anonymous_answers (program, lot);
CREATE INDEX invitations_responded ON invitations (program) WHERE state = 'responded';
CREATE INDEX responses_program ON responses (program, answered_at);
