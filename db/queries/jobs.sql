-- A job that is there stays as it is; updating it to itself makes whoever is
-- about to delete it wait until the run queued along with it can be seen.
-- name: QueueJob :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
VALUES (@kind, @subject, @run_at, @now)
ON CONFLICT (kind, subject) DO UPDATE SET run_at = jobs.run_at;

-- A job that is there is done at once rather than later.
-- name: HastenJob :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
VALUES (@kind, @subject, @run_at, @now)
ON CONFLICT (kind, subject) DO UPDATE SET run_at = excluded.run_at
WHERE jobs.run_at > excluded.run_at;

-- A run queued while the job of the run before it was still there has none.
-- name: QueueJobsOfRuns :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
SELECT
    CASE WHEN s.record_id IS NULL THEN CAST(@of_user AS TEXT) ELSE CAST(@of_record AS TEXT) END,
    COALESCE(CAST(s.record_id AS TEXT), s.user_id),
    CAST(@now AS BIGINT),
    CAST(@now AS BIGINT)
FROM sync_runs AS s
WHERE s.finished_at = 0
  AND s.state = 'queued'
ORDER BY s.id
ON CONFLICT (kind, subject) DO NOTHING;

-- FOR UPDATE SKIP LOCKED keeps PostgreSQL's workers out of each other's way;
-- SQLite, where it is cut off, has one writer at a time.
-- name: ClaimJob :one
UPDATE jobs
SET locked_until = @locked_until,
    attempts = attempts + 1
WHERE id = (
        SELECT j.id
        FROM jobs AS j
        WHERE j.run_at <= @now
          AND j.locked_until < @now
        ORDER BY j.run_at, j.id
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    )
  AND locked_until < @now
RETURNING *;

-- A worker whose lock ran out has lost the job: the lock is the proof of holding it.
-- name: ExtendJob :execrows
UPDATE jobs
SET locked_until = @locked_until
WHERE id = @id
  AND locked_until = @held_until;

-- name: DeleteJob :execrows
DELETE FROM jobs WHERE id = @id AND locked_until = @held_until;

-- name: RescheduleJob :execrows
UPDATE jobs
SET run_at = @run_at,
    locked_until = 0
WHERE id = @id
  AND locked_until = @held_until;

-- name: HandBackJob :execrows
UPDATE jobs
SET locked_until = 0,
    attempts = attempts - 1
WHERE id = @id
  AND locked_until = @held_until;
