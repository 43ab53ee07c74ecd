-- The schema of ../sqlite/0001_init.sql, which explains it. Text sorts by bytes, as
-- it does in Go and in SQLite.

CREATE TABLE inbox (
    id      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    topic   TEXT COLLATE "C" NOT NULL,
    lane    TEXT COLLATE "C" NOT NULL,
    source  TEXT COLLATE "C" NOT NULL,
    key     TEXT COLLATE "C" NOT NULL,
    payload BYTEA,
    due_at  BIGINT  NOT NULL,
    batch   TEXT COLLATE "C",
    done_at BIGINT,
    UNIQUE (topic, lane, source, key)
);
CREATE INDEX inbox_waiting ON inbox (topic, lane, due_at, id) WHERE batch IS NULL AND done_at IS NULL;
CREATE INDEX inbox_batch ON inbox (batch, id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;

CREATE TABLE claims (
    batch      TEXT COLLATE "C" PRIMARY KEY,
    topic      TEXT COLLATE "C" NOT NULL,
    lane       TEXT COLLATE "C" NOT NULL,
    items      INTEGER NOT NULL,
    claimed_at BIGINT  NOT NULL
);

CREATE TABLE batch_results (
    batch  TEXT COLLATE "C" NOT NULL,
    step   TEXT COLLATE "C" NOT NULL,
    result TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (batch, step)
);
CREATE INDEX batch_results_at ON batch_results (at);

CREATE TABLE contacts (
    key             TEXT COLLATE "C" PRIMARY KEY,
    crm             TEXT COLLATE "C" NOT NULL,
    id              TEXT COLLATE "C" NOT NULL,
    account_key     TEXT COLLATE "C" NOT NULL,
    email           TEXT COLLATE "C" NOT NULL,
    first_name      TEXT COLLATE "C" NOT NULL,
    last_name       TEXT COLLATE "C" NOT NULL,
    locale          TEXT COLLATE "C" NOT NULL,
    timezone        TEXT COLLATE "C" NOT NULL,
    attributes      TEXT COLLATE "C" NOT NULL,
    refreshed_at    BIGINT NOT NULL,
    unsubscribed_at BIGINT
);

CREATE TABLE accounts (
    key        TEXT COLLATE "C" PRIMARY KEY,
    crm        TEXT COLLATE "C" NOT NULL,
    id         TEXT COLLATE "C" NOT NULL,
    name       TEXT COLLATE "C" NOT NULL,
    attributes TEXT COLLATE "C" NOT NULL
);

CREATE TABLE programs (
    id      TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    body    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (id, version)
);

CREATE TABLE settings (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE invitations (
    id          TEXT COLLATE "C" PRIMARY KEY,
    program     TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    batch       TEXT COLLATE "C" NOT NULL,
    item_id     BIGINT NOT NULL,
    contact_key TEXT COLLATE "C" NOT NULL,
    account_key TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    rule        TEXT COLLATE "C" NOT NULL,
    facts       TEXT COLLATE "C" NOT NULL,
    locale      TEXT COLLATE "C" NOT NULL,
    due_at      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    asked_at    BIGINT NOT NULL,
    sent_at     BIGINT,
    expires_at  BIGINT,
    reminded_at BIGINT,
    ended_at    BIGINT
);
CREATE INDEX invitations_batch ON invitations (batch, id);
CREATE INDEX invitations_contact ON invitations (contact_key, asked_at);
CREATE INDEX invitations_admitted ON invitations (due_at) WHERE state = 'admitted';
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state IN ('sent', 'unknown');

CREATE TABLE responses (
    id            TEXT COLLATE "C" PRIMARY KEY,
    invitation_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES invitations (id),
    program       TEXT COLLATE "C" NOT NULL,
    version       TEXT COLLATE "C" NOT NULL,
    contact_key   TEXT COLLATE "C" NOT NULL,
    account_key   TEXT COLLATE "C" NOT NULL,
    state         TEXT COLLATE "C" NOT NULL,
    score         INTEGER NOT NULL,
    band          TEXT COLLATE "C" NOT NULL,
    comment       TEXT COLLATE "C" NOT NULL,
    done          BOOLEAN NOT NULL,
    revision      INTEGER NOT NULL,
    recorded      INTEGER NOT NULL,
    alerted_at    BIGINT,
    answered_at   BIGINT  NOT NULL,
    changed_at    BIGINT  NOT NULL
);
CREATE INDEX responses_contact ON responses (contact_key);
CREATE INDEX responses_account ON responses (account_key, contact_key, answered_at);

CREATE TABLE cases (
    id          TEXT COLLATE "C" PRIMARY KEY,
    crm         TEXT COLLATE "C" NOT NULL,
    account_key TEXT COLLATE "C" NOT NULL,
    contact_key TEXT COLLATE "C" NOT NULL,
    program     TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    revision    INTEGER NOT NULL,
    shown       INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    channel     TEXT COLLATE "C" NOT NULL,
    message_ts  TEXT COLLATE "C" NOT NULL,
    opened_at   BIGINT  NOT NULL,
    close_at    BIGINT  NOT NULL,
    acked_by    TEXT COLLATE "C" NOT NULL,
    acked_at    BIGINT,
    resolved_by TEXT COLLATE "C" NOT NULL,
    ended_at    BIGINT
);
CREATE UNIQUE INDEX cases_open_account ON cases (account_key) WHERE ended_at IS NULL AND account_key <> '';
CREATE UNIQUE INDEX cases_open_contact ON cases (contact_key) WHERE ended_at IS NULL AND account_key = '';

CREATE TABLE case_responses (
    case_id     TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    response_id TEXT COLLATE "C" NOT NULL REFERENCES responses (id),
    PRIMARY KEY (case_id, response_id)
);
CREATE INDEX case_responses_response ON case_responses (response_id);

CREATE TABLE case_events (
    id      BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_id TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    at      BIGINT NOT NULL,
    what    TEXT COLLATE "C" NOT NULL,
    actor   TEXT COLLATE "C" NOT NULL,
    note    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_id, id);

CREATE TABLE slack_users (
    id      TEXT COLLATE "C" PRIMARY KEY,
    allowed BOOLEAN NOT NULL,
    at      BIGINT  NOT NULL
);

CREATE TABLE asks (
    id          TEXT COLLATE "C" PRIMARY KEY,
    batch       TEXT COLLATE "C" NOT NULL,
    response_id TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES responses (id),
    program     TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    contact_key TEXT COLLATE "C" NOT NULL,
    account_key TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    rule        TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    due_at      BIGINT NOT NULL,
    asked_at    BIGINT,
    sent_at     BIGINT,
    seen_at     BIGINT,
    clicked_at  BIGINT
);
CREATE INDEX asks_batch ON asks (batch, id);
CREATE INDEX asks_contact ON asks (contact_key);
CREATE INDEX asks_waiting ON asks (due_at) WHERE state = 'waiting';

CREATE TABLE signals (
    crm         TEXT COLLATE "C" NOT NULL,
    object_type TEXT COLLATE "C" NOT NULL,
    object_id   TEXT COLLATE "C" NOT NULL,
    name        TEXT COLLATE "C" NOT NULL,
    value       TEXT COLLATE "C" NOT NULL,
    as_of       BIGINT NOT NULL,
    pushed      TEXT COLLATE "C",
    pushed_at   BIGINT,
    refused     TEXT COLLATE "C",
    refused_at  BIGINT,
    reason      TEXT COLLATE "C",
    dirty_in    TEXT COLLATE "C" GENERATED ALWAYS AS
        (CASE WHEN value IS DISTINCT FROM pushed AND value IS DISTINCT FROM refused THEN crm END) STORED,
    PRIMARY KEY (crm, object_type, object_id, name)
);
CREATE INDEX signals_dirty ON signals (dirty_in, object_type, object_id) WHERE dirty_in IS NOT NULL;

CREATE TABLE effects (
    key    TEXT COLLATE "C" PRIMARY KEY,
    vendor TEXT COLLATE "C" NOT NULL,
    state  TEXT COLLATE "C" NOT NULL,
    ref    TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL
);
CREATE INDEX effects_unknown ON effects (at, key) WHERE state = 'unknown';
