-- shown_record_id is 0 if GitHub no longer shows the installation.
-- name: ListViews :many
SELECT
    v.id,
    v.name,
    v.list,
    v.query,
    v.created_at,
    CAST(COALESCE(v.record_id, 0) AS BIGINT) AS record_id,
    CAST(COALESCE(ir.id, 0) AS BIGINT) AS shown_record_id,
    CAST(COALESCE(o.login, '') AS TEXT) AS login
FROM views AS v
LEFT JOIN installation_records AS ir ON ir.id = v.record_id AND ir.user_id = v.user_id AND ir.hidden_at = 0
LEFT JOIN accounts AS o ON o.id = ir.account_id
WHERE v.user_id = @user_id
ORDER BY v.name;

-- name: CountViews :one
SELECT COUNT(*) FROM views WHERE user_id = @user_id;

-- name: InsertView :one
INSERT INTO views (user_id, record_id, list, name, query, created_at)
VALUES (@user_id, @record_id, @list, @name, @query, @now)
ON CONFLICT (user_id, name) DO NOTHING
RETURNING id;

-- name: DeleteView :execrows
DELETE FROM views WHERE id = @id AND user_id = @user_id;

-- name: GetOwnRecord :one
SELECT ir.id
FROM installation_records AS ir
WHERE ir.id = @id
  AND ir.user_id = @user_id
  AND ir.hidden_at = 0;
