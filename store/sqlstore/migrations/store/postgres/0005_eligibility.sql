-- The schema of ../sqlite/0005_eligibility.sql, which explains it.
ALTER TABLE invitations ADD COLUMN kind TEXT COLLATE "C" NOT NULL DEFAULT 'transactional';
ALTER TABLE invitations ADD COLUMN touchpoint TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE invitations ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
UPDATE invitations SET touchpoint = program;
CREATE INDEX invitations_day ON invitations (asked_at, program) WHERE state NOT IN ('suppressed', 'cancelled', 'bounced');
CREATE INDEX invitations_account ON invitations (account_key, asked_at) WHERE state NOT IN ('suppressed', 'cancelled', 'bounced');

CREATE TABLE caps (program TEXT COLLATE "C" PRIMARY KEY);
