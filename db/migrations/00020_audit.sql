-- +goose Up

-- From where something was done, with which credential and in which request; and
-- how often within the hour, since equal entries of an hour are one.
ALTER TABLE audit ADD COLUMN last_at BIGINT NOT NULL DEFAULT 0; -- of a group's last; 0 for one entry alone
ALTER TABLE audit ADD COLUMN count BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit ADD COLUMN ip TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN via TEXT NOT NULL DEFAULT ''; -- session, or token and its id
ALTER TABLE audit ADD COLUMN request_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN group_key TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX audit_group ON audit (group_key) WHERE group_key <> '';
CREATE INDEX audit_user ON audit (github_id, id);

-- The networks that an API token was used from, by which a new one is noticed.
CREATE TABLE api_token_networks (
    token_id  BIGINT NOT NULL REFERENCES script_tokens (id) ON DELETE CASCADE,
    network   TEXT   NOT NULL,
    PRIMARY KEY (token_id, network)
);

-- When the app was set up: the browser's mark lasts for a day.
ALTER TABLE settings ADD COLUMN setup_at BIGINT NOT NULL DEFAULT 0;
