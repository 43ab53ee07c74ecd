-- What a run of models is of: one that goes on under another configuration ends. '' is of
-- any.
ALTER TABLE model_runs ADD COLUMN settings TEXT NOT NULL DEFAULT '';
