-- name: FindSession :one
SELECT data
FROM sessions
WHERE token_hash = @token_hash
  AND revoked_at = 0
  AND expires_at > @now;

-- A session revoked meanwhile stays revoked.
-- name: PutSession :exec
INSERT INTO sessions (token_hash, user_id, data, created_at, expires_at)
VALUES (@token_hash, @user_id, @data, @now, @expires_at)
ON CONFLICT (token_hash) DO UPDATE SET
    user_id = excluded.user_id,
    data = excluded.data,
    expires_at = excluded.expires_at
WHERE sessions.revoked_at = 0;

-- name: RevokeSession :exec
UPDATE sessions
SET revoked_at = @now,
    data = ''
WHERE token_hash = @token_hash
  AND revoked_at = 0;

-- name: DeleteExpiredSessions :execrows
DELETE FROM sessions WHERE expires_at <= @now;

-- name: DeleteSessions :exec
DELETE FROM sessions;

-- name: RevokeSessionsOfUser :exec
UPDATE sessions
SET revoked_at = @now,
    data = ''
WHERE user_id = @user_id
  AND revoked_at = 0;
