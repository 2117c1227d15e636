-- +goose Up

-- What of a record's repositories is imported by itself: nothing, everything,
-- or what one of the rules, a JSON array, takes.
ALTER TABLE installation_records ADD COLUMN auto_import TEXT NOT NULL DEFAULT 'off';
ALTER TABLE installation_records ADD COLUMN auto_import_rules TEXT NOT NULL DEFAULT '[]';
CREATE INDEX installation_records_auto_import ON installation_records (account_id) WHERE auto_import <> 'off';

-- What a person removed by hand, so that it doesn't come back by itself.
CREATE TABLE import_exclusions (
    user_id        TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    repository_id  BIGINT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
    created_at     BIGINT NOT NULL,
    PRIMARY KEY (user_id, repository_id)
);
CREATE INDEX import_exclusions_repository ON import_exclusions (repository_id);
