-- What the rules of other programs see of an invitation.
ALTER TABLE invitations ADD COLUMN kind TEXT NOT NULL DEFAULT 'transactional';
ALTER TABLE invitations ADD COLUMN touchpoint TEXT NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
UPDATE invitations SET touchpoint = program;
-- Caps count what was mailed, may have been, or may still be.
CREATE INDEX invitations_day ON invitations (asked_at, program) WHERE state NOT IN ('suppressed', 'cancelled', 'bounced');
CREATE INDEX invitations_account ON invitations (account_key, asked_at) WHERE state NOT IN ('suppressed', 'cancelled', 'bounced');

-- A row for each program that has a daily cap, '' for the cap of all: batches that
-- count under one lock it and follow one another.
CREATE TABLE caps (program TEXT PRIMARY KEY) WITHOUT ROWID;
