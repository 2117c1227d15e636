-- name: InsertBulkAction :one
INSERT INTO bulk_actions (user_id, record_id, kind, repository_ids, created_at)
VALUES (@user_id, @record_id, @kind, @repository_ids, @now)
RETURNING id;

-- name: GetBulkAction :one
SELECT *
FROM bulk_actions
WHERE id = @id
  AND user_id = @user_id;

-- Of concurrent confirmations, only the first applies the action.
-- name: ConfirmBulkAction :execrows
UPDATE bulk_actions
SET confirmed_at = @now
WHERE id = @id
  AND confirmed_at = 0;

-- name: SetBulkResults :exec
UPDATE bulk_actions
SET results = @results,
    action_id = @action_id
WHERE id = @id;

-- The repositories with these ids that a user sees.
-- name: ListBulkRepositories :many
SELECT
    a.repository_id,
    r.name,
    r.html_url,
    o.login,
    o.id AS account_id,
    ir.id AS record_id,
    CAST(COALESCE(i.id, 0) AS BIGINT) AS import_id,
    CAST(ins.suspended_at > 0 AS BOOLEAN) AS suspended
FROM json_each(@ids) AS j
CROSS JOIN access AS a
CROSS JOIN repositories AS r
CROSS JOIN accounts AS o
CROSS JOIN installation_records AS ir
CROSS JOIN installations AS ins
LEFT JOIN imports AS i ON i.user_id = a.user_id AND i.repository_id = a.repository_id
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND r.id = a.repository_id
  AND o.id = a.account_id
  AND ir.user_id = a.user_id
  AND ir.account_id = a.account_id
  AND ir.hidden_at = 0
  AND ins.id = ir.installation_id
  AND (CAST(@record_id AS BIGINT) = 0 OR ir.id = @record_id);

-- Only a user's latest bulk actions are kept.
-- name: DeleteOldBulkActionsOfUser :exec
DELETE FROM bulk_actions
WHERE bulk_actions.user_id = @user_id
  AND bulk_actions.id <= (
      SELECT b.id FROM bulk_actions AS b WHERE b.user_id = @user_id ORDER BY b.id DESC LIMIT 1 OFFSET @kept
  );

-- name: DeleteOldBulkActions :execrows
DELETE FROM bulk_actions WHERE created_at <= @until;
