-- Those of the requested repositories that the user sees, with their imports.
-- name: ListChosen :many
SELECT
    a.repository_id,
    COALESCE(i.id, 0) AS import_id,
    CAST(e.user_id IS NOT NULL AS BOOLEAN) AS is_excluded
FROM json_each(@ids) AS j
CROSS JOIN access AS a
LEFT JOIN imports AS i ON i.user_id = a.user_id AND i.repository_id = a.repository_id
LEFT JOIN import_exclusions AS e ON e.user_id = a.user_id AND e.repository_id = a.repository_id
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND a.account_id = @account_id;

-- Locks the user's access to these until the end of the transaction: no other transaction can
-- revoke it, and this waits for one that is revoking it. Otherwise that one would not hide an
-- import that it can't see yet.
-- name: LockAccess :exec
SELECT a.repository_id
FROM json_each(@ids) AS j
CROSS JOIN access AS a
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT)
ORDER BY a.repository_id
FOR KEY SHARE OF a;

-- + 0 keeps PostgreSQL from reading all that the user sees in the account first.
-- name: InsertImports :exec
INSERT INTO imports (user_id, repository_id, account_id, created_at, updated_at)
SELECT
    a.user_id,
    a.repository_id,
    a.account_id,
    CAST(@now AS BIGINT),
    CAST(@now AS BIGINT)
FROM json_each(@ids) AS j
CROSS JOIN access AS a
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND a.account_id + 0 = @account_id
  AND NOT EXISTS (
      SELECT 1
      FROM installation_records AS ir
      JOIN installations AS i ON i.id = ir.installation_id
      WHERE ir.user_id = a.user_id
        AND ir.account_id = a.account_id
        AND i.suspended_at > 0
  )
ORDER BY a.repository_id
ON CONFLICT (user_id, repository_id) DO NOTHING;

-- The repository of an import that a user sees.
-- name: GetImportedRepository :one
SELECT i.repository_id
FROM imports AS i
JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id
WHERE i.id = @id
  AND i.user_id = @user_id
  AND i.account_id = @account_id;

-- name: HideImportsOfUser :exec
UPDATE imports
SET hidden_at = @now
WHERE imports.user_id = @user_id
  AND imports.hidden_at = 0
  AND NOT EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  );

-- name: HideImportsOfAccount :exec
UPDATE imports
SET hidden_at = @now
WHERE imports.user_id = @user_id
  AND imports.account_id = @account_id
  AND imports.hidden_at = 0
  AND NOT EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = @user_id
        AND a.repository_id = imports.repository_id
  );

-- name: HideEveryImport :exec
UPDATE imports SET hidden_at = @now WHERE hidden_at = 0;

-- name: ShowImportsOfAccount :exec
UPDATE imports
SET hidden_at = 0
WHERE imports.user_id = @user_id
  AND imports.account_id = @account_id
  AND imports.hidden_at > 0
  AND EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  );

-- + 0 keeps PostgreSQL from reading all hidden imports of the user first.
-- name: ShowImportsOf :exec
UPDATE imports
SET hidden_at = 0
WHERE imports.user_id = @user_id
  AND imports.hidden_at + 0 > 0
  AND imports.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j)
  AND EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  );

-- name: PurgeImports :execrows
DELETE FROM imports
WHERE imports.hidden_at > 0
  AND imports.hidden_at <= @hidden_until
  AND NOT EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  );

-- name: GetAccountOfRecord :one
SELECT account_id FROM installation_records WHERE id = @id;

-- name: IsRecordSuspended :one
SELECT i.suspended_at > 0
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
WHERE ir.id = @id;
