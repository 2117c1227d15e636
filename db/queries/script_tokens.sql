-- name: InsertScriptToken :one
INSERT INTO script_tokens (user_id, token_hash, request, name, scope, restricted, created_at, expires_at)
VALUES (@user_id, @token_hash, @request, @name, @scope, @restricted, @now, @expires_at)
ON CONFLICT (user_id, request) DO NOTHING
RETURNING id;

-- name: CountLiveScriptTokens :one
SELECT COUNT(*)
FROM script_tokens
WHERE user_id = @user_id
  AND expires_at > @now;

-- Only what GitHub shows this person can be reached.
-- name: RestrictScriptToken :execrows
INSERT INTO script_token_installations (token_id, record_id)
SELECT
    CAST(@token_id AS BIGINT),
    ir.id
FROM json_each(@ids) AS j
CROSS JOIN installation_records AS ir
WHERE ir.id = CAST(j.key AS BIGINT)
  AND ir.user_id = @user_id
  AND ir.hidden_at = 0;

-- name: CopyScriptTokenRestriction :exec
INSERT INTO script_token_installations (token_id, record_id)
SELECT
    CAST(@new_id AS BIGINT),
    x.record_id
FROM script_token_installations AS x
WHERE x.token_id = @old_id;

-- name: GetScriptToken :one
SELECT *
FROM script_tokens
WHERE id = @id
  AND user_id = @user_id;

-- A token is replaced once.
-- name: ReplaceScriptToken :execrows
UPDATE script_tokens
SET replaced_by = @replaced_by,
    expires_at = @expires_at
WHERE id = @id
  AND user_id = @user_id
  AND replaced_by = 0;

-- name: ListScriptTokens :many
SELECT *
FROM script_tokens
WHERE user_id = @user_id
ORDER BY id;

-- name: ListScriptTokenInstallations :many
SELECT
    x.token_id,
    ir.id AS record_id,
    a.login
FROM script_tokens AS s
JOIN script_token_installations AS x ON x.token_id = s.id
JOIN installation_records AS ir ON ir.id = x.record_id AND ir.user_id = s.user_id AND ir.hidden_at = 0
JOIN accounts AS a ON a.id = ir.account_id
WHERE s.user_id = @user_id
ORDER BY x.token_id, ir.id;

-- name: NoteScriptTokenUse :exec
UPDATE script_tokens
SET last_used_at = @now,
    last_ip = @ip,
    last_user_agent = @user_agent
WHERE token_hash = @token_hash
  AND last_used_at <= @noted_before;

-- name: DeleteScriptToken :execrows
DELETE FROM script_tokens WHERE id = @id AND user_id = @user_id;

-- name: DeleteScriptTokensOfUser :exec
DELETE FROM script_tokens WHERE user_id = @user_id;

-- name: DeleteScriptTokens :exec
DELETE FROM script_tokens;

-- name: DeleteOldScriptTokens :execrows
DELETE FROM script_tokens WHERE expires_at <= @before;
