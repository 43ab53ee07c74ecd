CREATE TABLE case_records (
    case_id  TEXT COLLATE "C" PRIMARY KEY REFERENCES cases (id),
    crm      TEXT COLLATE "C" NOT NULL,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    priority TEXT    NOT NULL,
    owner_id TEXT    NOT NULL,
    round    INTEGER NOT NULL,
    told     INTEGER NOT NULL,
    noted    BIGINT  NOT NULL,
    tried_at BIGINT  NOT NULL
);
CREATE INDEX case_records_id ON case_records (crm, id) WHERE id <> '';
CREATE INDEX case_records_open ON case_records (crm, case_id) WHERE state = 'open' AND id <> '';
CREATE INDEX case_records_tried ON case_records (tried_at);
