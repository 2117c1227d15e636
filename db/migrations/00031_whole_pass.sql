-- +goose Up

-- The first pass of a run that read the whole list; 0 before. What only an earlier
-- one saw is no longer on it.
ALTER TABLE sync_runs ADD COLUMN whole_pass BIGINT NOT NULL DEFAULT 0;
