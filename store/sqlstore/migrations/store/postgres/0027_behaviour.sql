-- The schema of ../sqlite/0026_behaviour.sql, which explains it.
CREATE TABLE behaviour (
    key           TEXT COLLATE "C" PRIMARY KEY,
    kind          TEXT COLLATE "C" NOT NULL,
    crm           TEXT COLLATE "C" NOT NULL,
    source        TEXT COLLATE "C" NOT NULL,
    contact_key   TEXT COLLATE "C" NOT NULL,
    contact_said  BIGINT,
    account_key   TEXT COLLATE "C" NOT NULL,
    account_said  BIGINT,
    started_at    BIGINT,
    start_guessed BOOLEAN NOT NULL,
    start_said    BIGINT,
    amount        BIGINT,
    currency      TEXT COLLATE "C" NOT NULL,
    worth_said    BIGINT,
    ended_at      BIGINT,
    end_said      BIGINT,
    next_at       BIGINT,
    months        INTEGER NOT NULL,
    renewal_said  BIGINT
);
CREATE INDEX behaviour_contact ON behaviour (contact_key, started_at);
CREATE INDEX behaviour_account ON behaviour (account_key, started_at);

-- Refunds of purchases and renewals of subscriptions. id is a keyed hash.
CREATE TABLE behaviour_changes (
    key    TEXT COLLATE "C" NOT NULL REFERENCES behaviour (key),
    id     TEXT COLLATE "C" NOT NULL,
    what   TEXT COLLATE "C" NOT NULL,
    at     BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    said   BIGINT NOT NULL,
    PRIMARY KEY (key, id)
);

-- The contacts of accounts.
CREATE INDEX contacts_account ON contacts (account_key) WHERE account_key <> '';
