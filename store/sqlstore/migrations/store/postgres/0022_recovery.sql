-- The case whose customer an invitation asks again, or ''.
ALTER TABLE invitations ADD COLUMN recheck TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX invitations_recheck ON invitations (recheck) WHERE recheck <> '';

-- What the customers of a resolved case are due is in the inbox by the case's id.
CREATE INDEX inbox_aftercare ON inbox (key) WHERE topic IN ('recheck', 'thanks') AND done_at IS NULL;

-- The cases that have ended, which another answer may re-open.
CREATE INDEX cases_ended_account ON cases (account_key, ended_at) WHERE ended_at IS NOT NULL AND account_key <> '';
CREATE INDEX cases_ended_contact ON cases (contact_key, ended_at) WHERE ended_at IS NOT NULL AND account_key = '';

-- The mails that thank the customers of a resolved case, once in a round.
CREATE TABLE thanks (
    id          TEXT COLLATE "C" PRIMARY KEY,
    batch       TEXT COLLATE "C" NOT NULL,
    case_id     TEXT COLLATE "C" NOT NULL REFERENCES cases (id),
    round       INTEGER NOT NULL,
    program     TEXT COLLATE "C" NOT NULL,
    version     TEXT COLLATE "C" NOT NULL,
    contact_key TEXT COLLATE "C" NOT NULL,
    account_key TEXT COLLATE "C" NOT NULL,
    invitation_id TEXT COLLATE "C" NOT NULL,
    cause       TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL,
    rule        TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    sent_at     BIGINT,
    UNIQUE (case_id, round, contact_key)
);
CREATE INDEX thanks_batch ON thanks (batch, id);
CREATE INDEX thanks_contact ON thanks (contact_key);
