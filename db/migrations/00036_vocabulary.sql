-- +goose Up

-- Changes that webhooks told of, numbered: a revision is the number of the latest.
ALTER TABLE news RENAME TO changes;
ALTER TABLE changes RENAME COLUMN taken TO revoked;
DROP INDEX news_at;
DROP INDEX news_about;
CREATE INDEX changes_at ON changes (at);
CREATE INDEX changes_about ON changes (repository_id, account_id, id);

-- The generation is the run that saw a row last; of repositories and pages, the run
-- and its pass. History is recorded up to one.
ALTER TABLE access RENAME COLUMN seen_run TO generation;
ALTER TABLE access RENAME COLUMN granted_mark TO granted_generation;
ALTER TABLE installation_records RENAME COLUMN seen_run TO generation;
ALTER TABLE installation_records RENAME COLUMN told_mark TO recorded_generation;
ALTER TABLE installations RENAME COLUMN seen_reading TO generation;
ALTER TABLE sync_pages RENAME COLUMN mark TO generation;

-- The pass is the one that is under way, or the run's last.
ALTER TABLE sync_runs RENAME COLUMN reading TO pass;
ALTER TABLE sync_runs RENAME COLUMN reading_at TO pass_started_at; -- 0 between two
ALTER TABLE sync_runs RENAME COLUMN as_of TO revision;
ALTER TABLE sync_runs DROP COLUMN whole; -- whole_pass has it

ALTER TABLE access_checks RENAME COLUMN asked TO requests;
ALTER TABLE script_tokens RENAME TO api_tokens;
ALTER TABLE script_token_installations RENAME TO api_token_installations;
DROP INDEX script_tokens_expiry;
DROP INDEX script_token_installations_record;
CREATE INDEX api_tokens_expiry ON api_tokens (expires_at);
CREATE INDEX api_token_installations_record ON api_token_installations (record_id);
