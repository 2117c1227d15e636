-- Whose access GitHub has not confirmed for too long is asked to log in, and
-- whose token it refused as well.
-- name: CountLivingTokens :one
SELECT COUNT(*) FROM github_tokens WHERE refused_at = 0 AND confirmed_at > @confirmed_after;

-- name: ListDueTokens :many
SELECT
    user_id,
    confirmed_at,
    reconcile_at
FROM github_tokens
WHERE refused_at = 0
  AND confirmed_at > @confirmed_after
ORDER BY reconcile_at, user_id
LIMIT CAST(@most AS BIGINT);

-- name: SetReconcileAt :exec
UPDATE github_tokens SET reconcile_at = @reconcile_at WHERE user_id = @user_id;

-- name: MakeEverybodyDue :exec
UPDATE github_tokens SET reconcile_at = 1 WHERE refused_at = 0;

-- name: CountFailedRuns :one
SELECT COUNT(*)
FROM sync_runs
WHERE user_id = CAST(@user_id AS TEXT)
  AND state = 'failed'
  AND finished_at >= @since;
