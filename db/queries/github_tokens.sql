-- name: PutGitHubToken :exec
INSERT INTO github_tokens (user_id, access_token, access_expires_at, refresh_token, refresh_expires_at, confirmed_at, issued_at)
VALUES (@user_id, @access_token, @access_expires_at, @refresh_token, @refresh_expires_at, @confirmed_at, @issued_at)
ON CONFLICT (user_id) DO UPDATE SET
    access_token = excluded.access_token,
    access_expires_at = excluded.access_expires_at,
    refresh_token = excluded.refresh_token,
    refresh_expires_at = excluded.refresh_expires_at,
    confirmed_at = excluded.confirmed_at,
    issued_at = excluded.issued_at,
    version = github_tokens.version + 1,
    lease_until = 0,
    refused_at = 0,
    refusal = '',
    reconcile_at = CASE WHEN github_tokens.reconcile_at = @parked THEN 0 ELSE github_tokens.reconcile_at END;

-- name: GetGitHubToken :one
SELECT * FROM github_tokens WHERE user_id = @user_id;

-- name: LeaseGitHubToken :execrows
UPDATE github_tokens
SET lease_until = @lease_until
WHERE user_id = @user_id
  AND version = @version
  AND lease_until < @now;

-- name: RenewGitHubToken :execrows
UPDATE github_tokens
SET access_token = @access_token,
    access_expires_at = @access_expires_at,
    refresh_token = @refresh_token,
    refresh_expires_at = @refresh_expires_at,
    issued_at = @issued_at,
    version = version + 1,
    lease_until = 0,
    refused_at = 0,
    refusal = ''
WHERE user_id = @user_id
  AND version = @version;

-- name: ReleaseGitHubToken :exec
UPDATE github_tokens
SET lease_until = 0
WHERE user_id = @user_id
  AND version = @version;

-- name: RefuseGitHubToken :exec
UPDATE github_tokens
SET refused_at = @now,
    refusal = @refusal,
    lease_until = 0
WHERE user_id = @user_id
  AND version = @version
  AND refused_at = 0;

-- name: ConfirmAccess :exec
UPDATE github_tokens SET confirmed_at = @now WHERE user_id = @user_id;

-- name: ForgetGitHubTokens :exec
DELETE FROM github_tokens;

-- name: DeleteGitHubToken :exec
DELETE FROM github_tokens WHERE user_id = @user_id;

-- name: DeleteGitHubTokenAt :execrows
DELETE FROM github_tokens WHERE user_id = @user_id AND version = @version;
