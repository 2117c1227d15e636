-- +goose Up

-- The accounts that a user removed from Neptun while the App stays installed there.
-- Syncs and webhooks create no record of them until the user adds them again.
CREATE TABLE removed_installations (
    user_id          TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    account_id       BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    installation_id  BIGINT NOT NULL REFERENCES installations (id) ON DELETE CASCADE, -- the account's latest
    seen_run         BIGINT NOT NULL, -- the latest sync run in which GitHub showed it to the user
    removed_at       BIGINT NOT NULL,
    PRIMARY KEY (user_id, account_id)
);
CREATE INDEX removed_installations_account ON removed_installations (account_id);
CREATE INDEX removed_installations_installation ON removed_installations (installation_id);
