-- +goose Up

-- The accounts that a user removed from Neptun while the App stays installed there.
-- Syncs and webhooks create no record of them until the user adds them again.
CREATE TABLE removed_installations (
    user_id          TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id       BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    installation_id  BIGINT NOT NULL REFERENCES installations (id) ON DELETE CASCADE, -- the account's latest
    generation       BIGINT NOT NULL, -- of the latest sync in which GitHub showed it to the user
    removed_at       BIGINT NOT NULL,
    PRIMARY KEY (user_id, account_id)
);
CREATE INDEX removed_installations_account ON removed_installations (account_id);
CREATE INDEX removed_installations_installation ON removed_installations (installation_id);

-- Why rows of GitHub's lists could not be used: a JSON object of counts by reason.
ALTER TABLE sync_pages ADD COLUMN skipped_reasons TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sync_runs ADD COLUMN skipped_reasons TEXT NOT NULL DEFAULT '{}';
CREATE INDEX sync_runs_skipped ON sync_runs (id) WHERE skipped > 0 OR note <> '';

-- What a finished recovery could not bring back, for people, and since when everything
-- is synced because of it; 0 once that is over.
ALTER TABLE delivery_recovery ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_recovery ADD COLUMN reconcile_since BIGINT NOT NULL DEFAULT 0;

-- The organizations, a JSON array of GitHub's ids, whose installations GitHub leaves out
-- until the user signs in with their single sign-on.
ALTER TABLE users ADD COLUMN withheld_organizations TEXT NOT NULL DEFAULT '[]';
