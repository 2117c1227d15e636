-- name: InsertHistory :one
INSERT INTO history (account_id, user_id, at, cause, event, change, count)
VALUES (@account_id, @user_id, @at, @cause, @event, @change, @count)
RETURNING id;

-- @repositories is an object of former values by repository id.
-- name: InsertHistoryRepositories :exec
INSERT INTO history_repositories (history_id, repository_id, formerly)
SELECT
    CAST(@history_id AS BIGINT),
    CAST(j.key AS BIGINT),
    j.value ->> 'formerly'
FROM json_each(@repositories) AS j
WHERE TRUE
ON CONFLICT (history_id, repository_id) DO NOTHING;

-- Newest first, of one user and of all users: two short scans of the index. A transferred
-- repository belongs to another account now, which a restricted token may have no access to.
-- name: ListHistory :many
SELECT *
FROM (
    SELECT mine.*
    FROM (
        SELECT h.*
        FROM history AS h
        WHERE h.account_id = @account_id
          AND h.user_id = @user_id
          AND h.id < @before
        ORDER BY h.id DESC
        LIMIT CAST(@row_limit AS BIGINT)
    ) AS mine
    UNION ALL
    SELECT ours.*
    FROM (
        SELECT h.*
        FROM history AS h
        WHERE h.account_id = @account_id
          AND h.user_id = ''
          AND h.id < @before
          AND (h.count > 0 OR h.at >= (
                SELECT ir.seen_since
                FROM installation_records AS ir
                WHERE ir.user_id = @user_id
                  AND ir.account_id = @account_id
          ))
          AND (h.count = 0 OR EXISTS (
                SELECT 1
                FROM history_repositories AS hr
                CROSS JOIN access AS a
                WHERE hr.history_id = h.id
                  AND a.user_id = @user_id
                  AND a.repository_id = hr.repository_id
                  AND a.since <= h.at
                  AND (CAST(@restriction AS BIGINT) = 0 OR EXISTS (
                        SELECT 1
                        FROM api_token_installations AS x
                        JOIN installation_records AS ir ON ir.id = x.record_id AND ir.hidden_at = 0
                        WHERE x.token_id = CAST(@restriction AS BIGINT)
                          AND ir.user_id = a.user_id
                          AND ir.account_id = a.account_id
                  ))
          ))
        ORDER BY h.id DESC
        LIMIT CAST(@row_limit AS BIGINT)
    ) AS ours
) AS both_lists
ORDER BY id DESC
LIMIT CAST(@row_limit AS BIGINT);

-- name: ListHistoryRepositories :many
SELECT
    hr.history_id,
    hr.formerly,
    r.id,
    r.name,
    r.html_url,
    o.login AS owner
FROM json_each(@ids) AS j
CROSS JOIN history AS h
CROSS JOIN history_repositories AS hr
CROSS JOIN access AS a
CROSS JOIN repositories AS r
CROSS JOIN accounts AS o
WHERE h.id = CAST(j.key AS BIGINT)
  AND hr.history_id = h.id
  AND a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = hr.repository_id
  AND r.id = hr.repository_id
  AND o.id = r.account_id
  AND (h.user_id <> '' OR a.since <= h.at)
  AND (CAST(@restriction AS BIGINT) = 0
   OR EXISTS (
        SELECT 1
        FROM api_token_installations AS x
        JOIN installation_records AS ir ON ir.id = x.record_id AND ir.hidden_at = 0
        WHERE x.token_id = CAST(@restriction AS BIGINT)
          AND ir.user_id = a.user_id
          AND ir.account_id = a.account_id
   ))
ORDER BY hr.history_id DESC, r.name_key, r.id;

-- The access that a sync granted and that isn't in the history yet.
-- name: CountUnrecordedAccess :one
SELECT COUNT(*)
FROM access AS a
JOIN installation_records AS ir ON ir.id = @record_id AND ir.user_id = a.user_id AND ir.account_id = a.account_id
WHERE a.granted_generation > ir.recorded_generation;

-- name: ListUnrecordedAccess :many
SELECT a.repository_id
FROM access AS a
JOIN installation_records AS ir ON ir.id = @record_id AND ir.user_id = a.user_id AND ir.account_id = a.account_id
WHERE a.granted_generation > ir.recorded_generation
ORDER BY a.name_key, a.repository_id
LIMIT CAST(@row_limit AS BIGINT);

-- name: SetRecordedGeneration :exec
UPDATE installation_records SET recorded_generation = @generation WHERE id = @id AND recorded_generation < @generation;

-- The first repositories that a sync did not see, before their access is deleted.
-- name: ListUnseenAccess :many
SELECT repository_id
FROM access
WHERE user_id = @user_id
  AND account_id = @account_id
  AND (generation < CAST(@generation AS BIGINT) OR generation > CAST(@generation AS BIGINT) AND generation < CAST(@since AS BIGINT))
ORDER BY name_key, repository_id
LIMIT CAST(@row_limit AS BIGINT);

-- The users who saw a repository until their access was revoked, and whose access is to be checked.
-- name: InsertHistoryOfRevoked :exec
INSERT INTO history (account_id, user_id, at, cause, event, change, count)
SELECT
    ir.account_id,
    ir.user_id,
    CAST(@at AS BIGINT),
    CAST(@cause AS TEXT),
    CAST(@event AS TEXT),
    CAST(@change AS TEXT),
    1
FROM access_checks AS c
JOIN installation_records AS ir ON ir.id = c.record_id
WHERE c.repository_id = @repository_id
  AND c.held;

-- Those entries are identified by their time.
-- name: InsertHistoryRepositoriesOfRevoked :exec
INSERT INTO history_repositories (history_id, repository_id, formerly)
SELECT
    h.id,
    CAST(@repository_id AS BIGINT),
    ''
FROM access_checks AS c
JOIN installation_records AS ir ON ir.id = c.record_id
JOIN history AS h ON h.account_id = ir.account_id AND h.user_id = ir.user_id
WHERE c.repository_id = CAST(@repository_id AS BIGINT)
  AND c.held
  AND h.at = @at
  AND h.change = @change
  AND h.event = @event
  AND h.count = 1
ON CONFLICT (history_id, repository_id) DO NOTHING;

-- name: GetInstallationState :one
SELECT
    repository_selection,
    permissions,
    suspended_at,
    deleted_at
FROM installations
WHERE id = @id;

-- name: HadInstallation :one
SELECT EXISTS (SELECT 1 FROM installations WHERE account_id = @account_id AND deleted_at > 0);

-- name: DeleteOldHistory :execrows
DELETE FROM history WHERE at <= @until;
