-- What 0003_seal has sealed.
ALTER TABLE contacts DROP COLUMN id;
ALTER TABLE contacts DROP COLUMN email;
ALTER TABLE contacts DROP COLUMN first_name;
ALTER TABLE contacts DROP COLUMN last_name;
ALTER TABLE contacts DROP COLUMN locale;
ALTER TABLE contacts DROP COLUMN timezone;
ALTER TABLE contacts DROP COLUMN attributes;
ALTER TABLE accounts DROP COLUMN id;
ALTER TABLE accounts DROP COLUMN name;
ALTER TABLE accounts DROP COLUMN attributes;
ALTER TABLE responses DROP COLUMN comment;
CREATE INDEX contacts_address ON contacts (address_hash) WHERE address_hash IS NOT NULL;
