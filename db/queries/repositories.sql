-- name: UpsertRepositories :execrows
INSERT INTO repositories (id, account_id, name, name_key, search, html_url, description, language, license, size_kb, website_url, default_branch, topics, visibility, is_private, is_fork, is_template, is_archived, pushed_at, clone_url, ssh_url, node_id, stars, forks, open_issues, is_disabled, github_created_at, github_updated_at, custom_properties, updated_at)
SELECT
    CAST(j.key AS BIGINT),
    CAST(j.value ->> 'account_id' AS BIGINT),
    j.value ->> 'name',
    j.value ->> 'name_key',
    j.value ->> 'search',
    j.value ->> 'html_url',
    j.value ->> 'description',
    j.value ->> 'language',
    j.value ->> 'license',
    CAST(j.value ->> 'size_kb' AS BIGINT),
    j.value ->> 'website_url',
    j.value ->> 'default_branch',
    j.value ->> 'topics',
    j.value ->> 'visibility',
    CAST(j.value ->> 'is_private' AS BOOLEAN),
    CAST(j.value ->> 'is_fork' AS BOOLEAN),
    CAST(j.value ->> 'is_template' AS BOOLEAN),
    CAST(j.value ->> 'is_archived' AS BOOLEAN),
    CAST(j.value ->> 'pushed_at' AS BIGINT),
    j.value ->> 'clone_url',
    j.value ->> 'ssh_url',
    j.value ->> 'node_id',
    CAST(j.value ->> 'stars' AS BIGINT),
    CAST(j.value ->> 'forks' AS BIGINT),
    CAST(j.value ->> 'open_issues' AS BIGINT),
    CAST(j.value ->> 'is_disabled' AS BIGINT),
    CAST(j.value ->> 'github_created_at' AS BIGINT),
    CAST(j.value ->> 'github_updated_at' AS BIGINT),
    j.value ->> 'custom_properties',
    CAST(@now AS BIGINT)
FROM jsonb_each(@repositories) AS j
WHERE TRUE
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    name = excluded.name,
    name_key = excluded.name_key,
    search = excluded.search,
    html_url = excluded.html_url,
    description = excluded.description,
    language = excluded.language,
    license = excluded.license,
    size_kb = excluded.size_kb,
    website_url = excluded.website_url,
    default_branch = excluded.default_branch,
    topics = excluded.topics,
    visibility = excluded.visibility,
    is_private = excluded.is_private,
    is_fork = excluded.is_fork,
    is_template = excluded.is_template,
    is_archived = excluded.is_archived,
    pushed_at = excluded.pushed_at,
    clone_url = excluded.clone_url,
    ssh_url = excluded.ssh_url,
    node_id = excluded.node_id,
    stars = excluded.stars,
    forks = excluded.forks,
    open_issues = excluded.open_issues,
    is_disabled = excluded.is_disabled,
    github_created_at = excluded.github_created_at,
    github_updated_at = excluded.github_updated_at,
    custom_properties = excluded.custom_properties,
    -- Counts and similar fields don't count as changes of the repository.
    updated_at = CASE
        WHEN (repositories.account_id, repositories.name, repositories.search, repositories.html_url, repositories.description, repositories.language, repositories.license, repositories.size_kb, repositories.website_url, repositories.default_branch, repositories.topics, repositories.visibility, repositories.is_private, repositories.is_fork, repositories.is_template, repositories.is_archived, repositories.pushed_at)
           = (excluded.account_id, excluded.name, excluded.search, excluded.html_url, excluded.description, excluded.language, excluded.license, excluded.size_kb, excluded.website_url, excluded.default_branch, excluded.topics, excluded.visibility, excluded.is_private, excluded.is_fork, excluded.is_template, excluded.is_archived, excluded.pushed_at)
        THEN repositories.updated_at
        ELSE excluded.updated_at
    END
WHERE ((repositories.account_id, repositories.name, repositories.search, repositories.html_url, repositories.description, repositories.language, repositories.license, repositories.size_kb, repositories.website_url, repositories.default_branch, repositories.topics, repositories.visibility, repositories.is_private, repositories.is_fork, repositories.is_template, repositories.is_archived, repositories.pushed_at)
    <> (excluded.account_id, excluded.name, excluded.search, excluded.html_url, excluded.description, excluded.language, excluded.license, excluded.size_kb, excluded.website_url, excluded.default_branch, excluded.topics, excluded.visibility, excluded.is_private, excluded.is_fork, excluded.is_template, excluded.is_archived, excluded.pushed_at)
    OR (repositories.clone_url, repositories.ssh_url, repositories.node_id, repositories.stars, repositories.forks, repositories.open_issues, repositories.is_disabled, repositories.github_created_at, repositories.github_updated_at, repositories.custom_properties)
    <> (excluded.clone_url, excluded.ssh_url, excluded.node_id, excluded.stars, excluded.forks, excluded.open_issues, excluded.is_disabled, excluded.github_created_at, excluded.github_updated_at, excluded.custom_properties))
  AND NOT EXISTS (
      SELECT 1
      FROM changes AS c
      WHERE c.id > @revision
        AND c.repository_id = repositories.id
        AND c.user_id = ''
  );

-- The names and other identifying fields that UpsertRepositories is about to change.
-- name: ListRepositoryChanges :many
SELECT
    r.id,
    r.account_id,
    o.login AS owner,
    r.name,
    r.visibility,
    r.is_archived
FROM jsonb_each(@repositories) AS j
CROSS JOIN repositories AS r
CROSS JOIN accounts AS o
WHERE r.id = CAST(j.key AS BIGINT)
  AND o.id = r.account_id
  AND (r.account_id <> CAST(j.value ->> 'account_id' AS BIGINT)
    OR r.name <> j.value ->> 'name'
    OR r.visibility <> j.value ->> 'visibility'
    OR r.is_archived <> CAST(j.value ->> 'is_archived' AS BOOLEAN))
  AND NOT EXISTS (
      SELECT 1
      FROM changes AS c
      WHERE c.id > @revision
        AND c.repository_id = r.id
        AND c.user_id = ''
  );

-- A page doesn't restore access that was revoked since it was requested. The account is the
-- stored one: an older page may have another.
-- name: UpsertAccess :execrows
INSERT INTO access (user_id, repository_id, account_id, name_key, permission, generation, granted_generation, since)
SELECT
    CAST(@user_id AS TEXT),
    CAST(j.key AS BIGINT),
    r.account_id,
    r.name_key,
    j.value ->> 'permission',
    CAST(@generation AS BIGINT),
    CAST(@granted_generation AS BIGINT),
    CAST(@now AS BIGINT)
FROM json_each(@repositories) AS j
CROSS JOIN repositories AS r
WHERE r.id = CAST(j.key AS BIGINT)
  AND NOT EXISTS (
        SELECT 1
        FROM changes AS c
        WHERE c.id > @revision
          AND c.revoked
          AND (c.user_id = '' OR c.user_id = CAST(@user_id AS TEXT))
          AND (
              c.repository_id = CAST(j.key AS BIGINT) AND c.account_id IN (0, r.account_id)
              OR c.repository_id = 0 AND c.account_id = r.account_id
          )
    )
ON CONFLICT (user_id, repository_id) DO UPDATE SET
    permission = excluded.permission
WHERE access.permission <> excluded.permission;

-- After a rename: access has the name too, since users' lists are sorted by it.
-- name: UpdateAccessNames :exec
UPDATE access
SET name_key = (SELECT r.name_key FROM repositories AS r WHERE r.id = access.repository_id)
WHERE access.repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@ids) AS j);

-- The ids of the repositories that a user sees, among these.
-- name: ListAccessAmong :many
SELECT
    a.repository_id,
    a.account_id
FROM json_each(@ids) AS j
CROSS JOIN access AS a
WHERE a.user_id = CAST(@user_id AS TEXT)
  AND a.repository_id = CAST(j.key AS BIGINT);

-- A worker that lost its job may still mark under the lower number of its run.
-- name: MarkAccessSeen :execrows
UPDATE access
SET generation = @generation
WHERE user_id = @user_id
  AND generation < @generation
  AND repository_id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j);

-- name: ListUnseenNames :many
SELECT
    r.id,
    o.login AS owner,
    r.name
FROM access AS a
JOIN repositories AS r ON r.id = a.repository_id
JOIN accounts AS o ON o.id = r.account_id
WHERE a.user_id = @user_id
  AND a.account_id = @account_id
  AND a.generation < @generation
ORDER BY a.name_key, a.repository_id
LIMIT CAST(@row_limit AS BIGINT);

-- The user's repositories that a run saw and that belong to other accounts than the record's.
-- name: CountSeenElsewhere :one
SELECT COUNT(*) FROM access WHERE user_id = @user_id AND generation > @since AND account_id <> @account_id AND generation < @until;

-- name: CountSeenBetween :one
SELECT COUNT(*) FROM access WHERE user_id = @user_id AND generation > @since AND generation < @before;

-- name: CountUnseenAccess :one
SELECT COUNT(*)
FROM access
WHERE user_id = @user_id
  AND account_id = @account_id
  AND (generation < CAST(@generation AS BIGINT) OR generation > CAST(@generation AS BIGINT) AND generation < CAST(@since AS BIGINT));

-- name: DeleteUnseenAccess :execrows
DELETE FROM access
WHERE user_id = @user_id
  AND account_id = @account_id
  AND (generation < CAST(@generation AS BIGINT) OR generation > CAST(@generation AS BIGINT) AND generation < CAST(@since AS BIGINT));

-- name: DeleteAccessOfAccount :execrows
DELETE FROM access WHERE user_id = @user_id AND account_id = @account_id;

-- name: DeleteAccessOfUser :exec
DELETE FROM access WHERE user_id = @user_id;

-- name: DeleteAllAccess :exec
DELETE FROM access;

-- The named repositories of the account that this user sees.
-- name: ListNamed :many
SELECT
    r.id AS id,
    r.name,
    o.login AS owner,
    a.permission
FROM json_each(@ids) AS j
CROSS JOIN access AS a
CROSS JOIN repositories AS r
CROSS JOIN accounts AS o
WHERE a.user_id = @user_id
  AND a.repository_id = CAST(j.key AS BIGINT)
  AND a.account_id = @account_id
  AND r.id = a.repository_id
  AND o.id = r.account_id
UNION
SELECT
    r.id AS id,
    r.name,
    o.login AS owner,
    a.permission
FROM json_each(@names) AS j
CROSS JOIN access AS a
CROSS JOIN repositories AS r
CROSS JOIN accounts AS o
WHERE a.user_id = @user_id
  AND a.account_id = @account_id
  AND a.name_key = j.key
  AND r.id = a.repository_id
  AND o.id = r.account_id
ORDER BY id;

-- name: GetAccess :one
SELECT permission FROM access WHERE user_id = @user_id AND repository_id = @repository_id;

-- name: HasAccess :one
SELECT EXISTS (SELECT 1 FROM access WHERE user_id = @user_id AND repository_id = @repository_id);

-- Repositories by id, and whether anybody sees one, imported it or may get it back. PostgreSQL
-- would answer EXISTS by reading all of each table.
-- name: ListUses :many
SELECT
    r.id,
    CAST(
        (SELECT a.repository_id FROM access AS a WHERE a.repository_id = r.id LIMIT 1) IS NOT NULL
        OR (SELECT i.repository_id FROM imports AS i WHERE i.repository_id = r.id LIMIT 1) IS NOT NULL
        OR (SELECT d.repository_id FROM removed_imports AS d WHERE d.repository_id = r.id LIMIT 1) IS NOT NULL
        OR (SELECT x.repository_id FROM import_exclusions AS x WHERE x.repository_id = r.id LIMIT 1) IS NOT NULL
        OR (SELECT k.repository_id FROM access_checks AS k WHERE k.repository_id = r.id LIMIT 1) IS NOT NULL
        OR (SELECT c.repository_id FROM changes AS c WHERE c.repository_id = r.id LIMIT 1) IS NOT NULL
    AS BOOLEAN) AS used
FROM repositories AS r
WHERE r.id > @after
ORDER BY r.id
LIMIT @row_limit;

-- name: DeleteUnusedRepositories :execrows
DELETE FROM repositories
WHERE repositories.id IN (SELECT CAST(j.key AS BIGINT) FROM json_each(@repositories) AS j)
  AND NOT EXISTS (SELECT 1 FROM access AS a WHERE a.repository_id = repositories.id)
  AND NOT EXISTS (SELECT 1 FROM imports AS i WHERE i.repository_id = repositories.id)
  AND NOT EXISTS (SELECT 1 FROM removed_imports AS d WHERE d.repository_id = repositories.id)
  AND NOT EXISTS (SELECT 1 FROM import_exclusions AS x WHERE x.repository_id = repositories.id);
