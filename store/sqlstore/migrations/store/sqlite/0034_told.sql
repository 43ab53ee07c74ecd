-- Answers that another tool asked for (channel 'api') are told: nobody knows how many it
-- asked, so that they are neither asked nor answered. Those from before are taken out of what
-- was counted.
INSERT INTO score_changes (grp, day, what, score, n)
SELECT score_group, COALESCE(sent_at, asked_at) / 86400000 AS day, what, 0, SUM(moved)
FROM invitations, (SELECT 'asked' AS what, -1 AS moved UNION ALL SELECT 'answered', -1 UNION ALL SELECT 'told', 1) counted
WHERE channel = 'api' AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown') AND (what = 'asked' OR state = 'responded')
GROUP BY score_group, day, what
ON CONFLICT DO UPDATE SET n = n + excluded.n;

DROP TRIGGER invitation_added;
DROP TRIGGER invitation_changed;
DROP TRIGGER invitation_removed;

CREATE TRIGGER invitation_added AFTER INSERT ON invitations
WHEN new.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT grp, day, what, 0, n FROM (
        SELECT new.score_group AS grp, COALESCE(new.sent_at, new.asked_at) / 86400000 AS day, what, 1 AS n
        FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' UNION ALL SELECT 'told')
        WHERE (what = 'told' AND new.channel = 'api' AND new.state = 'responded'
        OR what = 'asked' AND new.channel <> 'api' AND new.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        OR what = 'answered' AND new.channel <> 'api' AND new.state = 'responded')
    ) WHERE TRUE
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER invitation_changed AFTER UPDATE OF state, sent_at, asked_at, score_group ON invitations
WHEN old.state <> new.state OR COALESCE(old.sent_at, old.asked_at) <> COALESCE(new.sent_at, new.asked_at) OR old.score_group <> new.score_group
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT grp, day, what, 0, SUM(n) FROM (
        SELECT old.score_group AS grp, COALESCE(old.sent_at, old.asked_at) / 86400000 AS day, what, -1 AS n
        FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' UNION ALL SELECT 'told')
        WHERE (what = 'told' AND old.channel = 'api' AND old.state = 'responded'
        OR what = 'asked' AND old.channel <> 'api' AND old.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        OR what = 'answered' AND old.channel <> 'api' AND old.state = 'responded')
        UNION ALL
        SELECT new.score_group AS grp, COALESCE(new.sent_at, new.asked_at) / 86400000 AS day, what, 1 AS n
        FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' UNION ALL SELECT 'told')
        WHERE (what = 'told' AND new.channel = 'api' AND new.state = 'responded'
        OR what = 'asked' AND new.channel <> 'api' AND new.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        OR what = 'answered' AND new.channel <> 'api' AND new.state = 'responded')
    ) WHERE TRUE GROUP BY grp, day, what HAVING SUM(n) <> 0
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;

CREATE TRIGGER invitation_removed AFTER DELETE ON invitations
WHEN old.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
BEGIN
    INSERT INTO score_changes (grp, day, what, score, n)
    SELECT grp, day, what, 0, n FROM (
        SELECT old.score_group AS grp, COALESCE(old.sent_at, old.asked_at) / 86400000 AS day, what, -1 AS n
        FROM (SELECT 'asked' AS what UNION ALL SELECT 'answered' UNION ALL SELECT 'told')
        WHERE (what = 'told' AND old.channel = 'api' AND old.state = 'responded'
        OR what = 'asked' AND old.channel <> 'api' AND old.state IN ('sent', 'delivered', 'responded', 'expired', 'unknown')
        OR what = 'answered' AND old.channel <> 'api' AND old.state = 'responded')
    ) WHERE TRUE
    ON CONFLICT DO UPDATE SET n = n + excluded.n;
END;
