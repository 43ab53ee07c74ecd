ALTER TABLE contacts ADD COLUMN phone_hash TEXT;
CREATE INDEX contacts_phone ON contacts (phone_hash) WHERE phone_hash IS NOT NULL;

-- Phone numbers whose owners asked for silence. dead_addresses holds the dead ones.
CREATE TABLE stopped_numbers (
    phone_hash TEXT   PRIMARY KEY,
    at         BIGINT NOT NULL
) WITHOUT ROWID;

-- The messages, by the vendor's id, by which an owner asked for silence or took it back.
CREATE TABLE number_messages (
    id TEXT   PRIMARY KEY,
    at BIGINT NOT NULL
) WITHOUT ROWID;
