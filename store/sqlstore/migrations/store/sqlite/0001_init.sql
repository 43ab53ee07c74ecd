-- Times are milliseconds since 1970 in UTC, scaled unless said otherwise.
-- Absent texts are empty, absent times null.

-- What came in. An item waits (batch and done_at null), belongs to a batch, then
-- is done and keeps no payload.
CREATE TABLE inbox (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    topic   TEXT    NOT NULL,
    lane    TEXT    NOT NULL,
    source  TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    payload BLOB,
    due_at  BIGINT  NOT NULL,
    batch   TEXT,
    done_at BIGINT,
    UNIQUE (topic, lane, source, key)
);
CREATE INDEX inbox_waiting ON inbox (topic, lane, due_at, id) WHERE batch IS NULL AND done_at IS NULL;
CREATE INDEX inbox_batch ON inbox (batch, id) WHERE done_at IS NULL;
CREATE INDEX inbox_done ON inbox (done_at) WHERE done_at IS NOT NULL;

-- Batches that are claimed and not yet handed over; claimed_at is real time.
CREATE TABLE claims (
    batch      TEXT    PRIMARY KEY,
    topic      TEXT    NOT NULL,
    lane       TEXT    NOT NULL,
    items      INTEGER NOT NULL,
    claimed_at BIGINT  NOT NULL
) WITHOUT ROWID;

-- What a step made of a batch, so that a repetition gives the same.
CREATE TABLE batch_results (
    batch  TEXT   NOT NULL,
    step   TEXT   NOT NULL,
    result TEXT   NOT NULL,
    at     BIGINT NOT NULL,
    PRIMARY KEY (batch, step)
) WITHOUT ROWID;
CREATE INDEX batch_results_at ON batch_results (at);

-- People and companies as last read from the CRM; attributes are JSON.
CREATE TABLE contacts (
    key             TEXT   PRIMARY KEY,
    crm             TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    account_key     TEXT   NOT NULL,
    email           TEXT   NOT NULL,
    first_name      TEXT   NOT NULL,
    last_name       TEXT   NOT NULL,
    locale          TEXT   NOT NULL,
    timezone        TEXT   NOT NULL,
    attributes      TEXT   NOT NULL,
    refreshed_at    BIGINT NOT NULL,
    unsubscribed_at BIGINT
) WITHOUT ROWID;

CREATE TABLE accounts (
    key        TEXT PRIMARY KEY,
    crm        TEXT NOT NULL,
    id         TEXT NOT NULL,
    name       TEXT NOT NULL,
    attributes TEXT NOT NULL
) WITHOUT ROWID;

-- Versions of programs that ran, as JSON.
CREATE TABLE programs (
    id      TEXT NOT NULL,
    version TEXT NOT NULL,
    body    TEXT NOT NULL,
    PRIMARY KEY (id, version)
) WITHOUT ROWID;

-- Single values, as JSON.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- One program asking one contact once. asked_at is the moment that counts for the
-- gaps between invitations: when it was mailed, or will be.
CREATE TABLE invitations (
    id          TEXT   PRIMARY KEY,
    program     TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    batch       TEXT   NOT NULL,
    item_id     BIGINT NOT NULL,
    contact_key TEXT   NOT NULL,
    account_key TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
    facts       TEXT   NOT NULL,
    locale      TEXT   NOT NULL,
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

-- The present answer to an invitation.
CREATE TABLE responses (
    id            TEXT    PRIMARY KEY,
    invitation_id TEXT    NOT NULL UNIQUE REFERENCES invitations (id),
    program       TEXT    NOT NULL,
    version       TEXT    NOT NULL,
    contact_key   TEXT    NOT NULL,
    account_key   TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    score         INTEGER NOT NULL,
    band          TEXT    NOT NULL,
    comment       TEXT    NOT NULL,
    done          BOOLEAN NOT NULL,
    revision      INTEGER NOT NULL,
    recorded      INTEGER NOT NULL,
    alerted_at    BIGINT,
    answered_at   BIGINT  NOT NULL,
    changed_at    BIGINT  NOT NULL
);
CREATE INDEX responses_contact ON responses (contact_key);
CREATE INDEX responses_account ON responses (account_key, contact_key, answered_at);

-- The follow-up of unhappy responses: one open case an account, or a contact
-- without one.
CREATE TABLE cases (
    id          TEXT    PRIMARY KEY,
    crm         TEXT    NOT NULL,
    account_key TEXT    NOT NULL,
    contact_key TEXT    NOT NULL,
    program     TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    shown       INTEGER NOT NULL,
    answered    INTEGER NOT NULL,
    channel     TEXT    NOT NULL,
    message_ts  TEXT    NOT NULL,
    opened_at   BIGINT  NOT NULL,
    close_at    BIGINT  NOT NULL,
    acked_by    TEXT    NOT NULL,
    acked_at    BIGINT,
    resolved_by TEXT    NOT NULL,
    ended_at    BIGINT
);
CREATE UNIQUE INDEX cases_open_account ON cases (account_key) WHERE ended_at IS NULL AND account_key <> '';
CREATE UNIQUE INDEX cases_open_contact ON cases (contact_key) WHERE ended_at IS NULL AND account_key = '';

CREATE TABLE case_responses (
    case_id     TEXT NOT NULL REFERENCES cases (id),
    response_id TEXT NOT NULL REFERENCES responses (id),
    PRIMARY KEY (case_id, response_id)
) WITHOUT ROWID;
CREATE INDEX case_responses_response ON case_responses (response_id);

CREATE TABLE case_events (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    case_id TEXT   NOT NULL REFERENCES cases (id),
    at      BIGINT NOT NULL,
    what    TEXT   NOT NULL,
    actor   TEXT   NOT NULL,
    note    TEXT   NOT NULL
);
CREATE INDEX case_events_case ON case_events (case_id, id);

-- What users.info said; at is real time.
CREATE TABLE slack_users (
    id      TEXT    PRIMARY KEY,
    allowed BOOLEAN NOT NULL,
    at      BIGINT  NOT NULL
) WITHOUT ROWID;

-- Requests to promoters. asked_at is set once an ask is admitted.
CREATE TABLE asks (
    id          TEXT   PRIMARY KEY,
    batch       TEXT   NOT NULL,
    response_id TEXT   NOT NULL UNIQUE REFERENCES responses (id),
    program     TEXT   NOT NULL,
    version     TEXT   NOT NULL,
    contact_key TEXT   NOT NULL,
    account_key TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    rule        TEXT   NOT NULL,
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

-- Values of CRM records. A value is dirty while it is neither what was pushed nor
-- what the CRM refused: dirty_in is then its CRM. as_of keeps an older answer from
-- replacing a newer one.
CREATE TABLE signals (
    crm         TEXT   NOT NULL,
    object_type TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    name        TEXT   NOT NULL,
    value       TEXT   NOT NULL,
    as_of       BIGINT NOT NULL,
    pushed      TEXT,
    pushed_at   BIGINT,
    refused     TEXT,
    refused_at  BIGINT,
    reason      TEXT,
    dirty_in    TEXT GENERATED ALWAYS AS
        (CASE WHEN value IS DISTINCT FROM pushed AND value IS DISTINCT FROM refused THEN crm END) STORED,
    PRIMARY KEY (crm, object_type, object_id, name)
) WITHOUT ROWID;
CREATE INDEX signals_dirty ON signals (dirty_in, object_type, object_id) WHERE dirty_in IS NOT NULL;

-- Calls that change the outside world.
CREATE TABLE effects (
    key    TEXT   PRIMARY KEY,
    vendor TEXT   NOT NULL,
    state  TEXT   NOT NULL,
    ref    TEXT   NOT NULL,
    at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX effects_unknown ON effects (at, key) WHERE state = 'unknown';
