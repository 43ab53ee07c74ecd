-- What rows hold of persons moves into sealed columns, under a key for each contact and
-- account; their keys become keyed hashes. Go seals what is there (seal_existing.go).
ALTER TABLE contacts ADD COLUMN sealed BLOB;
ALTER TABLE contacts ADD COLUMN address_hash TEXT;
ALTER TABLE accounts ADD COLUMN sealed BLOB;
ALTER TABLE responses ADD COLUMN sealed BLOB;
ALTER TABLE signals RENAME COLUMN object_id TO record;
