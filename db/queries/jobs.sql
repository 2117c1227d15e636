-- Joins a queued job of the same kind and subject; after a failure it becomes due like a new one.
-- A leased job runs once more after its current run, which may have read the data before the
-- change.
-- name: EnqueueJob :exec
INSERT INTO jobs (kind, subject, priority, run_at, created_at)
VALUES (@kind, @subject, @priority, @run_at, @now)
ON CONFLICT (kind, subject) DO UPDATE SET
    priority = CASE WHEN excluded.priority < jobs.priority THEN excluded.priority ELSE jobs.priority END,
    run_at = CASE WHEN jobs.locked_until = 0 AND jobs.attempts > 0 AND excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
    attempts = CASE WHEN jobs.locked_until = 0 THEN 0 ELSE jobs.attempts END,
    again_at = CASE
        WHEN jobs.locked_until = 0 THEN 0
        WHEN jobs.again_at = 0 OR excluded.run_at < jobs.again_at THEN excluded.run_at
        ELSE jobs.again_at
    END
WHERE jobs.locked_until > 0
   OR jobs.attempts > 0
   OR jobs.priority > excluded.priority;

-- Like EnqueueJob, but a job that waits is due now.
-- name: RunJobNow :exec
INSERT INTO jobs (kind, subject, priority, run_at, created_at)
VALUES (@kind, @subject, @priority, @now, @now)
ON CONFLICT (kind, subject) DO UPDATE SET
    priority = CASE WHEN excluded.priority < jobs.priority THEN excluded.priority ELSE jobs.priority END,
    run_at = CASE WHEN jobs.locked_until = 0 AND jobs.run_at > excluded.run_at THEN excluded.run_at ELSE jobs.run_at END,
    attempts = CASE WHEN jobs.locked_until = 0 THEN 0 ELSE jobs.attempts END,
    again_at = CASE WHEN jobs.locked_until = 0 THEN 0 ELSE excluded.run_at END;

-- name: EnsureJob :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
VALUES (@kind, @subject, @now, @now)
ON CONFLICT (kind, subject) DO NOTHING;

-- FOR UPDATE SKIP LOCKED keeps PostgreSQL's workers from blocking each other; it is removed
-- for SQLite, which has one writer at a time.
-- name: LeaseJob :one
UPDATE jobs
SET locked_until = @locked_until,
    claim = @claim
WHERE id = (
        SELECT j.id
        FROM jobs AS j
        WHERE j.run_at <= @now
          AND j.locked_until < @now
          AND j.kind IN (SELECT CAST(k.key AS TEXT) FROM json_each(@kinds) AS k)
        ORDER BY j.priority, j.run_at, j.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
  AND locked_until < @now
RETURNING id, kind, subject, attempts;

-- FOR SHARE keeps others from claiming the job before the transaction ends.
-- name: HoldJob :one
SELECT id FROM jobs WHERE id = @id AND claim = @claim FOR SHARE;

-- name: JobIsHeld :one
SELECT COUNT(*) FROM jobs WHERE id = @id AND claim = @claim;

-- The claim proves that a worker holds the job: a worker that claims it after the lease has
-- expired gets another one.
-- name: ExtendJob :execrows
UPDATE jobs
SET locked_until = @locked_until
WHERE id = @id
  AND claim = @claim;

-- name: FinishJob :execrows
DELETE FROM jobs WHERE id = @id AND claim = @claim AND again_at = 0;

-- name: RepeatJob :execrows
UPDATE jobs
SET run_at = again_at,
    again_at = 0,
    locked_until = 0,
    claim = 0,
    attempts = 0
WHERE id = @id
  AND claim = @claim;

-- name: ReleaseJob :execrows
UPDATE jobs
SET run_at = CASE WHEN again_at > 0 AND again_at < @run_at THEN again_at ELSE @run_at END,
    again_at = 0,
    locked_until = 0,
    claim = 0,
    attempts = @attempts
WHERE id = @id
  AND claim = @claim;

-- name: ReleaseAllJobs :execrows
UPDATE jobs SET locked_until = 0, claim = 0 WHERE locked_until > 0;
