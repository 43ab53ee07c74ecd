-- What people made of a case, as JSON; when it has to be looked at though nobody did
-- anything; and the last event that its thread in Slack knows.
ALTER TABLE cases ADD COLUMN progress TEXT NOT NULL DEFAULT '{}';
ALTER TABLE cases ADD COLUMN next_at BIGINT;
ALTER TABLE cases ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
UPDATE cases SET told = COALESCE((SELECT MAX(e.id) FROM case_events e WHERE e.case_id = cases.id), 0);

-- What an event is about: a Slack user, and what was chosen. What somebody wrote is
-- sealed by the key of the case's contact; note holds what was kept before that.
ALTER TABLE case_events ADD COLUMN target TEXT NOT NULL DEFAULT '';
ALTER TABLE case_events ADD COLUMN choice TEXT NOT NULL DEFAULT '';
ALTER TABLE case_events ADD COLUMN sealed BLOB;
