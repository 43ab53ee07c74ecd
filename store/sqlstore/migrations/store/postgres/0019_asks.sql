-- What is asked for, and whose turn it was: kinds of ask. why says how that came about,
-- and facts what the rules last saw, as JSON; neither holds anything of the person.
ALTER TABLE asks ADD COLUMN kind TEXT NOT NULL DEFAULT 'referral';
ALTER TABLE asks ADD COLUMN turn TEXT NOT NULL DEFAULT 'referral';
ALTER TABLE asks ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE asks ADD COLUMN facts TEXT NOT NULL DEFAULT '';

-- What customers permit to quote. sealed holds their words and how they are named, by the
-- contact's key.
CREATE TABLE testimonials (
    response_id  TEXT   PRIMARY KEY REFERENCES responses (id),
    program      TEXT   NOT NULL,
    contact_key  TEXT   NOT NULL,
    sealed       BYTEA  NOT NULL,
    given_at     BIGINT NOT NULL,
    withdrawn_at BIGINT
);
CREATE INDEX testimonials_given ON testimonials (given_at) WHERE withdrawn_at IS NULL;
CREATE INDEX testimonials_contact ON testimonials (contact_key);
