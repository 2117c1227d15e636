-- The credential, the person and the versions that a reply of the published
-- endpoints is a function of, in one statement.
-- name: InstallationsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    u.version AS user_version,
    CAST(COALESCE(SUM(ir.version), 0) AS BIGINT) AS record_version,
    CAST(COALESCE(SUM(a.version), 0) AS BIGINT) AS account_version
FROM sessions AS s
JOIN users AS u ON u.id = s.user_id
JOIN github_tokens AS t ON t.user_id = s.user_id
LEFT JOIN installation_records AS ir ON ir.user_id = s.user_id AND ir.hidden_at = 0
LEFT JOIN accounts AS a ON a.id = ir.account_id
WHERE s.token_hash = @token_hash
  AND s.revoked_at = 0
  AND s.expires_at > @now
GROUP BY s.user_id, t.confirmed_at, t.refused_at, u.version;

-- name: ImportsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    COALESCE(ir.id, 0) AS record_id,
    COALESCE(ir.version, 0) AS record_version,
    COALESCE(a.version, 0) AS account_version
FROM sessions AS s
JOIN github_tokens AS t ON t.user_id = s.user_id
LEFT JOIN installation_records AS ir ON ir.id = @record_id AND ir.user_id = s.user_id AND ir.hidden_at = 0
LEFT JOIN accounts AS a ON a.id = ir.account_id
WHERE s.token_hash = @token_hash
  AND s.revoked_at = 0
  AND s.expires_at > @now;
