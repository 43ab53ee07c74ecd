-- The schema of ../sqlite/0003_seal.sql, which explains it.
ALTER TABLE contacts ADD COLUMN sealed BYTEA;
ALTER TABLE contacts ADD COLUMN address_hash TEXT COLLATE "C";
ALTER TABLE accounts ADD COLUMN sealed BYTEA;
ALTER TABLE responses ADD COLUMN sealed BYTEA;
ALTER TABLE signals RENAME COLUMN object_id TO record;
