-- A second request joins the run that is there.
-- name: QueueUserRun :execrows
INSERT INTO sync_runs (user_id, state, queued_at)
VALUES (@user_id, 'queued', @now)
ON CONFLICT (user_id) WHERE finished_at = 0 AND record_id IS NULL DO NOTHING;

-- name: QueueRecordRun :execrows
INSERT INTO sync_runs (user_id, record_id, state, queued_at)
SELECT ir.user_id, ir.id, 'queued', CAST(@now AS BIGINT)
FROM installation_records AS ir
WHERE ir.id = @record_id
ON CONFLICT (record_id) WHERE finished_at = 0 AND record_id IS NOT NULL DO NOTHING;

-- name: GetLiveUserRun :one
SELECT * FROM sync_runs WHERE user_id = @user_id AND record_id IS NULL AND finished_at = 0;

-- name: GetLiveRecordRun :one
SELECT * FROM sync_runs WHERE record_id = @record_id AND finished_at = 0;

-- name: DeleteRun :exec
DELETE FROM sync_runs WHERE id = @id;

-- No row comes back where another worker was quicker.
-- name: InsertRun :one
INSERT INTO sync_runs (user_id, record_id, state, queued_at, started_at, as_of)
VALUES (@user_id, @record_id, 'running', @queued_at, @now, (SELECT COALESCE(MAX(n.id), 0) FROM news AS n))
ON CONFLICT DO NOTHING
RETURNING *;

-- name: ResumeRun :exec
UPDATE sync_runs
SET state = 'running',
    message = '',
    retry_at = 0,
    started_at = CASE WHEN started_at = 0 THEN CAST(@now AS BIGINT) ELSE started_at END,
    as_of = CASE WHEN started_at = 0 THEN (SELECT COALESCE(MAX(n.id), 0) FROM news AS n) ELSE as_of END
WHERE sync_runs.id = @id
  AND finished_at = 0;

-- name: GetRun :one
SELECT * FROM sync_runs WHERE id = @id AND finished_at = 0;

-- Of two workers that begin the same reading the first one does.
-- name: BeginReading :execrows
UPDATE sync_runs
SET reading = @reading,
    reading_at = @now,
    installation_id = @installation_id,
    known_before = CASE WHEN reading = 0 THEN CAST(@known AS BIGINT) ELSE known_before END,
    as_of = (SELECT COALESCE(MAX(n.id), 0) FROM news AS n)
WHERE sync_runs.id = @id
  AND reading < @reading
  AND finished_at = 0;

-- name: EndReading :exec
UPDATE sync_runs
SET reading_at = 0,
    whole = whole OR CAST(@whole AS BOOLEAN),
    whole_pass = CASE WHEN whole_pass = 0 AND CAST(@whole AS BOOLEAN) THEN reading ELSE whole_pass END,
    shifted = shifted + CASE WHEN CAST(@whole AS BOOLEAN) THEN 0 ELSE 1 END
WHERE id = @id
  AND reading = @reading
  AND reading_at > 0
  AND finished_at = 0;

-- name: ProgressRun :exec
UPDATE sync_runs
SET state = 'running',
    pages_done = @pages_done,
    pages_total = @pages_total,
    repositories_seen = @repositories_seen
WHERE id = @id
  AND finished_at = 0;

-- What a run that finishes could not tell for sure.
-- name: NoteRun :exec
UPDATE sync_runs
SET skipped = @skipped,
    skipped_reasons = @skipped_reasons,
    note = @note
WHERE id = @id
  AND finished_at = 0;

-- The latest run of each record and of each user's installations that finished, where
-- it left something open.
-- name: ListFindings :many
SELECT
    s.record_id,
    s.skipped,
    s.skipped_reasons,
    s.note
FROM sync_runs AS s
WHERE (s.skipped > 0 OR s.note <> '')
  AND NOT EXISTS (
      SELECT 1
      FROM sync_runs AS later
      WHERE later.record_id = s.record_id
        AND later.id > s.id
        AND later.state = 'done'
  )
  AND (s.record_id IS NOT NULL OR NOT EXISTS (
      SELECT 1
      FROM sync_runs AS later
      WHERE later.user_id = s.user_id
        AND later.record_id IS NULL
        AND later.id > s.id
        AND later.state = 'done'
  ));

-- name: WaitRun :exec
UPDATE sync_runs
SET state = 'waiting',
    message = @message,
    retry_at = @retry_at
WHERE id = @id
  AND finished_at = 0;

-- name: FinishRun :execrows
UPDATE sync_runs
SET state = @state,
    message = @message,
    retry_at = 0,
    finished_at = @now
WHERE id = @id
  AND finished_at = 0;

-- name: GetUserRun :one
SELECT * FROM sync_runs WHERE user_id = @user_id AND record_id IS NULL ORDER BY id DESC LIMIT 1;

-- name: GetUserSyncedAt :one
SELECT CAST(COALESCE(MAX(finished_at), 0) AS BIGINT) AS synced_at
FROM sync_runs
WHERE user_id = @user_id
  AND record_id IS NULL
  AND state = 'done';

-- name: DeleteOldRuns :execrows
DELETE FROM sync_runs WHERE finished_at > 0 AND finished_at <= @finished_until;

-- A run that waits after a failure is done now; one that waits for GitHub's limit is
-- not.
-- name: HastenRun :execrows
UPDATE sync_runs
SET state = 'queued',
    message = '',
    retry_at = 0
WHERE id = @id
  AND state = 'waiting'
  AND NOT EXISTS (
      SELECT 1
      FROM request_limits AS l
      WHERE l.user_id = sync_runs.user_id
        AND l.until > @now
  );
