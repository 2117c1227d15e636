-- +goose Up

-- When GitHub issued the access token, 0 for one of before: GitHub's replicas may
-- not know a new one yet.
ALTER TABLE github_tokens ADD COLUMN issued_at BIGINT NOT NULL DEFAULT 0;
-- Why GitHub refuses the user, beside refused_at: 'account_suspended', or empty
-- where a new sign-in is all that it takes.
ALTER TABLE github_tokens ADD COLUMN refusal TEXT NOT NULL DEFAULT '';
