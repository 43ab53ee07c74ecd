-- The schema of the SQLite file of the same name, which explains it.
CREATE INDEX invitations_unnoted ON invitations (program, asked_at)
WHERE sent_at IS NULL AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown');
