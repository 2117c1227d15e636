-- If GitHub no longer reports the requester (an id of 0, an empty login), the stored one stays.
-- name: UpsertInstallRequest :exec
INSERT INTO install_requests (id, account_id, requester_id, requester_login, state, requested_at)
VALUES (@id, @account_id, @requester_id, @requester_login, 'pending', @requested_at)
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    requester_id = CASE WHEN excluded.requester_id = 0 THEN install_requests.requester_id ELSE excluded.requester_id END,
    requester_login = CASE WHEN excluded.requester_login = '' THEN install_requests.requester_login ELSE excluded.requester_login END,
    state = excluded.state,
    requested_at = excluded.requested_at,
    settled_at = 0;

-- An empty state matches any, and a requester of 0 all users. record_id is that of the
-- requester's own record on the account, 0 while GitHub shows them none.
-- name: ListInstallRequests :many
SELECT
    r.id,
    r.requester_id,
    r.requester_login,
    r.state,
    r.requested_at,
    r.settled_at,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url,
    COALESCE(ir.id, 0) AS record_id
FROM install_requests AS r
JOIN accounts AS o ON o.id = r.account_id
LEFT JOIN users AS u ON u.github_id = r.requester_id
LEFT JOIN installation_records AS ir ON ir.user_id = u.id AND ir.account_id = r.account_id AND ir.hidden_at = 0
WHERE (CAST(@requester_id AS BIGINT) = 0 OR r.requester_id = CAST(@requester_id AS BIGINT))
  AND (CAST(@state AS TEXT) = '' OR r.state = CAST(@state AS TEXT))
ORDER BY r.id;

-- name: SettleInstallRequest :execrows
UPDATE install_requests
SET state = @state,
    settled_at = @now
WHERE id = @id
  AND state = 'pending';

-- name: FindUserOfGitHubID :one
SELECT id FROM users WHERE github_id = @github_id;

-- name: DeleteOldInstallRequests :execrows
DELETE FROM install_requests WHERE settled_at > 0 AND settled_at <= @settled_until;

-- name: DeleteAllInstallRequests :exec
DELETE FROM install_requests;
