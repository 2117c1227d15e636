-- name: PutOperator :execrows
INSERT INTO operators (github_id, why, login, since)
VALUES (@github_id, @why, @login, @now)
ON CONFLICT DO NOTHING;

-- name: FindOperatorLogin :one
SELECT github_id FROM operators WHERE why = 'login' AND login = @login;

-- name: ListOperators :many
SELECT * FROM operators ORDER BY since, github_id, why;

-- name: DeleteOperator :exec
DELETE FROM operators WHERE github_id = @github_id AND why = @why;

-- name: DeleteOtherOwners :exec
DELETE FROM operators WHERE why = 'owner' AND github_id <> @github_id;

-- name: DeleteOperatorsOfApp :exec
DELETE FROM operators WHERE why IN ('owner', 'setup');
