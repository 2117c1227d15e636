-- name: UpsertUser :one
INSERT INTO users (id, github_id, login, name, avatar_url, created_at, updated_at)
VALUES (@id, @github_id, @login, @name, @avatar_url, @now, @now)
ON CONFLICT (github_id) DO UPDATE SET
    login = excluded.login,
    name = excluded.name,
    avatar_url = excluded.avatar_url,
    updated_at = CASE
        WHEN (users.login, users.name, users.avatar_url) = (excluded.login, excluded.name, excluded.avatar_url)
        THEN users.updated_at
        ELSE excluded.updated_at
    END
RETURNING *;

-- name: FindCredential :one
SELECT
    sqlc.embed(u),
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    EXISTS (SELECT 1 FROM operators AS o WHERE o.github_id = u.github_id) AS operator,
    s.created_at AS signed_in_at,
    s.data
FROM sessions AS s
JOIN users AS u ON u.id = s.user_id
JOIN github_tokens AS t ON t.user_id = s.user_id
WHERE s.token_hash = @token_hash
  AND s.revoked_at = 0
  AND s.expires_at > @now
  AND (s.last_seen_at > @idle_since OR s.created_at > @idle_since);

-- The same for an API token, which never has operator rights.
-- name: FindAPITokenCredential :one
SELECT
    sqlc.embed(u),
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    s.id AS token_id,
    s.scope,
    s.restricted
FROM api_tokens AS s
JOIN users AS u ON u.id = s.user_id
JOIN github_tokens AS t ON t.user_id = s.user_id
WHERE s.token_hash = @token_hash
  AND s.expires_at > @now;

-- name: BumpUser :exec
UPDATE users SET version = version + 1 WHERE id = @id;

-- name: GetUserID :one
SELECT id FROM users WHERE github_id = @github_id;

-- name: GetUser :one
SELECT * FROM users WHERE id = @id;
