-- A second request joins the reading that is under way. finished_until keeps
-- one that is recent enough.
-- name: QueueAppReading :execrows
INSERT INTO app_readings (id, run, state, message, started_at, retry_at, finished_at, synced_at)
VALUES (1, 0, 'queued', '', 0, 0, 0, 0)
ON CONFLICT (id) DO UPDATE SET
    state = 'queued',
    message = '',
    retry_at = 0
WHERE app_readings.state IN ('done', 'failed')
  AND app_readings.finished_at <= @finished_until;

-- name: GetAppReading :one
SELECT * FROM app_readings WHERE id = 1;

-- name: StartAppReading :one
INSERT INTO app_readings (id, run, state, message, started_at, retry_at, finished_at, synced_at, as_of)
VALUES (1, 1, 'running', '', @now, 0, 0, 0, (SELECT COALESCE(MAX(n.id), 0) FROM news AS n))
ON CONFLICT (id) DO UPDATE SET
    run = app_readings.run + 1,
    state = 'running',
    message = '',
    started_at = excluded.started_at,
    retry_at = 0,
    as_of = excluded.as_of
RETURNING run;

-- name: WaitAppReading :exec
UPDATE app_readings
SET state = 'waiting',
    message = @message,
    retry_at = @retry_at
WHERE id = 1;

-- name: FailAppReading :exec
UPDATE app_readings
SET state = 'failed',
    message = @message,
    retry_at = 0,
    finished_at = @now
WHERE id = 1;

-- name: FinishAppReading :exec
UPDATE app_readings
SET state = 'done',
    message = '',
    skipped_reasons = @skipped_reasons,
    retry_at = 0,
    finished_at = @now,
    synced_at = @now
WHERE id = 1;

-- name: MarkInstallationSeen :exec
UPDATE installations SET seen_reading = @run WHERE id = @id AND seen_reading < @run;

-- name: ListUnseenInstallations :many
SELECT id FROM installations WHERE deleted_at = 0 AND seen_reading < @run ORDER BY id;

-- Another App's installations are none of this one's.
-- name: MarkEveryInstallationDeleted :exec
UPDATE installations SET deleted_at = @now WHERE deleted_at = 0;

-- name: ForgetAppReading :exec
DELETE FROM app_readings WHERE id = 1;
