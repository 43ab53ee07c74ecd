-- Purchases, subscriptions and tickets, as other systems tell of them. key is a keyed hash
-- of kind, source and the source's own id. Times are when it was bought, begun or opened
-- (null until that is told) and cancelled, ended or closed. amount is in hundredths, null
-- where nobody told it. Each *_said is when the source said what stands beside it.
CREATE TABLE behaviour (
    key           TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    crm           TEXT NOT NULL,
    source        TEXT NOT NULL,
    contact_key   TEXT NOT NULL,
    contact_said  BIGINT,
    account_key   TEXT NOT NULL,
    account_said  BIGINT,
    started_at    BIGINT,
    start_guessed BOOLEAN NOT NULL,
    start_said    BIGINT,
    amount        BIGINT,
    currency      TEXT NOT NULL,
    worth_said    BIGINT,
    ended_at      BIGINT,
    end_said      BIGINT,
    next_at       BIGINT,
    months        INTEGER NOT NULL,
    renewal_said  BIGINT
) WITHOUT ROWID;
CREATE INDEX behaviour_contact ON behaviour (contact_key, started_at);
CREATE INDEX behaviour_account ON behaviour (account_key, started_at);

-- Refunds of purchases and renewals of subscriptions. id is a keyed hash.
CREATE TABLE behaviour_changes (
    key    TEXT NOT NULL REFERENCES behaviour (key),
    id     TEXT NOT NULL,
    what   TEXT NOT NULL,
    at     BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    said   BIGINT NOT NULL,
    PRIMARY KEY (key, id)
) WITHOUT ROWID;

-- The contacts of accounts.
CREATE INDEX contacts_account ON contacts (account_key) WHERE account_key <> '';
