-- name: BindSettings :exec
INSERT INTO settings (id, github_url, client_id)
VALUES (1, @github_url, @client_id)
ON CONFLICT (id) DO NOTHING;

-- name: GetSettings :one
SELECT github_url, client_id FROM settings WHERE id = 1;

-- name: SetClientID :exec
UPDATE settings SET client_id = @client_id WHERE id = 1;
