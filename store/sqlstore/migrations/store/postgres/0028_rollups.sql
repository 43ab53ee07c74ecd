-- The schema of the SQLite file of the same name, which explains it.
CREATE TABLE score_groups (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key        TEXT COLLATE "C" NOT NULL UNIQUE,
    facet      TEXT COLLATE "C" NOT NULL,
    program    TEXT COLLATE "C" NOT NULL,
    version    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    touchpoint TEXT NOT NULL,
    wave       TEXT NOT NULL,
    dims       TEXT NOT NULL
);
CREATE INDEX score_groups_facet ON score_groups (facet, program);

CREATE TABLE score_values (
    dimension TEXT NOT NULL,
    value     TEXT NOT NULL,
    PRIMARY KEY (dimension, value)
);

ALTER TABLE invitations ADD COLUMN score_group BIGINT NOT NULL DEFAULT 0;
ALTER TABLE responses ADD COLUMN score_group BIGINT NOT NULL DEFAULT 0;

INSERT INTO score_groups (key, facet, program, version, kind, touchpoint, wave, dims)
SELECT DISTINCT concat_ws(chr(31), '*', program, version, kind, touchpoint, campaign, '{}'), '*', program, version, kind, touchpoint, campaign, '{}'
FROM invitations WHERE state <> 'suppressed';

UPDATE invitations SET score_group = g.id FROM score_groups g
WHERE g.key = concat_ws(chr(31), '*', invitations.program, invitations.version, invitations.kind, invitations.touchpoint, invitations.campaign, '{}')
    AND state <> 'suppressed';
UPDATE responses SET score_group = i.score_group FROM invitations i WHERE i.id = responses.invitation_id;

-- Not one row for each count, as there: those who count at once would wait for one another.
CREATE TABLE score_changes (
    id    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    grp   BIGINT  NOT NULL,
    day   INTEGER NOT NULL,
    what  TEXT    NOT NULL,
    score INTEGER NOT NULL,
    n     INTEGER NOT NULL
);

CREATE TABLE score_cells (
    grp   BIGINT  NOT NULL,
    grain TEXT COLLATE "C" NOT NULL,
    day   INTEGER NOT NULL,
    what  TEXT COLLATE "C" NOT NULL,
    score INTEGER NOT NULL,
    n     BIGINT  NOT NULL,
    PRIMARY KEY (grp, grain, day, what, score)
);

INSERT INTO score_changes (grp, day, what, score, n)
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, 'asked', 0, COUNT(*) FROM invitations
WHERE state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') GROUP BY score_group, day
UNION ALL
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, 'answered', 0, COUNT(*) FROM invitations
WHERE state = 'responded' GROUP BY score_group, day
UNION ALL
SELECT score_group, answered_at / 86400000 AS day, band, score, COUNT(*) FROM responses
WHERE recorded > 0 AND state <> 'withdrawn' GROUP BY score_group, day, band, score;

-- What rows of invitations count for.
CREATE FUNCTION count_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, COALESCE(sent_at, asked_at) / 86400000, counted.what, 0, COUNT(*)
        FROM added, (VALUES ('asked'), ('answered')) AS counted (what)
        WHERE state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (counted.what = 'asked' OR state = 'responded')
        GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, COALESCE(sent_at, asked_at) / 86400000, counted.what, 0, -COUNT(*)
        FROM gone, (VALUES ('asked'), ('answered')) AS counted (what)
        WHERE state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (counted.what = 'asked' OR state = 'responded')
        GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, at / 86400000, counted.what, 0, SUM(moved.n)
        FROM (
            SELECT score_group, COALESCE(sent_at, asked_at) AS at, state, 1 AS n FROM added
            UNION ALL SELECT score_group, COALESCE(sent_at, asked_at), state, -1 FROM gone
        ) moved, (VALUES ('asked'), ('answered')) AS counted (what)
        WHERE state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (counted.what = 'asked' OR state = 'responded')
        GROUP BY 1, 2, 3 HAVING SUM(moved.n) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER invitations_added AFTER INSERT ON invitations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();
CREATE TRIGGER invitations_changed AFTER UPDATE ON invitations
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();
CREATE TRIGGER invitations_removed AFTER DELETE ON invitations
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_invitations();

-- What rows of responses count for.
CREATE FUNCTION count_responses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, answered_at / 86400000, band, score, COUNT(*) FROM added
        WHERE recorded > 0 AND state <> 'withdrawn' GROUP BY 1, 2, 3, 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, answered_at / 86400000, band, score, -COUNT(*) FROM gone
        WHERE recorded > 0 AND state <> 'withdrawn' GROUP BY 1, 2, 3, 4;
    ELSE
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, day, band, score, SUM(n)
        FROM (
            SELECT score_group, answered_at / 86400000 AS day, band, score, 1 AS n FROM added WHERE recorded > 0 AND state <> 'withdrawn'
            UNION ALL SELECT score_group, answered_at / 86400000, band, score, -1 FROM gone WHERE recorded > 0 AND state <> 'withdrawn'
        ) moved
        GROUP BY 1, 2, 3, 4 HAVING SUM(n) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER responses_added AFTER INSERT ON responses
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_responses();
CREATE TRIGGER responses_changed AFTER UPDATE ON responses
    REFERENCING OLD TABLE AS gone NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_responses();
CREATE TRIGGER responses_removed AFTER DELETE ON responses
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_responses();
