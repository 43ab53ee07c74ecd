-- Keys that seal what the store holds, each wrapped by a master key that is not in
-- any database. created_at is real time.
CREATE TABLE keys (
    subject    TEXT   PRIMARY KEY,
    wrapped    BLOB   NOT NULL,
    master     TEXT   NOT NULL,
    created_at BIGINT NOT NULL
) WITHOUT ROWID;
