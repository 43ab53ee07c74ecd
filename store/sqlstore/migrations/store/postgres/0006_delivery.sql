-- The schema of ../sqlite/0005_delivery.sql, which explains it.
CREATE TABLE mail_events (
    item    text   NOT NULL,
    kind    text   NOT NULL,
    what    text   NOT NULL,
    program text   NOT NULL,
    at      bigint NOT NULL,
    PRIMARY KEY (item, kind, what)
);
CREATE INDEX mail_events_bad ON mail_events (program, what, at) WHERE what IN ('bounced', 'complaint');

CREATE TABLE dead_addresses (
    address_hash text   PRIMARY KEY,
    at           bigint NOT NULL
);

CREATE TABLE pauses (
    program    text   PRIMARY KEY,
    why        text   NOT NULL,
    mails      integer NOT NULL,
    events     integer NOT NULL,
    paused_at  bigint NOT NULL,
    resumed_at bigint
);

DROP INDEX invitations_expiry;
CREATE INDEX invitations_expiry ON invitations (expires_at) WHERE state IN ('sent', 'delivered', 'unknown');
CREATE INDEX invitations_sent ON invitations (program, sent_at) WHERE sent_at IS NOT NULL;
