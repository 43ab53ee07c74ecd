-- The schema of the SQLite file of the same name, which explains it.
CREATE TABLE anonymous_answers (
    key      TEXT COLLATE "C" PRIMARY KEY,
    program  TEXT COLLATE "C" NOT NULL,
    score    INTEGER NOT NULL,
    band     TEXT COLLATE "C" NOT NULL,
    sealed   BYTEA,
    done     BOOLEAN NOT NULL,
    age      INTEGER NOT NULL,
    lot      INTEGER NOT NULL,
    released TEXT COLLATE "C" NOT NULL
);
CREATE INDEX anonymous_answers_program ON anonymous_answers (program, lot);
CREATE INDEX invitations_responded ON invitations (program) WHERE state = 'responded';
CREATE INDEX responses_program ON responses (program, answered_at);
