-- name: RemoveRecord :many
DELETE FROM installation_records
WHERE id = @id
  AND user_id = @user_id
  AND hidden_at = 0
RETURNING account_id, installation_id, generation;

-- name: InsertRemovedInstallation :exec
INSERT INTO removed_installations (user_id, account_id, installation_id, generation, removed_at)
VALUES (@user_id, @account_id, @installation_id, @generation, @now);

-- Records that a sync saw a removed installation: GitHub still shows it.
-- name: MarkRemovedSeen :execrows
UPDATE removed_installations
SET generation = CASE WHEN generation < @generation THEN @generation ELSE generation END,
    installation_id = @installation_id
WHERE user_id = @user_id
  AND account_id = @account_id;

-- The removed installations that GitHub showed the user in their latest complete sync.
-- name: ListRemovedInstallations :many
SELECT
    ri.installation_id,
    ri.removed_at,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url
FROM removed_installations AS ri
JOIN installations AS i ON i.id = ri.installation_id
JOIN accounts AS o ON o.id = ri.account_id
WHERE ri.user_id = @user_id
  AND i.deleted_at = 0
  AND ri.generation >= (
      SELECT COALESCE(MAX(s.id), 0)
      FROM sync_runs AS s
      WHERE s.user_id = CAST(@user_id AS TEXT)
        AND s.record_id IS NULL
        AND s.state = 'done'
  )
ORDER BY lower(o.login), ri.account_id;

-- name: GetRemovedAccount :one
SELECT ri.account_id
FROM removed_installations AS ri
JOIN installations AS i ON i.id = ri.installation_id
WHERE ri.user_id = @user_id
  AND ri.installation_id = @installation_id
  AND i.deleted_at = 0
  AND ri.generation >= (
      SELECT COALESCE(MAX(s.id), 0)
      FROM sync_runs AS s
      WHERE s.user_id = CAST(@user_id AS TEXT)
        AND s.record_id IS NULL
        AND s.state = 'done'
  );

-- name: DeleteRemovedInstallation :many
DELETE FROM removed_installations
WHERE user_id = @user_id
  AND installation_id = @installation_id
RETURNING generation;

-- name: GetRecordID :one
SELECT id FROM installation_records WHERE user_id = @user_id AND account_id = @account_id;

-- name: DeleteHistoryOfUserInAccount :exec
DELETE FROM history WHERE user_id = @user_id AND account_id = @account_id;
