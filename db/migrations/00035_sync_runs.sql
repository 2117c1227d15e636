-- +goose Up

-- Every sync is stored alike: kind and subject are those of the job that does it.
-- user_id and record_id are what it is deleted with, NULL for a sync of the App.
ALTER TABLE sync_runs RENAME COLUMN user_id TO former_user_id;
ALTER TABLE sync_runs ADD COLUMN user_id TEXT REFERENCES users (id) ON DELETE CASCADE;
ALTER TABLE sync_runs ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE sync_runs ADD COLUMN subject TEXT NOT NULL DEFAULT '';
-- Of a recovery of deliveries: how many were missing, and how many of those were fetched.
ALTER TABLE sync_runs ADD COLUMN found BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sync_runs ADD COLUMN fetched BIGINT NOT NULL DEFAULT 0;
UPDATE sync_runs
SET user_id = former_user_id,
    kind = CASE WHEN record_id IS NULL THEN 'sync_installations' ELSE 'sync_repositories' END,
    subject = CASE WHEN record_id IS NULL THEN former_user_id ELSE CAST(record_id AS TEXT) END;
DROP INDEX sync_runs_live_record;
DROP INDEX sync_runs_live_user;
DROP INDEX sync_runs_user;
ALTER TABLE sync_runs DROP COLUMN former_user_id;
CREATE UNIQUE INDEX sync_runs_active ON sync_runs (kind, subject) WHERE finished_at = 0;
CREATE INDEX sync_runs_subject ON sync_runs (kind, subject, id);
CREATE INDEX sync_runs_done ON sync_runs (kind, subject, finished_at) WHERE state = 'done';
CREATE INDEX sync_runs_user ON sync_runs (user_id);

INSERT INTO sync_runs (kind, subject, state, queued_at, started_at, finished_at, as_of)
SELECT 'sync_app_installations', '', 'done', started_at, started_at, synced_at, as_of
FROM app_readings
WHERE synced_at > 0;
INSERT INTO sync_runs (kind, subject, state, message, queued_at, started_at, retry_at, finished_at, as_of)
SELECT 'sync_app_installations', '', state, message, started_at, started_at, retry_at, CASE WHEN state = 'failed' THEN finished_at ELSE 0 END, as_of
FROM app_readings
WHERE state <> 'done';
DROP TABLE app_readings;
-- Runs have other numbers than the readings had.
UPDATE installations SET seen_reading = 0;

-- How far the recovery of deliveries has read GitHub's list.
CREATE TABLE delivery_recovery (
    id         BIGINT PRIMARY KEY CHECK (id = 1),
    watermark  BIGINT NOT NULL, -- what GitHub sent until then is recorded
    cursor     TEXT   NOT NULL, -- where the list continues; '' for its newest
    newest     BIGINT NOT NULL  -- the next watermark, once the list is read
);
INSERT INTO delivery_recovery (id, watermark, cursor, newest)
SELECT id, watermark, cursor, newest
FROM catch_ups;

INSERT INTO sync_runs (kind, subject, state, message, queued_at, started_at, finished_at, found, fetched)
SELECT
    'recover_deliveries',
    '',
    'done',
    CASE WHEN state = 'done' THEN message ELSE '' END,
    CASE WHEN state = 'done' THEN started_at ELSE finished_at END,
    CASE WHEN state = 'done' THEN started_at ELSE finished_at END,
    finished_at,
    CASE WHEN state = 'done' THEN found ELSE 0 END,
    CASE WHEN state = 'done' THEN fetched ELSE 0 END
FROM catch_ups
WHERE finished_at > 0;
INSERT INTO sync_runs (kind, subject, state, message, queued_at, started_at, retry_at, finished_at, found, fetched)
SELECT 'recover_deliveries', '', state, message, started_at, started_at, retry_at, CASE WHEN state = 'failed' THEN started_at ELSE 0 END, found, fetched
FROM catch_ups
WHERE state <> 'done';
DROP TABLE catch_ups;
UPDATE jobs SET kind = 'recover_deliveries' WHERE kind = 'catch_up';
