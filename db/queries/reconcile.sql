-- Users whose access GitHub has not confirmed for too long, or whose token it rejected, have
-- to sign in again.
-- name: CountLivingTokens :one
SELECT COUNT(*) FROM github_tokens WHERE refused_at = 0 AND confirmed_at > @confirmed_after AND reconcile_at < @parked;

-- name: ListDueTokens :many
SELECT
    user_id,
    confirmed_at,
    reconcile_at
FROM github_tokens
WHERE refused_at = 0
  AND confirmed_at > @confirmed_after
  AND reconcile_at < @parked
ORDER BY reconcile_at, user_id
LIMIT CAST(@row_limit AS BIGINT);

-- name: SetReconcileAt :exec
UPDATE github_tokens SET reconcile_at = @reconcile_at WHERE user_id = @user_id;

-- name: MakeEverybodyDue :exec
UPDATE github_tokens SET reconcile_at = 1 WHERE refused_at = 0 AND reconcile_at < @parked;

-- name: CountFailedRuns :one
SELECT COUNT(*)
FROM sync_runs
WHERE user_id = CAST(@user_id AS TEXT)
  AND state = 'failed'
  AND finished_at >= @since;

-- name: IsActive :one
SELECT CAST(
    EXISTS (SELECT 1 FROM sessions AS s WHERE s.user_id = @user_id AND (s.last_seen_at > @since OR s.created_at > @since))
    OR EXISTS (SELECT 1 FROM api_tokens AS t WHERE t.user_id = @user_id AND (t.last_used_at > @since OR t.created_at > @since))
AS BOOLEAN) AS active;

-- name: ParkUnconfirmed :exec
UPDATE github_tokens
SET reconcile_at = @parked,
    confirmed_at = 0
WHERE user_id = @user_id;

-- name: UnparkUserOfSession :many
UPDATE github_tokens
SET reconcile_at = 1
WHERE user_id = (SELECT s.user_id FROM sessions AS s WHERE s.token_hash = @token_hash AND s.revoked_at = 0)
  AND refused_at = 0
  AND reconcile_at = @parked
RETURNING user_id, confirmed_at;

-- name: UnparkUserOfToken :many
UPDATE github_tokens
SET reconcile_at = 1
WHERE user_id = (SELECT t.user_id FROM api_tokens AS t WHERE t.token_hash = @token_hash)
  AND refused_at = 0
  AND reconcile_at = @parked
RETURNING user_id, confirmed_at;
