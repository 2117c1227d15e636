-- +goose Up

-- Why rows of GitHub's lists could not be used: a JSON object of counts by reason.
ALTER TABLE sync_pages ADD COLUMN skipped_reasons TEXT NOT NULL DEFAULT '{}';
ALTER TABLE sync_runs ADD COLUMN skipped_reasons TEXT NOT NULL DEFAULT '{}';
CREATE INDEX sync_runs_skipped ON sync_runs (id) WHERE skipped > 0 OR note <> '';

-- What a finished recovery could not bring back, for people, and since when everything
-- is synced because of it; 0 once that is over.
ALTER TABLE delivery_recovery ADD COLUMN note TEXT NOT NULL DEFAULT '';
ALTER TABLE delivery_recovery ADD COLUMN reconcile_since BIGINT NOT NULL DEFAULT 0;
