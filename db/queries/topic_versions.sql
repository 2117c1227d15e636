-- What the open pages of these users depend on: a row for each record, or one without a record
-- for users who have none. The users are the keys of an object.
-- name: ListTopicRecords :many
SELECT
    u.id AS user_id,
    u.version AS user_version,
    COALESCE(ir.id, 0) AS record_id,
    CAST(COALESCE(ir.version, 0) AS BIGINT) AS record_version,
    CAST(COALESCE(o.version, 0) AS BIGINT) AS account_version,
    COALESCE(s.state, '') AS state,
    COALESCE(s.message, '') AS message,
    CAST(COALESCE(s.pages_done, 0) AS BIGINT) AS pages_done,
    CAST(COALESCE(s.pages_total, 0) AS BIGINT) AS pages_total,
    CAST(COALESCE(s.repositories_seen, 0) AS BIGINT) AS repositories_seen,
    CAST(COALESCE(s.started_at, 0) AS BIGINT) AS started_at,
    CAST(COALESCE(s.finished_at, 0) AS BIGINT) AS finished_at,
    CAST(COALESCE(s.retry_at, 0) AS BIGINT) AS retry_at
FROM json_each(@people) AS j
CROSS JOIN users AS u
LEFT JOIN installation_records AS ir ON ir.user_id = u.id AND ir.hidden_at = 0
LEFT JOIN accounts AS o ON o.id = ir.account_id
LEFT JOIN sync_runs AS s ON s.id = (SELECT MAX(latest.id) FROM sync_runs AS latest WHERE latest.record_id = ir.id)
WHERE u.id = j.key
ORDER BY u.id, ir.id;

-- The latest pass of each user's list of installations.
-- name: ListLatestInstallationsRuns :many
SELECT sync_runs.*
FROM json_each(@people) AS j
JOIN sync_runs ON sync_runs.id = (
    SELECT MAX(latest.id) FROM sync_runs AS latest WHERE latest.kind = 'sync_installations' AND latest.subject = j.key
);

-- name: ListActiveSessions :many
SELECT s.token_hash
FROM json_each(@token_hashes) AS j
CROSS JOIN sessions AS s
WHERE s.token_hash = j.key
  AND s.revoked_at = 0
  AND s.expires_at > @now
  AND (s.last_seen_at > @idle_since OR s.created_at > @idle_since);
