-- +goose Up

-- GitHub's tokens that were handed out to people, by their hash alone, so that
-- whoever was given one can give it back, and nobody else.
CREATE TABLE access_tokens (
    token_hash  TEXT   PRIMARY KEY,
    record_id   BIGINT NOT NULL REFERENCES installation_records (id) ON DELETE CASCADE,
    kind        TEXT   NOT NULL, -- user, installation
    expires_at  BIGINT NOT NULL -- 0: does not expire
);
CREATE INDEX access_tokens_record ON access_tokens (record_id);
CREATE INDEX access_tokens_expiry ON access_tokens (expires_at);
