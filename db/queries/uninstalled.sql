-- A record that was visible until its installation was deleted is listed as
-- uninstalled. One that was hidden before stays hidden: the user had lost access by
-- then and must not learn what happened to the installation.
-- name: ListUninstalled :many
SELECT
    ir.id,
    i.deleted_at,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url,
    (
        SELECT COUNT(*)
        FROM imports AS im
        WHERE im.user_id = ir.user_id
          AND im.account_id = ir.account_id
    ) AS imports
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
JOIN accounts AS o ON o.id = ir.account_id
WHERE ir.user_id = @user_id
  AND i.deleted_at > 0
  AND ir.hidden_at >= i.deleted_at
  AND (CAST(@id AS BIGINT) = 0 OR ir.id = CAST(@id AS BIGINT))
ORDER BY ir.id;

-- name: DeleteUninstalledRecord :many
DELETE FROM installation_records
WHERE installation_records.id = @id
  AND installation_records.user_id = @user_id
  AND installation_records.hidden_at > 0
  AND EXISTS (
      SELECT 1
      FROM installations AS i
      WHERE i.id = installation_records.installation_id
        AND i.deleted_at > 0
        AND installation_records.hidden_at >= i.deleted_at
  )
RETURNING account_id;

-- name: DeleteImportsOfAccount :exec
DELETE FROM imports WHERE user_id = @user_id AND account_id = @account_id;
