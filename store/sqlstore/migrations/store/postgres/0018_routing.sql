-- Who the owners of accounts are in Slack; at is real time.
CREATE TABLE owner_people (
    crm        TEXT    NOT NULL,
    owner_id   TEXT    NOT NULL,
    slack_user TEXT    NOT NULL,
    zone       TEXT    NOT NULL,
    away       BOOLEAN NOT NULL,
    at         BIGINT  NOT NULL,
    PRIMARY KEY (crm, owner_id)
);
