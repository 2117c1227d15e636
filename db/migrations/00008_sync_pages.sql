-- +goose Up

-- How far a run has come. A list is read as often as it takes to prove what is
-- there and what is not; access.seen_run holds the run's number and the reading's.
ALTER TABLE sync_runs ADD COLUMN installation_id BIGINT NOT NULL DEFAULT 0; -- GitHub's, whose list is read
ALTER TABLE sync_runs ADD COLUMN reading BIGINT NOT NULL DEFAULT 0; -- how many were begun
ALTER TABLE sync_runs ADD COLUMN reading_at BIGINT NOT NULL DEFAULT 0; -- when the one under way began, 0 for none
ALTER TABLE sync_runs ADD COLUMN shifted BIGINT NOT NULL DEFAULT 0; -- how many proved nothing
ALTER TABLE sync_runs ADD COLUMN whole BOOLEAN NOT NULL DEFAULT FALSE; -- one has met the whole list
ALTER TABLE sync_runs ADD COLUMN known_before BIGINT NOT NULL DEFAULT 0; -- repositories

-- The pages of a record's list as they were read last: what is done of a
-- reading, and what GitHub is asked whether it has changed.
CREATE TABLE sync_pages (
    record_id        BIGINT NOT NULL REFERENCES installation_records (id) ON DELETE CASCADE,
    page             BIGINT NOT NULL, -- from 1
    mark             BIGINT NOT NULL, -- the reading that read it last, as in access.seen_run
    installation_id  BIGINT NOT NULL, -- GitHub's, whose page it is
    token_version    BIGINT NOT NULL, -- of github_tokens: GitHub's ETags depend on the token
    etag             TEXT   NOT NULL, -- empty for none
    total            BIGINT NOT NULL, -- items on all pages
    items            BIGINT NOT NULL,
    more             BOOLEAN NOT NULL, -- GitHub names a next page
    ids              TEXT   NOT NULL, -- a JSON object keyed by repository
    digest           TEXT   NOT NULL, -- of all that the page says
    PRIMARY KEY (record_id, page)
);

-- The pages of the list of a person's installations, as GitHub gave them last.
CREATE TABLE installation_pages (
    user_id        TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    page           BIGINT NOT NULL, -- from 1
    token_version  BIGINT NOT NULL,
    etag           TEXT   NOT NULL,
    body           BYTEA  NOT NULL, -- what Neptun reads of it, as JSON
    PRIMARY KEY (user_id, page)
);

-- Until when GitHub answers nothing more in a person's name.
CREATE TABLE request_limits (
    user_id    TEXT    PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    until      BIGINT  NOT NULL,
    secondary  BOOLEAN NOT NULL -- GitHub's word for too much at once
);
