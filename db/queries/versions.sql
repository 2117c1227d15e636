-- The credential, the user and the versions that a reply of the published endpoints depends on,
-- in one statement.
-- name: InstallationsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    t.confirmed_at,
    s.expires_at,
    s.created_at,
    s.last_seen_at,
    u.version AS user_version,
    -- The user's version covers which records there are, and no version ever decreases, so the
    -- sum changes with each of them.
    CAST((
        SELECT COALESCE(SUM(ir.version + a.version), 0)
        FROM installation_records AS ir
        JOIN accounts AS a ON a.id = ir.account_id
        WHERE ir.user_id = s.user_id
          AND ir.hidden_at = 0
    ) AS BIGINT) AS records_version
FROM sessions AS s
JOIN users AS u ON u.id = s.user_id
JOIN github_tokens AS t ON t.user_id = s.user_id
WHERE s.token_hash = @token_hash
  AND s.revoked_at = 0
  AND s.expires_at > @now
  AND (s.last_seen_at > @idle_since OR s.created_at > @idle_since);

-- With what the list needs of the record, so that a list reads it no second time.
-- name: ImportsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    t.confirmed_at,
    s.expires_at,
    s.created_at,
    s.last_seen_at,
    COALESCE(ir.id, 0) AS record_id,
    COALESCE(ir.account_id, 0) AS account_id,
    COALESCE(ir.import_count, 0) AS import_count,
    COALESCE(a.login, '') AS login,
    CAST(COALESCE(ir.version + a.version, 0) AS BIGINT) AS records_version
FROM sessions AS s
JOIN github_tokens AS t ON t.user_id = s.user_id
LEFT JOIN installation_records AS ir ON ir.id = @record_id AND ir.user_id = s.user_id AND ir.hidden_at = 0
LEFT JOIN accounts AS a ON a.id = ir.account_id
WHERE s.token_hash = @token_hash
  AND s.revoked_at = 0
  AND s.expires_at > @now
  AND (s.last_seen_at > @idle_since OR s.created_at > @idle_since);

-- The same for an API token, with its restriction: separate statements, so that those
-- for sessions don't become slower.
-- name: APITokenInstallationsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    t.confirmed_at,
    s.expires_at,
    CAST(CASE WHEN s.restricted THEN s.id ELSE 0 END AS BIGINT) AS restriction,
    u.version AS user_version,
    CAST((
        SELECT COALESCE(SUM(ir.version + a.version), 0)
        FROM installation_records AS ir
        JOIN accounts AS a ON a.id = ir.account_id
        WHERE ir.user_id = s.user_id
          AND ir.hidden_at = 0
          AND (NOT s.restricted OR EXISTS (SELECT 1 FROM api_token_installations AS x WHERE x.token_id = s.id AND x.record_id = ir.id))
    ) AS BIGINT) AS records_version
FROM api_tokens AS s
JOIN users AS u ON u.id = s.user_id
JOIN github_tokens AS t ON t.user_id = s.user_id
WHERE s.token_hash = @token_hash
  AND s.expires_at > @now;

-- name: APITokenImportsVersions :one
SELECT
    s.user_id,
    CAST(t.confirmed_at > @confirmed_after AND t.refused_at = 0 AS BOOLEAN) AS confirmed,
    t.refusal,
    t.confirmed_at,
    s.expires_at,
    CAST(CASE WHEN s.restricted THEN s.id ELSE 0 END AS BIGINT) AS restriction,
    COALESCE(ir.id, 0) AS record_id,
    COALESCE(ir.account_id, 0) AS account_id,
    COALESCE(ir.import_count, 0) AS import_count,
    COALESCE(a.login, '') AS login,
    CAST(COALESCE(ir.version + a.version, 0) AS BIGINT) AS records_version
FROM api_tokens AS s
JOIN github_tokens AS t ON t.user_id = s.user_id
LEFT JOIN installation_records AS ir ON ir.id = @record_id AND ir.user_id = s.user_id AND ir.hidden_at = 0
    AND (NOT s.restricted OR EXISTS (SELECT 1 FROM api_token_installations AS x WHERE x.token_id = s.id AND x.record_id = ir.id))
LEFT JOIN accounts AS a ON a.id = ir.account_id
WHERE s.token_hash = @token_hash
  AND s.expires_at > @now;
