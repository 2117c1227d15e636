-- +goose Up

-- The App that the set-up page made, sealed; empty while there is none. And the
-- browser it was made in, hashed, whose first login is an operator.
ALTER TABLE settings ADD COLUMN app BYTEA NOT NULL DEFAULT '';
ALTER TABLE settings ADD COLUMN app_client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE settings ADD COLUMN setup_browser TEXT NOT NULL DEFAULT '';

-- Codes that open the set-up, hashed. Each marks the one browser that entered it.
CREATE TABLE setup_codes (
    code_hash     TEXT   PRIMARY KEY,
    browser_hash  TEXT   NOT NULL DEFAULT '', -- '' while unused
    created_at    BIGINT NOT NULL,
    used_at       BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX setup_codes_browser ON setup_codes (browser_hash);

-- What goes to GitHub with a manifest and comes back with its code, once.
CREATE TABLE setup_states (
    state_hash    TEXT   PRIMARY KEY,
    browser_hash  TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);
