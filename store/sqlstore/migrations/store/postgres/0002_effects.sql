-- The schema of ../sqlite/0002_effects.sql, which explains it.
ALTER TABLE effects ADD COLUMN tried_at BIGINT NOT NULL DEFAULT 0;
UPDATE effects SET tried_at = at;
CREATE INDEX effects_pending ON effects (tried_at) WHERE state = 'pending';
