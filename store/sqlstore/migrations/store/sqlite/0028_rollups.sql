-- What was asked under the same circumstances: the combinations that there are of them, by
-- an id of their own. dims is JSON, of what the configuration declares, as it was when they
-- were asked. facet is '*' of those that invitations have. Others are what scores are rolled
-- up by: facet names the dimensions that dims has of them, joined by +, and is '' for none.
-- key is all of it, joined by character 31.
CREATE TABLE score_groups (
    id         INTEGER PRIMARY KEY,
    key        TEXT NOT NULL UNIQUE,
    facet      TEXT NOT NULL,
    program    TEXT NOT NULL,
    version    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    wave       TEXT NOT NULL,
    dims       TEXT NOT NULL
);
CREATE INDEX score_groups_facet ON score_groups (facet, program);

-- The values that dimensions have had, of which no more count than are declared.
CREATE TABLE score_values (
    dimension TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (dimension, value)
);

ALTER TABLE invitations ADD COLUMN score_group INTEGER NOT NULL DEFAULT 0;
ALTER TABLE responses ADD COLUMN score_group INTEGER NOT NULL DEFAULT 0;

INSERT INTO score_groups (key, facet, program, version, kind, touchpoint, wave, dims)
SELECT DISTINCT '*' || char(31) || program || char(31) || version || char(31) || kind || char(31) || touchpoint || char(31) || campaign || char(31) || '{}',
    '*', program, version, kind, touchpoint, campaign, '{}'
FROM invitations WHERE state <> 'suppressed';

UPDATE invitations SET score_group = (SELECT g.id FROM score_groups g WHERE g.key =
    '*' || char(31) || invitations.program || char(31) || invitations.version || char(31) || invitations.kind || char(31)
        || invitations.touchpoint || char(31) || invitations.campaign || char(31) || '{}')
WHERE state <> 'suppressed';
UPDATE responses SET score_group = (SELECT i.score_group FROM invitations i WHERE i.id = responses.invitation_id);

-- What was counted since the roll-ups were brought up to date, by day since 1970. what is
-- asked, answered, or a score's band. Triggers write it, so that nothing counts that is not
-- committed, and nothing is forgotten whatever changes it.
CREATE TABLE score_changes (
    id    INTEGER PRIMARY KEY,
    grp   INTEGER NOT NULL,
    day   INTEGER NOT NULL,
    what  TEXT    NOT NULL,
    score INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    UNIQUE (grp, day, what, score)
);

-- The roll-ups, by day ('d') and by month ('m', by its first day).
CREATE TABLE score_cells (
    grp   INTEGER NOT NULL,
    grain TEXT    NOT NULL,
    day   INTEGER NOT NULL,
    what  TEXT    NOT NULL,
    score INTEGER NOT NULL,
    n     INTEGER NOT NULL,
    PRIMARY KEY (grp, grain, day, what, score)
) WITHOUT ROWID;

INSERT INTO score_changes (grp, day, what, score, n)
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, 'asked', 0, COUNT(*) FROM invitations
WHERE state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') GROUP BY score_group, day
UNION ALL
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, 'answered', 0, COUNT(*) FROM invitations
WHERE state = 'responded' GROUP BY score_group, day
UNION ALL
SELECT score_group, answered_at / 86400000 AS day, band, score, COUNT(*) FROM responses
WHERE recorded > 0 AND state <> 'withdrawn' GROUP BY score_group, day, band, score;

CREATE TRIGGER invitation_added AFTER INSERT ON invitations
WHEN new.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT new.score_group, COALESCE(new.sent_at, new.asked_at) / 86400000, what, 0, 1
    FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' WHERE new.state = 'responded') WHERE TRUE
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER invitation_changed AFTER UPDATE OF state, sent_at, asked_at, score_group ON invitations
WHEN old.state <> new.state OR COALESCE(old.sent_at, old.asked_at) <> COALESCE(new.sent_at, new.asked_at) OR old.score_group <> new.score_group
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT grp, day, what, 0, SUM(n) FROM (
        SELECT old.score_group AS grp, COALESCE(old.sent_at, old.asked_at) / 86400000 AS day, 'asked' AS what, -1 AS n
        WHERE old.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        UNION ALL SELECT old.score_group, COALESCE(old.sent_at, old.asked_at) / 86400000, 'answered', -1 WHERE old.state = 'responded'
        UNION ALL SELECT new.score_group, COALESCE(new.sent_at, new.asked_at) / 86400000, 'asked', 1
        WHERE new.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        UNION ALL SELECT new.score_group, COALESCE(new.sent_at, new.asked_at) / 86400000, 'answered', 1 WHERE new.state = 'responded'
    ) WHERE TRUE GROUP BY grp, day, what HAVING SUM(n) <> 0
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER invitation_removed AFTER DELETE ON invitations
WHEN old.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT old.score_group, COALESCE(old.sent_at, old.asked_at) / 86400000, what, 0, -1
    FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' WHERE old.state = 'responded') WHERE TRUE
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER response_added AFTER INSERT ON responses
WHEN new.recorded > 0 AND new.state <> 'withdrawn'
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    VALUES (new.score_group, new.answered_at / 86400000, new.band, new.score, 1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER response_changed AFTER UPDATE OF state, score, band, recorded, answered_at, score_group ON responses
WHEN (old.recorded > 0 AND old.state <> 'withdrawn') <> (new.recorded > 0 AND new.state <> 'withdrawn')
    OR new.recorded > 0 AND (old.score <> new.score OR old.band <> new.band OR old.answered_at <> new.answered_at OR old.score_group <> new.score_group)
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT old.score_group, old.answered_at / 86400000, old.band, old.score, -1 WHERE old.recorded > 0 AND old.state <> 'withdrawn'
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT new.score_group, new.answered_at / 86400000, new.band, new.score, 1 WHERE new.recorded > 0 AND new.state <> 'withdrawn'
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER response_removed AFTER DELETE ON responses
WHEN old.recorded > 0 AND old.state <> 'withdrawn'
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    VALUES (old.score_group, old.answered_at / 86400000, old.band, old.score, -1)
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
