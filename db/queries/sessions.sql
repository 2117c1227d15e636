-- Includes sessions that have ended.
-- name: HasSession :one
SELECT EXISTS (SELECT 1 FROM sessions WHERE token_hash = @token_hash);

-- A session that was revoked in between stays revoked.
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

-- Revokes the oldest of a user's sessions beyond a number.
-- name: RevokeOldestSessions :exec
UPDATE sessions
SET revoked_at = @now,
    data = ''
WHERE sessions.user_id = @user_id
  AND sessions.revoked_at = 0
  AND sessions.token_hash NOT IN (
        SELECT newer.token_hash
        FROM sessions AS newer
        WHERE newer.user_id = @user_id
          AND newer.revoked_at = 0
          AND newer.expires_at > @now
        ORDER BY newer.created_at DESC, newer.token_hash
        LIMIT @row_limit
      );

-- name: ListSessions :many
SELECT
    token_hash,
    created_at,
    expires_at,
    last_seen_at,
    last_ip,
    last_user_agent
FROM sessions
WHERE user_id = @user_id
  AND revoked_at = 0
  AND expires_at > @now
  AND (last_seen_at > @idle_since OR created_at > @idle_since)
ORDER BY last_seen_at DESC, created_at DESC;

-- name: RecordSessionUse :exec
UPDATE sessions
SET last_seen_at = @now,
    last_ip = @ip,
    last_user_agent = @user_agent
WHERE token_hash = @token_hash
  AND revoked_at = 0
  AND last_seen_at <= @noted_before;

-- name: RevokeSessionOfUser :execrows
UPDATE sessions
SET revoked_at = @now,
    data = ''
WHERE user_id = @user_id
  AND SUBSTR(token_hash, 1, 16) = @id
  AND revoked_at = 0
  AND expires_at > @now;

-- name: RevokeOtherSessionsOfUser :execrows
UPDATE sessions
SET revoked_at = @now,
    data = ''
WHERE user_id = @user_id
  AND token_hash <> @token_hash
  AND revoked_at = 0
  AND expires_at > @now;
