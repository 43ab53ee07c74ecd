-- What comments say, as JSON of numbers and ids alone: null of what nothing has read.
ALTER TABLE responses ADD COLUMN reading TEXT;
ALTER TABLE feedback ADD COLUMN reading TEXT;
CREATE INDEX responses_read ON responses (answered_at, id) WHERE reading IS NOT NULL;

-- What was trained on comments: trials say how it did, as JSON. body is the model, as JSON,
-- null where none was better than what was there.
CREATE TABLE text_models (
    at         BIGINT PRIMARY KEY,
    version    TEXT COLLATE "C" NOT NULL,
    comments   INTEGER NOT NULL,
    trials     TEXT NOT NULL,
    body       TEXT
);
