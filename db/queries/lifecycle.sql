-- name: SetSuspendedThrough :exec
UPDATE installations
SET suspended_through = @github_id,
    suspended_through_login = @login
WHERE id = @id;

-- Every record that shows an installation, for what is done to all of them.
-- name: ListRecordsOfInstallation :many
SELECT id, user_id, account_id
FROM installation_records
WHERE installation_id = @installation_id
  AND hidden_at = 0
ORDER BY id;

-- What goes when an installation goes, over all users of this Neptun.
-- name: CountReach :one
SELECT
    (
        SELECT COUNT(*)
        FROM installation_records AS ir
        WHERE ir.account_id = @account_id
          AND ir.hidden_at = 0
    ) AS users,
    (
        SELECT COUNT(*)
        FROM repositories AS r
        WHERE r.account_id = @account_id
          AND EXISTS (SELECT 1 FROM access AS a WHERE a.repository_id = r.id)
    ) AS repositories,
    (
        SELECT CAST(COALESCE(SUM(ir.import_count), 0) AS BIGINT)
        FROM installation_records AS ir
        WHERE ir.account_id = @account_id
          AND ir.hidden_at = 0
    ) AS imports;

-- A record that was in sight until its installation was gone is shown as
-- uninstalled. One that was hidden before stays hidden: what became of the
-- installation later is none of this person's business.
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
