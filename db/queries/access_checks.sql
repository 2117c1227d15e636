-- An empty user_id means all users with a record on the account.
-- name: InsertChecks :execrows
INSERT INTO access_checks (record_id, repository_id, name)
SELECT
    ir.id,
    CAST(j.key AS BIGINT),
    j.value ->> 'name'
FROM installation_records AS ir
CROSS JOIN json_each(@repositories) AS j
WHERE ir.account_id = @account_id
  AND ir.hidden_at = 0
  AND (CAST(@user_id AS TEXT) = '' OR ir.user_id = CAST(@user_id AS TEXT))
ON CONFLICT (record_id, repository_id) DO UPDATE SET
    name = excluded.name,
    requests = access_checks.requests + 1;

-- The users who see one of the repositories now.
-- name: InsertChecksOfHolders :execrows
INSERT INTO access_checks (record_id, repository_id, name, held)
SELECT
    ir.id,
    CAST(j.key AS BIGINT),
    j.value ->> 'name',
    TRUE
FROM json_each(@repositories) AS j
CROSS JOIN access AS a
CROSS JOIN installation_records AS ir
WHERE a.repository_id = CAST(j.key AS BIGINT)
  AND ir.user_id = a.user_id
  AND ir.account_id = a.account_id
  AND ir.hidden_at = 0
  AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
ON CONFLICT (record_id, repository_id) DO UPDATE SET
    name = excluded.name,
    requests = access_checks.requests + 1,
    held = TRUE;

-- Like EnqueueJob, for the checks of an account: the users who used Neptun last come
-- first, a few at once and the others one after the other.
-- name: EnqueueCheckJobs :exec
INSERT INTO jobs (kind, subject, priority, run_at, created_at)
SELECT
    'check_access',
    CAST(c.record_id AS TEXT),
    CAST(@priority AS BIGINT),
    CAST(@run_at AS BIGINT) + CASE
        WHEN ROW_NUMBER() OVER (ORDER BY c.seen_at DESC, c.record_id) <= CAST(@at_once AS BIGINT) THEN 0
        ELSE CAST(@apart AS BIGINT) * (ROW_NUMBER() OVER (ORDER BY c.seen_at DESC, c.record_id) - CAST(@at_once AS BIGINT))
    END,
    CAST(@now AS BIGINT)
FROM (
    SELECT
        ir.id AS record_id,
        COALESCE((SELECT MAX(s.last_seen_at) FROM sessions AS s WHERE s.user_id = ir.user_id), 0) AS seen_at
    FROM installation_records AS ir
    WHERE ir.account_id = @account_id
      AND EXISTS (SELECT 1 FROM access_checks AS ac WHERE ac.record_id = ir.id)
) AS c
WHERE TRUE
ON CONFLICT (kind, subject) DO UPDATE SET
    run_at = CASE WHEN jobs.locked_until = 0 AND jobs.attempts > 0 AND excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END,
    attempts = CASE WHEN jobs.locked_until = 0 THEN 0 ELSE jobs.attempts END,
    again_at = CASE
        WHEN jobs.locked_until = 0 THEN 0
        WHEN jobs.again_at = 0 OR excluded.run_at < jobs.again_at THEN excluded.run_at
        ELSE jobs.again_at
    END
WHERE jobs.locked_until > 0
   OR jobs.attempts > 0;

-- name: CountChecksOfAccount :one
SELECT COUNT(DISTINCT c.record_id)
FROM access_checks AS c
JOIN installation_records AS ir ON ir.id = c.record_id
WHERE ir.account_id = @account_id;

-- name: DeleteChecksOfRepository :exec
DELETE FROM access_checks WHERE repository_id = @repository_id;

-- name: ListAccountsWithChecks :many
SELECT DISTINCT ir.account_id
FROM access_checks AS c
JOIN installation_records AS ir ON ir.id = c.record_id
WHERE c.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j)
ORDER BY ir.account_id;

-- name: ListChecks :many
SELECT
    c.repository_id,
    c.requests,
    c.held,
    c.name,
    COALESCE(o.login, '') AS owner,
    COALESCE(r.name, '') AS stored_name
FROM access_checks AS c
LEFT JOIN repositories AS r ON r.id = c.repository_id
LEFT JOIN accounts AS o ON o.id = r.account_id
WHERE c.record_id = @record_id
ORDER BY c.repository_id
LIMIT CAST(@row_limit AS BIGINT);

-- name: DeleteCheck :exec
DELETE FROM access_checks WHERE record_id = @record_id AND repository_id = @repository_id AND requests = @requests;

-- name: DeleteChecks :exec
DELETE FROM access_checks WHERE record_id = @record_id;

-- name: GetCheckTarget :one
SELECT
    ir.id,
    ir.user_id,
    ir.account_id,
    ir.installation_id,
    i.repository_selection,
    o.kind,
    o.github_id,
    CAST(ir.hidden_at > 0 OR i.deleted_at > 0 AS BOOLEAN) AS gone,
    CAST(i.suspended_at > 0 AS BOOLEAN) AS suspended
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
JOIN accounts AS o ON o.id = ir.account_id
WHERE ir.id = @id;

-- name: GetRecordRepositoryCount :one
SELECT repository_count FROM installation_records WHERE id = @id;
