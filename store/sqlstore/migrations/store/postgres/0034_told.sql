-- Answers that another tool asked for (channel 'api') are told: nobody knows how many it
-- asked, so that they are neither asked nor answered. Those from before are taken out of what
-- was counted. A process of before must not count meanwhile.
LOCK TABLE invitations IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO score_changes (grp, day, what, score, n)
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, what, 0, SUM(moved)
FROM invitations, (SELECT 'asked' AS what, -1 AS moved UNION ALL SELECT 'answered', -1 UNION ALL SELECT 'told', 1) counted
WHERE channel = 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (what = 'asked' OR state = 'responded')
GROUP BY score_group, day, what;

-- What rows of invitations count for.
CREATE OR REPLACE FUNCTION count_invitations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, COALESCE(sent_at, asked_at) / 86400000, counted.what, 0, COUNT(*)
        FROM added, (VALUES ('asked'), ('answered'), ('told')) AS counted (what)
        WHERE CASE counted.what
            WHEN 'told' THEN channel = 'api' AND state = 'responded'
            WHEN 'answered' THEN channel <> 'api' AND state = 'responded'
            ELSE channel <> 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') END
        GROUP BY 1, 2, 3;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, COALESCE(sent_at, asked_at) / 86400000, counted.what, 0, -COUNT(*)
        FROM gone, (VALUES ('asked'), ('answered'), ('told')) AS counted (what)
        WHERE CASE counted.what
            WHEN 'told' THEN channel = 'api' AND state = 'responded'
            WHEN 'answered' THEN channel <> 'api' AND state = 'responded'
            ELSE channel <> 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') END
        GROUP BY 1, 2, 3;
    ELSE
        INSERT INTO score_changes (grp, day, what, score, n)
        SELECT score_group, at / 86400000, counted.what, 0, SUM(moved.n)
        FROM (
            SELECT score_group, COALESCE(sent_at, asked_at) AS at, state, channel, 1 AS n FROM added
            UNION ALL SELECT score_group, COALESCE(sent_at, asked_at), state, channel, -1 FROM gone
        ) moved, (VALUES ('asked'), ('answered'), ('told')) AS counted (what)
        WHERE CASE counted.what
            WHEN 'told' THEN channel = 'api' AND state = 'responded'
            WHEN 'answered' THEN channel <> 'api' AND state = 'responded'
            ELSE channel <> 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') END
        GROUP BY 1, 2, 3 HAVING SUM(moved.n) <> 0;
    END IF;
    RETURN NULL;
END $$;
