-- name: InsertAudit :exec
INSERT INTO audit (at, github_id, login, action, subject)
VALUES (@at, @github_id, @login, @action, @subject);

-- name: ListAudit :many
SELECT *
FROM audit
WHERE (CAST(@before_id AS BIGINT) = 0 OR id < CAST(@before_id AS BIGINT))
ORDER BY id DESC
LIMIT @most;
