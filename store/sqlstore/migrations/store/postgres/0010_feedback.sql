-- Comments that nobody asked for. What they say is sealed under the key of the contact,
-- or without one under their own. rating is in stars, 0 for none.
CREATE TABLE feedback (
    id          text    PRIMARY KEY,
    kind        text    NOT NULL,
    contact_key text    NOT NULL,
    account_key text    NOT NULL,
    rating      double precision NOT NULL,
    language    text    NOT NULL,
    sealed      bytea   NOT NULL,
    at          bigint  NOT NULL,
    revision    integer NOT NULL
);
CREATE INDEX feedback_at ON feedback (at);
CREATE INDEX feedback_contact ON feedback (contact_key) WHERE contact_key <> '';
