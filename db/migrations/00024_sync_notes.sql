-- +goose Up

-- Rows of GitHub's lists that could not be used, and what a finished sync could
-- not tell for sure, for people.
ALTER TABLE sync_pages ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN skipped BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN note TEXT NOT NULL DEFAULT '';
