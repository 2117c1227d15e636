-- A second request joins the active run: no row is returned.
-- name: InsertRun :one
INSERT INTO sync_runs (kind, subject, user_id, record_id, state, queued_at, started_at, revision)
VALUES (@kind, @subject, @user_id, @record_id, @state, @queued_at, @started_at, (SELECT COALESCE(MAX(c.id), 0) FROM changes AS c))
ON CONFLICT (kind, subject) WHERE finished_at = 0 DO NOTHING
RETURNING id;

-- name: GetActiveRun :one
SELECT * FROM sync_runs WHERE kind = @kind AND subject = @subject AND finished_at = 0;

-- name: GetLatestRun :one
SELECT * FROM sync_runs WHERE kind = @kind AND subject = @subject ORDER BY id DESC LIMIT 1;

-- name: GetSyncedAt :one
SELECT CAST(COALESCE(MAX(finished_at), 0) AS BIGINT) AS synced_at
FROM sync_runs
WHERE kind = @kind
  AND subject = @subject
  AND state = 'done';

-- name: DeleteRun :exec
DELETE FROM sync_runs WHERE id = @id;

-- name: ResumeRun :exec
UPDATE sync_runs
SET state = 'running',
    message = '',
    retry_at = 0,
    started_at = CASE WHEN started_at = 0 THEN CAST(@now AS BIGINT) ELSE started_at END,
    revision = CASE WHEN started_at = 0 THEN (SELECT COALESCE(MAX(c.id), 0) FROM changes AS c) ELSE revision END
WHERE sync_runs.id = @id
  AND finished_at = 0;

-- name: GetRun :one
SELECT * FROM sync_runs WHERE id = @id AND finished_at = 0;

-- Of two workers that start the same pass, only the first succeeds.
-- name: StartPass :execrows
UPDATE sync_runs
SET pass = @pass,
    pass_started_at = @now,
    installation_id = @installation_id,
    known_before = CASE WHEN pass = 0 THEN CAST(@known AS BIGINT) ELSE known_before END,
    revision = (SELECT COALESCE(MAX(c.id), 0) FROM changes AS c)
WHERE sync_runs.id = @id
  AND pass < @pass
  AND finished_at = 0;

-- name: FinishPass :exec
UPDATE sync_runs
SET pass_started_at = 0,
    whole_pass = CASE WHEN whole_pass = 0 AND CAST(@whole AS BOOLEAN) THEN pass ELSE whole_pass END,
    shifted = shifted + CASE WHEN CAST(@whole AS BOOLEAN) THEN 0 ELSE 1 END
WHERE id = @id
  AND pass = @pass
  AND pass_started_at > 0
  AND finished_at = 0;

-- name: ProgressRun :exec
UPDATE sync_runs
SET state = 'running',
    pages_done = @pages_done,
    pages_total = @pages_total,
    repositories_seen = @repositories_seen
WHERE id = @id
  AND finished_at = 0;

-- Records what a run that is about to finish couldn't prove.
-- name: AnnotateRun :exec
UPDATE sync_runs
SET skipped = @skipped,
    skipped_reasons = @skipped_reasons,
    note = @note
WHERE id = @id
  AND finished_at = 0;

-- The latest complete run of each sync, if it left something uncertain.
-- name: ListFindings :many
SELECT
    s.kind,
    s.skipped,
    s.skipped_reasons
FROM sync_runs AS s
WHERE (s.skipped > 0 OR s.note <> '')
  AND NOT EXISTS (
      SELECT 1
      FROM sync_runs AS later
      WHERE later.kind = s.kind
        AND later.subject = s.subject
        AND later.id > s.id
        AND later.state = 'done'
  );

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

-- The App's last complete run of a kind is kept: pages show its age.
-- name: DeleteOldRuns :execrows
DELETE FROM sync_runs
WHERE sync_runs.finished_at > 0
  AND sync_runs.finished_at <= @finished_until
  AND (
      sync_runs.user_id IS NOT NULL
      OR sync_runs.state <> 'done'
      OR sync_runs.finished_at < (
          SELECT MAX(latest.finished_at)
          FROM sync_runs AS latest
          WHERE latest.kind = sync_runs.kind
            AND latest.subject = sync_runs.subject
            AND latest.state = 'done'
      )
  );

-- Runs of another App are meaningless for this one.
-- name: DeleteAppRuns :exec
DELETE FROM sync_runs WHERE user_id IS NULL;

-- A user's run that waits after a failure is retried now; one that waits for GitHub's
-- rate limit isn't. The App's limits aren't known here, so its runs wait.
-- name: RunNow :execrows
UPDATE sync_runs
SET state = 'queued',
    message = '',
    retry_at = 0
WHERE id = @id
  AND state = 'waiting'
  AND (user_id IS NOT NULL OR retry_at <= @now)
  AND NOT EXISTS (
      SELECT 1
      FROM request_limits AS l
      WHERE l.user_id = sync_runs.user_id
        AND l.until > @now
  );
