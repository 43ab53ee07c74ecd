-- One index a topic, with the topic in it: of others SQLite makes no use.
DROP INDEX inbox_aftercare;
CREATE INDEX inbox_rechecks ON inbox (topic, key) WHERE topic = 'recheck' AND done_at IS NULL;
CREATE INDEX inbox_thanks ON inbox (topic, key) WHERE topic = 'thanks' AND done_at IS NULL;
