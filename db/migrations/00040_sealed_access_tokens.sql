-- +goose Up

-- A token that acts as the App, sealed, since GitHub revokes it only for who has
-- it. Empty for one that acts as the user, which ends with their authorization.
ALTER TABLE access_tokens ADD COLUMN sealed BYTEA NOT NULL DEFAULT '';

-- Tokens of users who disconnected or were deleted, to be revoked on GitHub.
CREATE TABLE abandoned_tokens (
    token_hash  TEXT   PRIMARY KEY,
    sealed      BYTEA  NOT NULL,
    expires_at  BIGINT NOT NULL
);
