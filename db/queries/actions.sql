-- name: InsertAction :one
INSERT INTO actions (user_id, record_id, kind, at, mode_before, rules_before, mode_after, rules_after)
VALUES (@user_id, @record_id, @kind, @at, @mode_before, @rules_before, @mode_after, @rules_after)
RETURNING id;

-- The imports that an action created, with the former state of their repositories:
-- @imports is an object of those states by repository id.
-- name: InsertActionImports :exec
INSERT INTO action_imports (action_id, repository_id, import_id, was_excluded)
SELECT
    CAST(@action_id AS BIGINT),
    i.repository_id,
    i.id,
    CAST(j.value ->> 'was_excluded' AS BIGINT) = 1
FROM json_each(@imports) AS j
CROSS JOIN imports AS i
WHERE i.user_id = CAST(@user_id AS TEXT)
  AND i.repository_id = CAST(j.key AS BIGINT)
ON CONFLICT (action_id, repository_id) DO NOTHING;

-- The imports that an action is about to remove: of these repositories, as far as
-- the user sees them.
-- name: InsertActionRemovals :exec
INSERT INTO action_imports (action_id, repository_id, import_id, was_excluded)
SELECT
    CAST(@action_id AS BIGINT),
    i.repository_id,
    i.id,
    EXISTS (SELECT 1 FROM import_exclusions AS e WHERE e.user_id = i.user_id AND e.repository_id = i.repository_id)
FROM json_each(@ids) AS j
CROSS JOIN access AS a
CROSS JOIN imports AS i
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND i.user_id = a.user_id
  AND i.repository_id = a.repository_id
ON CONFLICT (action_id, repository_id) DO NOTHING;

-- name: ListActionRepositories :many
SELECT repository_id FROM action_imports WHERE action_id = @action_id ORDER BY repository_id;

-- name: SetActionCount :exec
UPDATE actions SET count = @count WHERE id = @id;

-- name: DeleteAction :exec
DELETE FROM actions WHERE id = @id;

-- Imports that are being removed, with the id under which an undo restores them.
-- name: KeepRemovedImports :exec
INSERT INTO removed_imports (id, user_id, repository_id, account_id, created_at, removed_at)
SELECT
    i.id,
    i.user_id,
    i.repository_id,
    i.account_id,
    i.created_at,
    CAST(@now AS BIGINT)
FROM json_each(@ids) AS j
CROSS JOIN imports AS i
WHERE i.user_id = CAST(@user_id AS TEXT)
  AND i.repository_id = CAST(j.key AS BIGINT)
ON CONFLICT (user_id, repository_id) DO UPDATE
SET id = excluded.id,
    account_id = excluded.account_id,
    created_at = excluded.created_at,
    removed_at = excluded.removed_at;

-- The accounts that the imports were listed under.
-- name: DeleteImports :many
DELETE FROM imports
WHERE imports.user_id = @user_id
  AND imports.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@ids) AS j)
RETURNING imports.account_id;

-- Imports removed less than a day ago are restored, hidden if the user doesn't see the
-- repository.
-- name: RestoreImports :many
INSERT INTO imports (id, user_id, repository_id, account_id, hidden_at, created_at, updated_at)
SELECT
    rm.id,
    rm.user_id,
    rm.repository_id,
    rm.account_id,
    CASE WHEN EXISTS (SELECT 1 FROM access AS a WHERE a.user_id = rm.user_id AND a.repository_id = rm.repository_id)
        THEN CAST(0 AS BIGINT) ELSE CAST(@now AS BIGINT) END,
    rm.created_at,
    CAST(@now AS BIGINT)
FROM json_each(@ids) AS j
CROSS JOIN removed_imports AS rm
WHERE rm.user_id = CAST(@user_id AS TEXT)
  AND rm.repository_id = CAST(j.key AS BIGINT)
  AND rm.removed_at > CAST(@removed_after AS BIGINT)
ORDER BY rm.id
ON CONFLICT (user_id, repository_id) DO NOTHING
RETURNING account_id;

-- name: DropRestoredImports :exec
DELETE FROM removed_imports
WHERE removed_imports.user_id = @user_id
  AND removed_imports.repository_id IN (
      SELECT i.repository_id
      FROM json_each(@ids) AS j
      CROSS JOIN imports AS i
      WHERE i.user_id = CAST(@user_id AS TEXT)
        AND i.repository_id = CAST(j.key AS BIGINT)
  );

-- name: ExcludeRepositories :exec
INSERT INTO import_exclusions (user_id, repository_id, created_at)
SELECT
    CAST(@user_id AS TEXT),
    r.id,
    CAST(@now AS BIGINT)
FROM json_each(@ids) AS j
CROSS JOIN repositories AS r
WHERE r.id = CAST(j.key AS BIGINT)
ON CONFLICT (user_id, repository_id) DO NOTHING;

-- name: DeleteExclusions :exec
DELETE FROM import_exclusions
WHERE import_exclusions.user_id = @user_id
  AND import_exclusions.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@ids) AS j);

-- A user's actions, newest first: those before an id, of one record or of all.
-- An installation that GitHub no longer shows isn't named.
-- name: ListActions :many
SELECT
    ac.id,
    ac.kind,
    ac.at,
    ac.count,
    ac.undone_at,
    ac.mode_before,
    ac.mode_after,
    CAST(COALESCE(ir.id, 0) AS BIGINT) AS record_id,
    CAST(COALESCE(o.login, '') AS TEXT) AS login
FROM actions AS ac
LEFT JOIN installation_records AS ir ON ir.id = ac.record_id AND ir.user_id = ac.user_id AND ir.hidden_at = 0
LEFT JOIN accounts AS o ON o.id = ir.account_id
WHERE ac.user_id = @user_id
  AND ac.id < @before
  AND (CAST(@record_id AS BIGINT) = 0 OR ac.record_id = CAST(@record_id AS BIGINT))
ORDER BY ac.id DESC
LIMIT CAST(@row_limit AS BIGINT);

-- An action that is about to be undone. It stays locked until the end of the transaction.
-- name: MarkActionUndone :one
UPDATE actions
SET undone_at = CASE WHEN undone_at = 0 THEN CAST(@now AS BIGINT) ELSE undone_at END
WHERE id = @id
  AND user_id = @user_id
RETURNING *;

-- The imports of an action, with their current state.
-- name: ListActionImports :many
SELECT
    ai.repository_id,
    ai.import_id,
    ai.was_excluded,
    CAST(COALESCE(i.id, 0) AS BIGINT) AS current_id,
    CAST(COALESCE(i.hidden_at, 0) AS BIGINT) AS hidden_at,
    CAST(COALESCE(rm.id, 0) AS BIGINT) AS removed_id,
    CAST(EXISTS (
        SELECT 1
        FROM action_imports AS later
        JOIN actions AS la ON la.id = later.action_id
        WHERE later.repository_id = ai.repository_id
          AND later.action_id > ai.action_id
          AND la.user_id = ac.user_id
          AND la.undone_at = 0
    ) AS BOOLEAN) AS changed_since
FROM action_imports AS ai
JOIN actions AS ac ON ac.id = ai.action_id
LEFT JOIN imports AS i ON i.user_id = ac.user_id AND i.repository_id = ai.repository_id
LEFT JOIN removed_imports AS rm ON rm.user_id = ac.user_id AND rm.repository_id = ai.repository_id AND rm.removed_at > CAST(@removed_after AS BIGINT)
WHERE ai.action_id = @action_id
ORDER BY ai.repository_id;

-- name: DeleteOldActionImports :execrows
DELETE FROM action_imports
WHERE action_imports.action_id IN (SELECT ac.id FROM actions AS ac WHERE ac.at <= @until);

-- name: DeleteOldRemovedImports :execrows
DELETE FROM removed_imports WHERE removed_at <= @until;

-- name: DeleteOldActions :execrows
DELETE FROM actions WHERE at <= @until;

-- name: DeleteRemovedImportsOfAccount :exec
DELETE FROM removed_imports WHERE user_id = @user_id AND account_id = @account_id;

-- The setting that an action changed, unless it was changed since.
-- name: RestoreAutoImport :exec
UPDATE installation_records
SET auto_import = @mode_before,
    auto_import_rules = @rules_before
WHERE id = @id
  AND user_id = @user_id
  AND auto_import = @mode_after
  AND auto_import_rules = @rules_after;
