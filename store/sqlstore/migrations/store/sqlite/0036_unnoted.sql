-- What went out, or may have, and was not noted as sent: few, among which scans look.
CREATE INDEX invitations_unnoted ON invitations (program, asked_at)
WHERE sent_at IS NULL AND state IN ('sent', 'delivered', 'responded', 'expired', 'unknown');
