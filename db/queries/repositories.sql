-- name: UpsertRepositories :execrows
INSERT INTO repositories (id, account_id, name, name_key, search, html_url, description, language, license, size_kb, website_url, default_branch, topics, visibility, is_private, is_fork, is_template, is_archived, pushed_at, updated_at)
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
    CAST(@now AS BIGINT)
FROM json_each(@repositories) AS j
WHERE TRUE
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    name = excluded.name,
    updated_at = excluded.updated_at
WHERE (repositories.account_id, repositories.name) <> (excluded.account_id, excluded.name);
