-- How a survey comes to who is asked.
ALTER TABLE invitations ADD COLUMN channel text NOT NULL DEFAULT 'mail';
