-- Equal entries of an hour are stored as one, with a count.
-- name: InsertAudit :exec
INSERT INTO audit (at, github_id, login, action, subject, ip, via, request_id, count, group_key)
VALUES (@at, @github_id, @login, @action, @subject, @ip, @via, @request_id, @count, @group_key)
ON CONFLICT (group_key) WHERE group_key <> '' DO UPDATE SET
    count = audit.count + excluded.count,
    last_at = excluded.at,
    request_id = excluded.request_id;

-- name: ListAudit :many
SELECT *
FROM audit
WHERE id < @before_id
  AND id > @after_id
  AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
  AND (CAST(@login AS TEXT) = '' OR LOWER(login COLLATE "C") = CAST(@login AS TEXT))
  AND (CAST(@ip AS TEXT) = '' OR ip = CAST(@ip AS TEXT))
  AND (CAST(@request_id AS TEXT) = '' OR request_id = CAST(@request_id AS TEXT))
  AND at >= @since
  AND at < @until
ORDER BY id DESC
LIMIT @row_limit;

-- The same, oldest first, for exports.
-- name: ExportAudit :many
SELECT *
FROM audit
WHERE id > @after_id
  AND (CAST(@action AS TEXT) = '' OR action = CAST(@action AS TEXT))
  AND (CAST(@login AS TEXT) = '' OR LOWER(login COLLATE "C") = CAST(@login AS TEXT))
  AND (CAST(@ip AS TEXT) = '' OR ip = CAST(@ip AS TEXT))
  AND (CAST(@request_id AS TEXT) = '' OR request_id = CAST(@request_id AS TEXT))
  AND at >= @since
  AND at < @until
ORDER BY id
LIMIT @row_limit;

-- name: ListAuditOfUser :many
SELECT *
FROM audit
WHERE github_id = @github_id
  AND id < @before_id
ORDER BY id DESC
LIMIT @row_limit;

-- name: CountCreatedTokens :one
SELECT CAST(COALESCE(SUM(count), 0) AS BIGINT)
FROM audit
WHERE github_id = @github_id
  AND action IN ('create API token', 'rotate API token', 'create access token', 'create app token')
  AND at > @since;

-- name: DeleteOldAudit :execrows
DELETE FROM audit WHERE at < @before;

-- Returns a row if the network is new for the token and among its first ones.
-- name: InsertAPITokenNetwork :many
INSERT INTO api_token_networks (token_id, network)
SELECT s.id, CAST(@network AS TEXT)
FROM api_tokens AS s
WHERE s.token_hash = @token_hash
  AND s.expires_at > @now
  AND (SELECT COUNT(*) FROM api_token_networks AS known WHERE known.token_id = s.id) < CAST(@max_networks AS BIGINT)
ON CONFLICT DO NOTHING
RETURNING token_id;

-- name: GetUserOfToken :one
SELECT u.*
FROM api_tokens AS s
JOIN users AS u ON u.id = s.user_id
WHERE s.id = @id;

-- Changes when an entry is added, updated or deleted.
-- name: GetAuditVersion :one
SELECT
    COUNT(*) AS entries,
    CAST(COALESCE(MAX(id), 0) AS BIGINT) AS newest,
    CAST(COALESCE(SUM(count), 0) AS BIGINT) AS times,
    CAST(COALESCE(MAX(last_at), 0) AS BIGINT) AS last_at,
    CAST(COALESCE(SUM(github_id), 0) AS BIGINT) AS users
FROM audit
WHERE at < @until;
