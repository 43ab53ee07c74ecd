-- The case whose customer an invitation asks again, or ''.
ALTER TABLE invitations ADD COLUMN recheck TEXT NOT NULL DEFAULT '';
CREATE INDEX invitations_recheck ON invitations (recheck) WHERE recheck <> '';

-- What the customers of a resolved case are due is in the inbox by the case's id.
CREATE INDEX inbox_aftercare ON inbox (key) WHERE topic IN ('recheck', 'thanks') AND done_at IS NULL;

-- The cases that have ended, which another answer may re-open.
CREATE INDEX cases_ended_account ON cases (account_key, ended_at) WHERE ended_at IS NOT NULL AND account_key <> '';
CREATE INDEX cases_ended_contact ON cases (contact_key, ended_at) WHERE ended_at IS NOT NULL AND account_key = '';

-- The mails that thank the customers of a resolved case, once in a round.
CREATE TABLE thanks (
    id          TEXT    PRIMARY KEY,
    batch       TEXT    NOT NULL,
    case_id     TEXT    NOT NULL REFERENCES cases (id),
    round       INTEGER NOT NULL,
    program     TEXT    NOT NULL,
    version     TEXT    NOT NULL,
    contact_key TEXT    NOT NULL,
    account_key TEXT    NOT NULL,
    invitation_id TEXT    NOT NULL,
    cause       TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    rule        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL,
    sent_at     INTEGER,
    UNIQUE (case_id, round, contact_key)
);
CREATE INDEX thanks_batch ON thanks (batch, id);
CREATE INDEX thanks_contact ON thanks (contact_key);
