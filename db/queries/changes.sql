-- name: GetLatestRevision :one
SELECT CAST(COALESCE(MAX(id), 0) AS BIGINT) AS latest FROM changes;

-- name: InsertChange :exec
INSERT INTO changes (user_id, account_id, repository_id, revoked, at)
VALUES (@user_id, @account_id, @repository_id, @revoked, @now);

-- name: InsertRepositoryChanges :exec
INSERT INTO changes (user_id, account_id, repository_id, revoked, at)
SELECT
    CAST(@user_id AS TEXT),
    CAST(@account_id AS BIGINT),
    CAST(j.key AS BIGINT),
    CAST(@revoked AS BOOLEAN),
    CAST(@now AS BIGINT)
FROM json_each(@repositories) AS j;

-- name: DeleteOldChanges :execrows
DELETE FROM changes WHERE at < @before;

-- The latest change when a pass of the run started. Once another pass has started,
-- pages of this one are older than any change.
-- name: GetRunRevision :one
SELECT revision FROM sync_runs WHERE id = @id AND pass <= @pass;

-- The accounts whose access was revoked since, for a user or for all users.
-- name: ListRevokedAccounts :many
SELECT DISTINCT c.account_id
FROM changes AS c
WHERE c.id > @revision
  AND c.revoked
  AND c.repository_id = 0
  AND (c.user_id = '' OR c.user_id = CAST(@user_id AS TEXT));

-- Locks what the account owns for writes until the end of the transaction.
-- name: LockAccount :exec
UPDATE accounts SET version = version WHERE id = @id;

-- name: ListOwnersOf :many
SELECT DISTINCT r.account_id
FROM json_each(@repositories) AS j
CROSS JOIN repositories AS r
WHERE r.id = CAST(j.key AS BIGINT)
ORDER BY r.account_id;

-- + 0 keeps PostgreSQL from reading all that the user sees in the account first.
-- name: DeleteAccessToRepositories :execrows
DELETE FROM access
WHERE (access.user_id, access.repository_id) IN (SELECT CAST(@user_id AS TEXT), CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j)
  AND access.account_id + 0 = @account_id;

-- name: HideImportsOfRepositories :exec
UPDATE imports
SET hidden_at = @now
WHERE imports.hidden_at = 0
  AND imports.user_id = @user_id
  AND imports.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j)
  AND NOT EXISTS (
      SELECT 1
      FROM access AS a
      WHERE a.user_id = imports.user_id
        AND a.repository_id = imports.repository_id
  );

-- name: GetAccountOfInstallation :one
SELECT account_id FROM installations WHERE id = @id;

-- name: InstallationChangedSince :one
SELECT EXISTS (
    SELECT 1
    FROM installations AS i
    JOIN changes AS c ON c.account_id = i.account_id
    WHERE i.id = @id
      AND c.id > @revision
      AND c.repository_id = 0
      AND c.user_id = ''
);
