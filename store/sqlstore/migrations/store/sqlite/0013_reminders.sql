-- How many reminders were sent.
ALTER TABLE invitations ADD COLUMN reminders INTEGER NOT NULL DEFAULT 0;
UPDATE invitations SET reminders = 1 WHERE reminded_at IS NOT NULL;
