-- +goose Up

-- Since when a user sees a repository: its history from before is not theirs.
-- Access that is there at the upgrade counts as of old.
ALTER TABLE access ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
