-- name: CountStored :one
SELECT
    (SELECT COUNT(*) FROM users) AS users,
    (SELECT COUNT(*) FROM sessions AS s WHERE s.revoked_at = 0 AND s.expires_at > @now) AS sessions,
    (SELECT COUNT(*) FROM api_tokens) AS api_tokens,
    (SELECT COUNT(*) FROM installations AS i WHERE i.deleted_at = 0) AS installations,
    (SELECT COUNT(*) FROM repositories) AS repositories,
    (SELECT COUNT(*) FROM imports AS m WHERE m.hidden_at = 0) AS imports,
    (SELECT COUNT(*) FROM deliveries AS d WHERE d.outcome = 'pending') AS pending_deliveries,
    CAST(COALESCE((SELECT MIN(d.received_at) FROM deliveries AS d WHERE d.outcome = 'pending'), 0) AS BIGINT) AS oldest_pending,
    CAST(COALESCE((SELECT MIN(j.run_at) FROM jobs AS j WHERE j.locked_until <= @now AND j.run_at <= @now), 0) AS BIGINT) AS oldest_due;

-- name: CountJobs :many
SELECT
    kind,
    CAST(CASE WHEN locked_until > @now THEN 'running' WHEN run_at <= @now THEN 'due' ELSE 'waiting' END AS TEXT) AS state,
    COUNT(*) AS count
FROM jobs
GROUP BY kind, state;
