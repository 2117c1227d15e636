-- An empty user_id means everybody with a record on the account.
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
    asked = access_checks.asked + 1;

-- Whoever sees one of the repositories now.
-- name: InsertChecksOfHolders :execrows
INSERT INTO access_checks (record_id, repository_id, name, held)
SELECT
    ir.id,
    CAST(j.key AS BIGINT),
    j.value ->> 'name',
    TRUE
FROM json_each(@repositories) AS j
JOIN access AS a ON a.repository_id = CAST(j.key AS BIGINT)
JOIN installation_records AS ir ON ir.user_id = a.user_id AND ir.account_id = a.account_id AND ir.hidden_at = 0
WHERE CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT)
ON CONFLICT (record_id, repository_id) DO UPDATE SET
    name = excluded.name,
    asked = access_checks.asked + 1,
    held = TRUE;

-- Like EnqueueJob, for the checks of an account.
-- name: EnqueueCheckJobs :exec
INSERT INTO jobs (kind, subject, priority, run_at, created_at)
SELECT DISTINCT
    'check_access',
    CAST(c.record_id AS TEXT),
    CAST(@priority AS BIGINT),
    CAST(@run_at AS BIGINT),
    CAST(@now AS BIGINT)
FROM access_checks AS c
JOIN installation_records AS ir ON ir.id = c.record_id
WHERE ir.account_id = @account_id
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

-- name: ListChecks :many
SELECT
    c.repository_id,
    c.asked,
    c.held,
    c.name,
    COALESCE(o.login, '') AS owner,
    COALESCE(r.name, '') AS stored_name
FROM access_checks AS c
LEFT JOIN repositories AS r ON r.id = c.repository_id
LEFT JOIN accounts AS o ON o.id = r.account_id
WHERE c.record_id = @record_id
ORDER BY c.repository_id
LIMIT CAST(@most AS BIGINT);

-- name: DeleteCheck :exec
DELETE FROM access_checks WHERE record_id = @record_id AND repository_id = @repository_id AND asked = @asked;

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
