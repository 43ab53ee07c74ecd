-- Contacts who let invitations expire: how many in the last twelve months is counted anew
-- from due_at on. A row goes when none is left to grow old.
CREATE TABLE unanswered (
    contact_key TEXT COLLATE "C" PRIMARY KEY,
    due_at      BIGINT           NOT NULL
);
CREATE INDEX unanswered_due ON unanswered (due_at, contact_key);
INSERT INTO unanswered (contact_key, due_at)
    SELECT DISTINCT contact_key, 0 FROM invitations WHERE state = 'expired' AND contact_key <> '';
