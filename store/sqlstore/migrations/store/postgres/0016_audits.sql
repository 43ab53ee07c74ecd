-- Whether it asks for an audit: it counts for no gap of its contact and no cap of an account.
ALTER TABLE invitations ADD COLUMN audit BOOLEAN NOT NULL DEFAULT FALSE;
