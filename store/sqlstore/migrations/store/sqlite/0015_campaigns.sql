-- Runs of relational programs through their audiences. cursor is empty unless the CRM is
-- being read. Their contacts wait in the inbox.
CREATE TABLE campaigns (
    id         TEXT    PRIMARY KEY,
    program    TEXT    NOT NULL,
    version    TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    cursor     TEXT    NOT NULL,
    contacts   INTEGER NOT NULL,
    dropped    INTEGER NOT NULL,
    started_at BIGINT  NOT NULL,
    ended_at   BIGINT
) WITHOUT ROWID;
CREATE INDEX campaigns_program ON campaigns (program, started_at);

-- How many contacts were given each day of a campaign, by owner's keyed hash; of all
-- owners where that is empty.
CREATE TABLE campaign_days (
    campaign TEXT    NOT NULL,
    owner    TEXT    NOT NULL,
    day      INTEGER NOT NULL,
    contacts INTEGER NOT NULL,
    PRIMARY KEY (campaign, owner, day)
) WITHOUT ROWID;

ALTER TABLE invitations ADD COLUMN campaign TEXT NOT NULL DEFAULT '';
CREATE INDEX invitations_campaign ON invitations (campaign, state) WHERE campaign <> '';
CREATE INDEX inbox_campaigns ON inbox (lane, batch, due_at) WHERE topic = 'campaign' AND done_at IS NULL;
