-- name: DeleteJobsAbout :exec
DELETE FROM jobs WHERE subject LIKE '%' || CAST(@user_id AS TEXT) || '%';

-- name: DeleteChangesOfUser :exec
DELETE FROM changes WHERE user_id = @user_id;

-- name: DeleteHistoryOfUser :exec
DELETE FROM history WHERE user_id = @user_id;

-- name: DeleteOperatorsOfUser :exec
DELETE FROM operators WHERE github_id = @github_id;

-- name: DeleteInstallRequestsOf :exec
DELETE FROM install_requests WHERE requester_id = @github_id;

-- name: AnonymizeAudit :exec
UPDATE audit
SET subject = CASE WHEN lower(subject) = lower(login) THEN 'deleted user' ELSE subject END,
    login = 'deleted user',
    github_id = 0,
    ip = '',
    group_key = ''
WHERE github_id = @github_id;

-- name: AnonymizeSuspensions :exec
UPDATE installations
SET suspended_through = -1,
    suspended_through_login = 'deleted user'
WHERE suspended_through = @github_id;

-- name: DeleteUser :exec
DELETE FROM users WHERE id = @user_id;

-- Accounts on which the App is or was installed are kept: they are GitHub's facts.
-- name: DeleteAccountWithoutInstallation :exec
DELETE FROM accounts
WHERE kind = 'User'
  AND github_id = @github_id
  AND NOT EXISTS (SELECT 1 FROM installations AS i WHERE i.account_id = accounts.id)
  AND NOT EXISTS (SELECT 1 FROM repositories AS r WHERE r.account_id = accounts.id)
  AND NOT EXISTS (SELECT 1 FROM installation_records AS n WHERE n.account_id = accounts.id)
  AND NOT EXISTS (SELECT 1 FROM install_requests AS q WHERE q.account_id = accounts.id);
