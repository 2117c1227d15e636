-- +goose Up

-- Since when a user sees an installation without a break: what happened to it
-- before that isn't theirs to see. What is seen at the upgrade counts as of old.
ALTER TABLE installation_records ADD COLUMN seen_since BIGINT NOT NULL DEFAULT 0;
