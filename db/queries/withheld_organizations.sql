-- name: SetWithheldOrganizations :exec
UPDATE users
SET withheld_organizations = @organizations,
    version = version + 1
WHERE id = @user_id
  AND withheld_organizations <> @organizations;

-- name: GetWithheldOrganizations :one
SELECT withheld_organizations FROM users WHERE id = @user_id;

-- @ids is an object with GitHub's ids as keys.
-- name: ListOrganizationLogins :many
SELECT
    a.github_id,
    a.login
FROM json_each(@ids) AS j
CROSS JOIN accounts AS a
WHERE a.kind = 'Organization'
  AND a.github_id = CAST(j.key AS BIGINT);
