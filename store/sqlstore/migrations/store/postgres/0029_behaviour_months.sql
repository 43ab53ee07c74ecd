-- When the source said what the period of a subscription is.
ALTER TABLE behaviour ADD COLUMN months_said BIGINT;
