-- The schema of ../sqlite/0001_keys.sql, which explains it.
CREATE TABLE keys (
    subject    TEXT COLLATE "C" PRIMARY KEY,
    wrapped    BYTEA  NOT NULL,
    master     TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL
);
