-- name: InsertAccessToken :exec
INSERT INTO access_tokens (token_hash, record_id, kind, expires_at, sealed)
VALUES (@token_hash, @record_id, @kind, @expires_at, @sealed);

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

-- The installation tokens of a user, of one record or (0) of all, before the user, their
-- authorization or the record is deleted.
-- name: AbandonAccessTokens :execrows
INSERT INTO abandoned_tokens (token_hash, sealed, expires_at)
SELECT t.token_hash, t.sealed, t.expires_at
FROM installation_records AS ir
CROSS JOIN access_tokens AS t
WHERE ir.user_id = @user_id
  AND (CAST(@record_id AS BIGINT) = 0 OR ir.id = CAST(@record_id AS BIGINT))
  AND t.record_id = ir.id
  AND t.kind = 'installation'
  AND length(t.sealed) > 0
  AND t.expires_at > @now
ON CONFLICT (token_hash) DO NOTHING;

-- name: DeleteAccessTokensOfUser :exec
DELETE FROM access_tokens
WHERE record_id IN (
    SELECT ir.id
    FROM installation_records AS ir
    WHERE ir.user_id = @user_id
      AND (CAST(@record_id AS BIGINT) = 0 OR ir.id = CAST(@record_id AS BIGINT))
);

-- name: ListAbandonedTokens :many
SELECT token_hash, sealed
FROM abandoned_tokens
WHERE expires_at > @now
ORDER BY token_hash
LIMIT CAST(@row_limit AS BIGINT);

-- name: DeleteAbandonedToken :exec
DELETE FROM abandoned_tokens WHERE token_hash = @token_hash;

-- name: DeleteExpiredAbandonedTokens :execrows
DELETE FROM abandoned_tokens WHERE expires_at <= @now;
