-- How a survey comes to who is asked.
ALTER TABLE invitations ADD COLUMN channel TEXT NOT NULL DEFAULT 'mail';
