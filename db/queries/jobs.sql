-- name: QueueJob :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
VALUES (@kind, @subject, @run_at, @now)
ON CONFLICT (kind, subject) DO NOTHING;

-- A job that is there is done at once rather than later.
-- name: HastenJob :exec
INSERT INTO jobs (kind, subject, run_at, created_at)
VALUES (@kind, @subject, @run_at, @now)
ON CONFLICT (kind, subject) DO UPDATE SET run_at = excluded.run_at
WHERE jobs.run_at > excluded.run_at;

-- name: DropJob :exec
DELETE FROM jobs WHERE kind = @kind AND subject = @subject;

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

-- name: CountJob :one
SELECT COUNT(*) FROM jobs WHERE id = @id;

-- name: RescheduleJob :execrows
UPDATE jobs
SET run_at = @run_at,
    locked_until = 0
WHERE id = @id
  AND locked_until = @held_until;

-- name: HandBackJob :execrows
UPDATE jobs
SET run_at = @run_at,
    locked_until = 0,
    attempts = attempts - 1
WHERE id = @id
  AND locked_until = @held_until;
