-- name: ListPagesOfPass :many
SELECT
    page,
    total,
    items,
    more,
    skipped,
    skipped_reasons
FROM sync_pages
WHERE record_id = @record_id
  AND generation = @generation
ORDER BY page;

-- name: GetCachedPage :one
SELECT *
FROM sync_pages
WHERE record_id = @record_id
  AND page = @page
  AND installation_id = @installation_id
  AND token_version = @token_version
  AND etag <> '';

-- name: PutPage :exec
INSERT INTO sync_pages (record_id, page, generation, installation_id, token_version, etag, total, items, more, skipped, skipped_reasons, ids, digest)
VALUES (@record_id, @page, @generation, @installation_id, @token_version, @etag, @total, @items, @more, @skipped, @skipped_reasons, @ids, @digest)
ON CONFLICT (record_id, page) DO UPDATE SET
    generation = excluded.generation,
    installation_id = excluded.installation_id,
    token_version = excluded.token_version,
    etag = excluded.etag,
    total = excluded.total,
    items = excluded.items,
    more = excluded.more,
    skipped = excluded.skipped,
    skipped_reasons = excluded.skipped_reasons,
    ids = excluded.ids,
    digest = excluded.digest
WHERE sync_pages.generation <= excluded.generation;

-- name: MarkPage :exec
UPDATE sync_pages
SET generation = @generation
WHERE record_id = @record_id
  AND page = @page
  AND generation < @generation;

-- name: DeletePagesBefore :exec
DELETE FROM sync_pages WHERE record_id = @record_id AND generation < @generation;

-- The stored values of the fields that GitHub sent.
-- name: ListPageRows :many
SELECT
    r.id,
    r.name,
    r.html_url,
    r.description,
    r.language,
    r.license,
    r.size_kb,
    r.website_url,
    r.default_branch,
    r.topics,
    r.visibility,
    r.is_private,
    r.is_fork,
    r.is_template,
    r.is_archived,
    r.pushed_at,
    r.clone_url,
    r.ssh_url,
    r.node_id,
    r.stars,
    r.forks,
    r.open_issues,
    r.is_disabled,
    r.github_created_at,
    r.github_updated_at,
    r.custom_properties,
    r.account_id,
    a.permission
FROM access AS a
JOIN repositories AS r ON r.id = a.repository_id
WHERE a.user_id = @user_id
  AND a.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@ids) AS j);

-- name: ListOwners :many
SELECT
    o.id,
    o.kind,
    o.github_id,
    o.login,
    o.avatar_url,
    o.html_url
FROM json_each(@ids) AS j
CROSS JOIN accounts AS o
WHERE o.id = CAST(j.key AS BIGINT);

-- The ids that a pass has already seen, among these.
-- name: CountSeenAmong :one
SELECT COUNT(*)
FROM access
WHERE user_id = @user_id
  AND generation = @generation
  AND repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@ids) AS j);

-- name: CountSeen :one
SELECT COUNT(*) FROM access WHERE user_id = @user_id AND generation = @generation;

-- name: GetInstallationsPage :one
SELECT
    etag,
    body
FROM installation_pages
WHERE user_id = @user_id
  AND page = @page
  AND token_version = @token_version;

-- name: PutInstallationsPage :exec
INSERT INTO installation_pages (user_id, page, token_version, etag, body)
VALUES (@user_id, @page, @token_version, @etag, @body)
ON CONFLICT (user_id, page) DO UPDATE SET
    token_version = excluded.token_version,
    etag = excluded.etag,
    body = excluded.body;
