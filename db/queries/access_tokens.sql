-- name: InsertAccessToken :exec
INSERT INTO access_tokens (token_hash, record_id, kind, expires_at)
VALUES (@token_hash, @record_id, @kind, @expires_at);

-- name: FindAccessToken :one
SELECT t.kind
FROM access_tokens AS t
JOIN installation_records AS ir ON ir.id = t.record_id
WHERE t.token_hash = @token_hash
  AND ir.id = @record_id
  AND ir.user_id = @user_id;

-- name: DeleteAccessToken :exec
DELETE FROM access_tokens WHERE token_hash = @token_hash;

-- name: DeleteExpiredAccessTokens :execrows
DELETE FROM access_tokens WHERE expires_at BETWEEN 1 AND CAST(@now AS BIGINT);
