-- name: InsertAPIToken :one
INSERT INTO api_tokens (user_id, token_hash, request, name, scope, restricted, created_at, expires_at)
VALUES (@user_id, @token_hash, @request, @name, @scope, @restricted, @now, @expires_at)
ON CONFLICT (user_id, request) DO NOTHING
RETURNING id;

-- name: CountLiveAPITokens :one
SELECT COUNT(*)
FROM api_tokens
WHERE user_id = @user_id
  AND expires_at > @now;

-- Only installations that GitHub shows this user can be selected.
-- name: RestrictAPIToken :execrows
INSERT INTO api_token_installations (token_id, record_id)
SELECT
    CAST(@token_id AS BIGINT),
    ir.id
FROM json_each(@ids) AS j
CROSS JOIN installation_records AS ir
WHERE ir.id = CAST(j.key AS BIGINT)
  AND ir.user_id = @user_id
  AND ir.hidden_at = 0;

-- name: CopyAPITokenRestriction :exec
INSERT INTO api_token_installations (token_id, record_id)
SELECT
    CAST(@new_id AS BIGINT),
    x.record_id
FROM api_token_installations AS x
WHERE x.token_id = @old_id;

-- name: GetAPIToken :one
SELECT *
FROM api_tokens
WHERE id = @id
  AND user_id = @user_id;

-- A token is replaced once.
-- name: ReplaceAPIToken :execrows
UPDATE api_tokens
SET replaced_by = @replaced_by,
    expires_at = @expires_at
WHERE id = @id
  AND user_id = @user_id
  AND replaced_by = 0;

-- name: ListAPITokens :many
SELECT *
FROM api_tokens
WHERE user_id = @user_id
ORDER BY id;

-- name: ListAPITokenInstallations :many
SELECT
    x.token_id,
    ir.id AS record_id,
    a.login
FROM api_tokens AS s
JOIN api_token_installations AS x ON x.token_id = s.id
JOIN installation_records AS ir ON ir.id = x.record_id AND ir.user_id = s.user_id AND ir.hidden_at = 0
JOIN accounts AS a ON a.id = ir.account_id
WHERE s.user_id = @user_id
ORDER BY x.token_id, ir.id;

-- name: RecordAPITokenUse :exec
UPDATE api_tokens
SET last_used_at = @now,
    last_ip = @ip,
    last_user_agent = @user_agent
WHERE token_hash = @token_hash
  AND last_used_at <= @noted_before;

-- name: DeleteAPIToken :execrows
DELETE FROM api_tokens WHERE id = @id AND user_id = @user_id;

-- name: DeleteAPITokensOfUser :exec
DELETE FROM api_tokens WHERE user_id = @user_id;

-- name: DeleteAPITokens :exec
DELETE FROM api_tokens;

-- name: DeleteOldAPITokens :execrows
DELETE FROM api_tokens WHERE expires_at <= @before;
