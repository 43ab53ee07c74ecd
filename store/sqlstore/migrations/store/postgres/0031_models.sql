-- Each fit of a model: what it computes by, what there is to say of it, and what has changed
-- since, as JSON.
CREATE TABLE model_versions (
    id        TEXT    PRIMARY KEY,
    kind      TEXT    NOT NULL,
    fitted_at BIGINT  NOT NULL,
    published BOOLEAN NOT NULL,
    status    TEXT    NOT NULL,
    model     TEXT    NOT NULL,
    card      TEXT    NOT NULL,
    drift     TEXT    NOT NULL,
    stale     BOOLEAN NOT NULL
);
CREATE INDEX model_versions_fitted ON model_versions (fitted_at);
CREATE INDEX model_versions_published ON model_versions (kind, fitted_at) WHERE published;

-- Where a run of models stands: the type and the last of those who were scored.
CREATE TABLE model_runs (
    id          TEXT   PRIMARY KEY,
    at          BIGINT NOT NULL,
    object_type TEXT   NOT NULL,
    cursor      TEXT   NOT NULL,
    scored      BIGINT NOT NULL,
    written     BIGINT NOT NULL,
    ended_at    BIGINT
);
CREATE INDEX model_runs_at ON model_runs (at);

-- The latest forecast of each customer as JSON, and the one that went to the CRM. record
-- and account are references.
CREATE TABLE forecasts (
    object_type TEXT NOT NULL,
    record      TEXT NOT NULL,
    account     TEXT NOT NULL,
    forecast    TEXT NOT NULL,
    written     TEXT NOT NULL,
    PRIMARY KEY (object_type, record)
);
CREATE INDEX forecasts_account ON forecasts (account, record) WHERE account <> '';
