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

-- Before SubtractRevoked: PostgreSQL counts what was committed when a statement began, so the
-- rows must have been locked before.
-- name: BumpRecordsOfViewers :exec
UPDATE installation_records
SET version = version + 1,
    updated_at = @now
WHERE installation_records.hidden_at = 0
  AND installation_records.user_id IN (SELECT u.key FROM json_each(@users) AS u)
  AND EXISTS (
      SELECT 1
      FROM json_each(@repositories) AS j
      CROSS JOIN access AS a
      WHERE a.user_id = installation_records.user_id
        AND a.repository_id = CAST(j.key AS BIGINT)
        AND a.account_id = installation_records.account_id
        AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
  );

-- name: SubtractRevoked :exec
UPDATE installation_records
SET repository_count = installation_records.repository_count - revoked.repositories,
    import_count = installation_records.import_count - revoked.imports
FROM (
    SELECT
        a.user_id,
        a.account_id,
        COUNT(*) AS repositories,
        COUNT(i.id) AS imports
    FROM json_each(@users) AS u
    CROSS JOIN json_each(@repositories) AS j
    CROSS JOIN access AS a
    LEFT JOIN imports AS i ON i.user_id = a.user_id AND i.repository_id = a.repository_id
    WHERE a.user_id = u.key
      AND a.repository_id = CAST(j.key AS BIGINT)
      AND (CAST(@account_id AS BIGINT) = 0 OR a.account_id = CAST(@account_id AS BIGINT))
    GROUP BY a.user_id, a.account_id
) AS revoked
WHERE installation_records.user_id = revoked.user_id
  AND installation_records.account_id = revoked.account_id
  AND installation_records.hidden_at = 0;

-- name: DeleteAccessOfViewers :exec
DELETE FROM access
WHERE (access.user_id, access.repository_id) IN (
      SELECT u.key, CAST(j.key AS BIGINT)
      FROM json_each(@users) AS u
      CROSS JOIN json_each(@repositories) AS j
  )
  AND (CAST(@account_id AS BIGINT) = 0 OR access.account_id = CAST(@account_id AS BIGINT));

-- name: HideImportsOfViewers :exec
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
  );
