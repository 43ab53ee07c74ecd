-- tried_at is real time: when the call was begun, by which the vendor is asked what
-- became of it.
ALTER TABLE effects ADD COLUMN tried_at BIGINT NOT NULL DEFAULT 0;
UPDATE effects SET tried_at = at;
CREATE INDEX effects_pending ON effects (tried_at) WHERE state = 'pending';
