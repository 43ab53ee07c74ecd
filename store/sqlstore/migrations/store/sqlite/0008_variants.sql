-- The variant of the program that the contact is asked by, '' where it has none.
ALTER TABLE invitations ADD COLUMN variant TEXT NOT NULL DEFAULT '';
