-- name: GetAutomaticImport :one
SELECT
    auto_import,
    auto_import_rules
FROM installation_records
WHERE id = @id
  AND user_id = @user_id
  AND hidden_at = 0;

-- Locks the record for writes until the end of the transaction.
-- name: LockAutomaticImport :exec
UPDATE installation_records
SET auto_import = auto_import
WHERE id = @id
  AND user_id = @user_id;

-- name: SetAutomaticImport :execrows
UPDATE installation_records
SET auto_import = @auto_import,
    auto_import_rules = @auto_import_rules
WHERE id = @id
  AND user_id = @user_id
  AND hidden_at = 0;

-- An empty user_id means all users with a record on the account.
-- name: ListAutomaticImports :many
SELECT
    ir.user_id,
    ir.auto_import,
    ir.auto_import_rules
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
WHERE ir.account_id = @account_id
  AND ir.auto_import <> 'off'
  AND (CAST(@user_id AS TEXT) = '' OR ir.user_id = CAST(@user_id AS TEXT))
  AND ir.hidden_at = 0
  AND i.suspended_at = 0
  AND i.deleted_at = 0
ORDER BY ir.user_id;

-- Importing a repository manually removes its exclusion.
-- name: LiftExclusions :execrows
DELETE FROM import_exclusions
WHERE import_exclusions.user_id = @user_id
  AND import_exclusions.repository_id IN (
      SELECT a.repository_id
      FROM json_each(@ids) AS j
      CROSS JOIN access AS a
      WHERE a.user_id = CAST(@user_id AS TEXT)
        AND a.repository_id = CAST(j.key AS BIGINT)
        AND a.account_id = @account_id
  );

-- name: DeleteExclusionsOfAccount :exec
DELETE FROM import_exclusions
WHERE import_exclusions.user_id = @user_id
  AND (SELECT r.account_id FROM repositories AS r WHERE r.id = import_exclusions.repository_id) = @account_id;

-- name: ListExclusions :many
SELECT
    r.id,
    r.name,
    o.login AS owner,
    r.html_url,
    e.created_at
FROM import_exclusions AS e
JOIN access AS a ON a.user_id = e.user_id AND a.repository_id = e.repository_id
JOIN repositories AS r ON r.id = e.repository_id
JOIN accounts AS o ON o.id = r.account_id
WHERE e.user_id = @user_id
  AND a.account_id = @account_id
ORDER BY r.name_key, r.id
LIMIT CAST(@row_limit AS BIGINT) OFFSET CAST(@skipped AS BIGINT);

-- name: CountExclusions :one
SELECT COUNT(*)
FROM import_exclusions AS e
JOIN access AS a ON a.user_id = e.user_id AND a.repository_id = e.repository_id
WHERE e.user_id = @user_id
  AND a.account_id = @account_id;
