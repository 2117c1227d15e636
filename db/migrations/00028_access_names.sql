-- +goose Up

-- A user's list is sorted by name from an index of their own, so that its far
-- pages cost little and no plan depends on what others see.
ALTER TABLE access ADD COLUMN name_key TEXT NOT NULL DEFAULT ''; -- the repository's
UPDATE access SET name_key = (SELECT r.name_key FROM repositories AS r WHERE r.id = access.repository_id);
CREATE INDEX access_by_name ON access (user_id, account_id, name_key, repository_id);
DROP INDEX access_account;
CREATE INDEX sync_runs_finished ON sync_runs (finished_at) WHERE finished_at > 0;
