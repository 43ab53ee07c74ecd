-- Friends of promoters who left their details. sealed is by a key of the lead's own, and
-- null of those who are no leads. record_key is the contact that the CRM made of it.
CREATE TABLE leads (
    id           TEXT   PRIMARY KEY,
    ask_id       TEXT   NOT NULL REFERENCES asks (id),
    program      TEXT   NOT NULL,
    version      TEXT   NOT NULL,
    crm          TEXT   NOT NULL,
    contact_key  TEXT   NOT NULL,
    account_key  TEXT   NOT NULL,
    batch        TEXT   NOT NULL DEFAULT '',
    state        TEXT   NOT NULL,
    reason       TEXT   NOT NULL DEFAULT '',
    record_key   TEXT   NOT NULL DEFAULT '',
    address_hash TEXT   UNIQUE,
    sealed       BYTEA,
    created_at   BIGINT NOT NULL,
    taken_at     BIGINT,
    thanks       TEXT   NOT NULL DEFAULT '',
    thanks_rule  TEXT   NOT NULL DEFAULT '',
    thanked_at   BIGINT
);
CREATE INDEX leads_ask ON leads (ask_id, created_at);
CREATE INDEX leads_contact ON leads (contact_key);
CREATE INDEX leads_batch ON leads (batch) WHERE batch <> '';
CREATE INDEX leads_record ON leads (record_key) WHERE record_key <> '';
CREATE INDEX leads_refused ON leads (created_at) WHERE state = 'refused';

-- Deals that were won with leads, by keyed hash. amount is in hundredths, null where it
-- is not known.
CREATE TABLE conversions (
    deal        TEXT   PRIMARY KEY,
    lead_id     TEXT   NOT NULL REFERENCES leads (id),
    ask_id      TEXT   NOT NULL REFERENCES asks (id),
    program     TEXT   NOT NULL,
    contact_key TEXT   NOT NULL,
    amount      BIGINT,
    currency    TEXT   NOT NULL,
    won_at      BIGINT NOT NULL
);
CREATE INDEX conversions_ask ON conversions (ask_id);
CREATE INDEX conversions_contact ON conversions (contact_key);
