-- The mails of a day are counted while the sending domain is new.
CREATE INDEX effects_day ON effects (vendor, at);
