-- +goose Up

-- More of what GitHub says. What it doesn't say, and what was stored before, is
-- empty, 0 for a time, and -1 for a count or a flag.
ALTER TABLE repositories ADD COLUMN clone_url TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN ssh_url TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN node_id TEXT NOT NULL DEFAULT '';
ALTER TABLE repositories ADD COLUMN stars BIGINT NOT NULL DEFAULT -1;
ALTER TABLE repositories ADD COLUMN forks BIGINT NOT NULL DEFAULT -1;
ALTER TABLE repositories ADD COLUMN open_issues BIGINT NOT NULL DEFAULT -1;
ALTER TABLE repositories ADD COLUMN is_disabled BIGINT NOT NULL DEFAULT -1;
ALTER TABLE repositories ADD COLUMN github_created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN github_updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE repositories ADD COLUMN custom_properties TEXT NOT NULL DEFAULT ''; -- a JSON object

ALTER TABLE installations ADD COLUMN installed_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE installations ADD COLUMN installed_by TEXT NOT NULL DEFAULT ''; -- a login, from the webhook
ALTER TABLE installations ADD COLUMN github_updated_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE installations ADD COLUMN app_slug TEXT NOT NULL DEFAULT '';
ALTER TABLE installations ADD COLUMN single_file_name TEXT NOT NULL DEFAULT '';
ALTER TABLE installations ADD COLUMN single_file_paths TEXT NOT NULL DEFAULT '[]'; -- a JSON array
