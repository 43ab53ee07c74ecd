-- How far the records of a CRM are read that tell what customers did, by their type. Times
-- are real: what was changed since is read by the pass that began at began_at, or by the
-- next. after is the last record read; done and total count those of the pass.
CREATE TABLE behaviour_cursors (
    crm         TEXT NOT NULL,
    object_type TEXT NOT NULL,
    since       BIGINT,
    began_at    BIGINT,
    ended_at    BIGINT,
    after       TEXT NOT NULL,
    done        INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    PRIMARY KEY (crm, object_type)
) WITHOUT ROWID;
