-- What became of mails: each kind of event once a mail. item is the invitation or the
-- ask, kind that of the mail's effect.
CREATE TABLE mail_events (
    item    TEXT   NOT NULL,
    kind    TEXT   NOT NULL,
    what    TEXT   NOT NULL,
    program TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    PRIMARY KEY (item, kind, what)
) WITHOUT ROWID;
CREATE INDEX mail_events_bad ON mail_events (program, what, at) WHERE what IN ('bounced', 'complaint');

-- Addresses without a mailbox.
CREATE TABLE dead_addresses (
    address_hash TEXT   PRIMARY KEY,
    at           BIGINT NOT NULL
) WITHOUT ROWID;

-- Programs that stopped mailing, because of so many events in so many mails.
CREATE TABLE pauses (
    program    TEXT    PRIMARY KEY,
    why        TEXT    NOT NULL,
    mails      INTEGER NOT NULL,
    events     INTEGER NOT NULL,
    paused_at  BIGINT  NOT NULL,
    resumed_at BIGINT
) WITHOUT ROWID;

DROP INDEX invitations_expiry;
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state IN ('sent', 'delivered', 'unknown');
CREATE INDEX invitations_sent ON invitations (program, sent_at) WHERE sent_at IS NOT NULL;
