-- The schema of ../sqlite/0007_sms.sql, which explains it.
ALTER TABLE contacts ADD COLUMN phone_hash TEXT;
CREATE INDEX contacts_phone ON contacts (phone_hash) WHERE phone_hash IS NOT NULL;

CREATE TABLE stopped_numbers (
    phone_hash TEXT   PRIMARY KEY,
    at         BIGINT NOT NULL
);

CREATE TABLE number_messages (
    id TEXT   PRIMARY KEY,
    at BIGINT NOT NULL
);
