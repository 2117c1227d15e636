-- name: GetRequestLimit :one
SELECT
    until,
    secondary
FROM request_limits
WHERE user_id = @user_id
  AND until > @now;

-- The longer of two limits applies.
-- name: PutRequestLimit :exec
INSERT INTO request_limits (user_id, until, secondary)
VALUES (@user_id, @until, @secondary)
ON CONFLICT (user_id) DO UPDATE SET
    until = excluded.until,
    secondary = excluded.secondary
WHERE request_limits.until < excluded.until;

-- name: GetAppLimit :one
SELECT
    until,
    secondary
FROM app_limits
WHERE installation_id = @installation_id
  AND until > @now;

-- name: PutAppLimit :exec
INSERT INTO app_limits (installation_id, until, secondary)
VALUES (@installation_id, @until, @secondary)
ON CONFLICT (installation_id) DO UPDATE SET
    until = excluded.until,
    secondary = excluded.secondary
WHERE app_limits.until < excluded.until;
