-- The cases that a channel got too fast to read one by one are replies to one digest.
-- opened_at is when the first of them came, last_at when the last did.
CREATE TABLE storms (
    id         TEXT   PRIMARY KEY,
    channel    TEXT   NOT NULL,
    message_ts TEXT   NOT NULL,
    shown      TEXT   NOT NULL,
    opened_at  BIGINT NOT NULL,
    last_at    BIGINT NOT NULL
);
CREATE INDEX storms_channel ON storms (channel, last_at);

-- When a case came to a channel, and the storm that it belongs to, or ''. The heaviest is
-- the worst; threaded is set once it is one of the digest's replies.
CREATE TABLE case_places (
    case_id  TEXT    PRIMARY KEY REFERENCES cases (id),
    channel  TEXT    NOT NULL,
    at       BIGINT  NOT NULL,
    storm    TEXT    NOT NULL,
    weight   BIGINT  NOT NULL,
    threaded BOOLEAN NOT NULL
);
CREATE INDEX case_places_channel ON case_places (channel, at);
CREATE INDEX case_places_storm ON case_places (storm, weight) WHERE storm <> '';
