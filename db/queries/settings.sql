-- name: BindSettings :exec
INSERT INTO settings (id, github_url, client_id)
VALUES (1, @github_url, @client_id)
ON CONFLICT (id) DO NOTHING;

-- name: GetSettings :one
SELECT github_url, client_id, app_client_id, key_check FROM settings WHERE id = 1;

-- name: SetKeyCheck :exec
UPDATE settings SET key_check = @key_check WHERE id = 1;

-- name: CountAppData :one
SELECT
    client_id,
    (SELECT COUNT(*) FROM users) AS users,
    (SELECT COUNT(*) FROM sessions AS s WHERE s.revoked_at = 0 AND s.expires_at > @now) AS sessions,
    (SELECT COUNT(*) FROM api_tokens) AS api_tokens,
    (SELECT COUNT(*) FROM imports AS i WHERE i.hidden_at = 0) AS imports
FROM settings
WHERE id = 1;

-- name: SetClientID :exec
UPDATE settings SET client_id = @client_id WHERE id = 1;

-- name: GetApp :one
SELECT app FROM settings WHERE id = 1;

-- Of two concurrent setups, only the first succeeds.
-- name: PutApp :execrows
UPDATE settings
SET app = @app,
    app_client_id = @client_id,
    setup_browser = @browser_hash,
    setup_at = @now
WHERE id = 1
  AND length(app) = 0;

-- name: ReplaceApp :execrows
UPDATE settings SET app = @app WHERE id = 1 AND length(app) > 0;

-- name: ForgetApp :execrows
UPDATE settings
SET app = '',
    app_client_id = '',
    setup_browser = ''
WHERE id = 1
  AND length(app) > 0;

-- name: IsSetUpBy :one
SELECT EXISTS (
    SELECT 1
    FROM settings
    WHERE id = 1
      AND setup_browser = @browser_hash
      AND setup_browser <> ''
      AND setup_at > @set_up_after
) AS set_up;

-- name: TakeSetUpBy :execrows
UPDATE settings
SET setup_browser = ''
WHERE id = 1
  AND setup_browser = @browser_hash
  AND setup_browser <> ''
  AND setup_at > @set_up_after;

-- Lets one instance at a time refresh the planner's statistics, at intervals.
-- name: ClaimAnalysis :execrows
INSERT INTO analyses (id, analyzed_at)
VALUES (1, @now)
ON CONFLICT (id) DO UPDATE SET analyzed_at = excluded.analyzed_at
WHERE analyses.analyzed_at <= @before;

-- name: GetAppFacts :one
SELECT facts FROM app_facts WHERE id = 1;

-- name: PutAppFacts :exec
INSERT INTO app_facts (id, facts)
VALUES (1, @facts)
ON CONFLICT (id) DO UPDATE SET facts = excluded.facts;
