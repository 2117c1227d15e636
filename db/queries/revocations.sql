-- Access to repositories is revoked from a batch of their viewers at a time, so that
-- no transaction lasts long. @account_id is the account that owns them, 0 for any.

-- name: ListViewers :many
SELECT DISTINCT a.user_id
FROM json_each(@repositories) AS j
CROSS JOIN access AS a
WHERE a.repository_id = CAST(j.key AS BIGINT)
  AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
LIMIT CAST(@row_limit AS BIGINT);

-- name: InsertChecksOfViewers :exec
INSERT INTO access_checks (record_id, repository_id, name, held)
SELECT
    ir.id,
    a.repository_id,
    j.value ->> 'name',
    TRUE
FROM json_each(@users) AS u
CROSS JOIN json_each(@repositories) AS j
CROSS JOIN access AS a
CROSS JOIN installation_records AS ir
WHERE a.user_id = u.key
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
  AND ir.user_id = a.user_id
  AND ir.account_id = a.account_id
  AND ir.hidden_at = 0
ON CONFLICT (record_id, repository_id) DO UPDATE SET
    name = excluded.name,
    requests = access_checks.requests + 1,
    held = TRUE;

-- The whole record is checked, instead of each repository.
-- name: InsertWholeChecksOfViewers :exec
INSERT INTO access_checks (record_id, repository_id, name)
SELECT DISTINCT
    ir.id,
    CAST(0 AS BIGINT),
    ''
FROM json_each(@users) AS u
CROSS JOIN json_each(@repositories) AS j
CROSS JOIN access AS a
CROSS JOIN installation_records AS ir
WHERE a.user_id = u.key
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
  AND ir.user_id = a.user_id
  AND ir.account_id = a.account_id
  AND ir.hidden_at = 0
ON CONFLICT (record_id, repository_id) DO UPDATE SET
    requests = access_checks.requests + 1;

-- How many each viewer is about to lose.
-- name: InsertHistoryOfViewers :exec
INSERT INTO history (account_id, user_id, at, cause, event, change, count)
SELECT
    a.account_id,
    a.user_id,
    CAST(@at AS BIGINT),
    CAST(@cause AS TEXT),
    CAST(@event AS TEXT),
    CAST(@change AS TEXT),
    COUNT(*)
FROM json_each(@users) AS u
CROSS JOIN json_each(@repositories) AS j
CROSS JOIN access AS a
WHERE a.user_id = u.key
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
GROUP BY a.account_id, a.user_id;

-- name: DeleteAccessOfViewers :many
DELETE FROM access
WHERE (access.user_id, access.repository_id) IN (
      SELECT u.key, CAST(j.key AS BIGINT)
      FROM json_each(@users) AS u
      CROSS JOIN json_each(@repositories) AS j
  )
  AND (CAST(@account_id AS BIGINT) = 0 OR access.account_id = CAST(@account_id AS BIGINT))
RETURNING user_id, account_id;

-- name: HideImportsOfViewers :many
UPDATE imports
SET hidden_at = @now
WHERE imports.hidden_at = 0
  AND (imports.user_id, imports.repository_id) IN (
      SELECT u.key, CAST(j.key AS BIGINT)
      FROM json_each(@users) AS u
      CROSS JOIN json_each(@repositories) AS j
  )
  AND NOT EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  )
RETURNING user_id, account_id;

-- + 0 keeps both engines from reading all records of the account.
-- name: SubtractRevoked :exec
UPDATE installation_records
SET version = installation_records.version + 1,
    updated_at = @now,
    repository_count = installation_records.repository_count - CAST(j.value ->> 'repositories' AS BIGINT),
    import_count = installation_records.import_count - CAST(j.value ->> 'imports' AS BIGINT)
FROM json_each(@users) AS j
WHERE installation_records.user_id = j.key
  AND installation_records.account_id + 0 = @account_id
  AND installation_records.hidden_at = 0;
