-- +goose Up

-- Whether GitHub was ever seen to list this installation to somebody while it
-- was suspended: where GitHub does that, one that it lists no longer is lost,
-- and not just suspended.
ALTER TABLE installations ADD COLUMN listed_suspended BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX installations_listed_suspended ON installations (id) WHERE listed_suspended;
