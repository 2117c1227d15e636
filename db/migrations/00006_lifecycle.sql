-- +goose Up

-- Who suspended it through Neptun: GitHub lets a suspension be lifted only the
-- way it was made. 0 while it isn't suspended, or was suspended elsewhere.
ALTER TABLE installations ADD COLUMN suspended_through BIGINT NOT NULL DEFAULT 0; -- a person's GitHub id
ALTER TABLE installations ADD COLUMN suspended_through_login TEXT NOT NULL DEFAULT ''; -- theirs at that time

-- That a member asked an account's owners to install the App.
CREATE TABLE install_requests (
    id               BIGINT PRIMARY KEY, -- GitHub's
    account_id       BIGINT NOT NULL REFERENCES accounts (id),
    requester_id     BIGINT NOT NULL, -- a person's GitHub id
    requester_login  TEXT   NOT NULL,
    state            TEXT   NOT NULL, -- pending, ready, gone
    requested_at     BIGINT NOT NULL,
    settled_at       BIGINT NOT NULL DEFAULT 0 -- since when it is no longer pending
);
CREATE INDEX install_requests_account ON install_requests (account_id);
CREATE INDEX install_requests_requester ON install_requests (requester_id, id);
