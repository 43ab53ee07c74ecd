-- What CRMs were told of cases: the task or ticket that each is there, and how it stood.
-- told is the revision of the case that the CRM knows, noted the last event on its
-- timeline.
CREATE TABLE case_records (
    case_id  TEXT    PRIMARY KEY REFERENCES cases (id),
    crm      TEXT    NOT NULL,
    kind     TEXT    NOT NULL,
    id       TEXT    NOT NULL,
    state    TEXT    NOT NULL,
    priority TEXT    NOT NULL,
    owner_id TEXT    NOT NULL,
    round    INTEGER NOT NULL,
    told     INTEGER NOT NULL,
    noted    BIGINT  NOT NULL,
    tried_at BIGINT  NOT NULL
) WITHOUT ROWID;
CREATE INDEX case_records_id ON case_records (crm, id) WHERE id <> '';
CREATE INDEX case_records_open ON case_records (crm, case_id) WHERE state = 'open' AND id <> '';
CREATE INDEX case_records_tried ON case_records (tried_at);
