-- A response requested before the latest change of the account is older than the change.
-- A login that GitHub doesn't report stays unchanged.
-- name: UpsertAccount :execrows
INSERT INTO accounts (kind, github_id, login, avatar_url, html_url)
VALUES (@kind, @github_id, @login, @avatar_url, @html_url)
ON CONFLICT (kind, github_id) DO UPDATE SET
    login = CASE WHEN excluded.login = '' THEN accounts.login ELSE excluded.login END,
    avatar_url = excluded.avatar_url,
    html_url = excluded.html_url,
    version = accounts.version + 1
WHERE (accounts.login, accounts.avatar_url, accounts.html_url)
   <> (CASE WHEN excluded.login = '' THEN accounts.login ELSE excluded.login END, excluded.avatar_url, excluded.html_url)
  AND NOT EXISTS (
      SELECT 1
      FROM changes AS c
      WHERE c.id > @revision
        AND c.account_id = accounts.id
        AND c.repository_id = 0
        AND c.user_id = ''
  );

-- name: GetAccountID :one
SELECT id FROM accounts WHERE kind = @kind AND github_id = @github_id;

-- name: BumpAccount :exec
UPDATE accounts SET version = version + 1 WHERE id = @id;

-- name: UpsertInstallation :execrows
INSERT INTO installations (id, account_id, repository_selection, permissions, events, html_url, suspended_at, suspended_by, installed_at, github_updated_at, app_slug, single_file_name, single_file_paths)
VALUES (@id, @account_id, @repository_selection, @permissions, @events, @html_url, @suspended_at, @suspended_by, @installed_at, @github_updated_at, @app_slug, @single_file_name, @single_file_paths)
ON CONFLICT (id) DO UPDATE SET
    account_id = excluded.account_id,
    repository_selection = excluded.repository_selection,
    permissions = excluded.permissions,
    events = excluded.events,
    html_url = excluded.html_url,
    suspended_at = excluded.suspended_at,
    suspended_by = excluded.suspended_by,
    installed_at = excluded.installed_at,
    github_updated_at = excluded.github_updated_at,
    app_slug = excluded.app_slug,
    single_file_name = excluded.single_file_name,
    single_file_paths = excluded.single_file_paths,
    suspended_through = CASE WHEN excluded.suspended_at > 0 THEN installations.suspended_through ELSE 0 END,
    suspended_through_login = CASE WHEN excluded.suspended_at > 0 THEN installations.suspended_through_login ELSE '' END,
    deleted_at = 0
WHERE (installations.account_id, installations.repository_selection, installations.permissions, installations.events, installations.html_url, installations.suspended_at, installations.suspended_by, installations.deleted_at, installations.installed_at, installations.github_updated_at, installations.app_slug, installations.single_file_name, installations.single_file_paths)
   <> (excluded.account_id, excluded.repository_selection, excluded.permissions, excluded.events, excluded.html_url, excluded.suspended_at, excluded.suspended_by, excluded.deleted_at, excluded.installed_at, excluded.github_updated_at, excluded.app_slug, excluded.single_file_name, excluded.single_file_paths)
  AND NOT EXISTS (
      SELECT 1
      FROM changes AS c
      WHERE c.id > @revision
        AND c.account_id = installations.account_id
        AND c.repository_id = 0
        AND c.user_id = ''
  );

-- name: SetInstalledBy :many
UPDATE installations
SET installed_by = @installed_by
WHERE id = @id
  AND installed_by <> @installed_by
RETURNING account_id;

-- name: SetListedSuspended :exec
UPDATE installations SET listed_suspended = TRUE WHERE id = @id AND NOT listed_suspended;

-- name: ListsSuspended :one
SELECT EXISTS (SELECT 1 FROM installations WHERE listed_suspended);

-- name: MarkInstallationDeleted :execrows
UPDATE installations SET deleted_at = @now WHERE id = @id AND deleted_at = 0;

-- A new record starts empty: a transfer may have granted access to an account before the
-- user had a record of it.
-- name: DeleteAccessWithoutRecord :exec
DELETE FROM access
WHERE access.user_id = @user_id
  AND access.account_id = @account_id
  AND NOT EXISTS (
      SELECT 1
      FROM installation_records AS ir
      WHERE ir.user_id = access.user_id
        AND ir.account_id = access.account_id
        AND ir.hidden_at = 0
  );

-- A user who saw an installation until it was uninstalled continues to see its history after
-- a reinstallation. Others only see what happens from now on.
-- name: UpsertRecord :execrows
INSERT INTO installation_records (user_id, account_id, installation_id, seen_since, created_at, updated_at)
VALUES (@user_id, @account_id, @installation_id, @now, @now, @now)
ON CONFLICT (user_id, account_id) DO UPDATE SET
    installation_id = excluded.installation_id,
    seen_since = CASE
        WHEN installation_records.hidden_at = 0 THEN installation_records.seen_since
        WHEN EXISTS (
            SELECT 1
            FROM installations AS former
            WHERE former.id = installation_records.installation_id
              AND former.deleted_at > 0
              AND installation_records.hidden_at >= former.deleted_at
        ) THEN installation_records.seen_since
        ELSE excluded.seen_since
    END,
    hidden_at = 0,
    version = installation_records.version + 1,
    updated_at = excluded.updated_at
WHERE installation_records.installation_id <> excluded.installation_id
   OR installation_records.hidden_at <> 0;

-- A worker that lost its job may still mark under the lower number of its run.
-- name: MarkRecordSeen :exec
UPDATE installation_records
SET generation = @generation
WHERE user_id = @user_id
  AND account_id = @account_id
  AND generation < @generation;

-- name: ListSeenRecords :many
SELECT id
FROM installation_records
WHERE user_id = @user_id
  AND generation = @generation
  AND hidden_at = 0
ORDER BY id;

-- name: ListUnseenRecords :many
SELECT
    ir.id,
    ir.account_id,
    ir.installation_id
FROM installation_records AS ir
WHERE ir.user_id = @user_id
  AND ir.hidden_at = 0
  AND ir.generation < @generation;

-- name: HideRecord :exec
UPDATE installation_records
SET hidden_at = @now,
    repository_count = 0,
    import_count = 0,
    version = version + 1,
    updated_at = @now
WHERE id = @id
  AND hidden_at = 0;

-- name: HideAllRecords :exec
UPDATE installation_records
SET hidden_at = @now,
    repository_count = 0,
    import_count = 0,
    version = version + 1,
    updated_at = @now
WHERE hidden_at = 0
  AND user_id = @user_id;

-- name: HideEveryRecord :exec
UPDATE installation_records
SET hidden_at = @now,
    repository_count = 0,
    import_count = 0,
    version = version + 1,
    updated_at = @now
WHERE hidden_at = 0;

-- The user of this record, and what a sync requests from GitHub.
-- name: GetSyncTarget :one
SELECT
    ir.id,
    ir.user_id,
    ir.account_id,
    ir.installation_id,
    ir.repository_count,
    a.kind AS account_kind,
    a.github_id AS account_github_id,
    a.login AS account_login,
    a.avatar_url AS account_avatar_url,
    a.html_url AS account_html_url,
    CAST(ir.hidden_at > 0 OR i.deleted_at > 0 AS BOOLEAN) AS gone,
    CAST(i.suspended_at > 0 AS BOOLEAN) AS suspended
FROM installation_records AS ir
JOIN installations AS i ON i.id = ir.installation_id
JOIN accounts AS a ON a.id = ir.account_id
WHERE ir.id = @id;

-- name: BumpRecord :exec
UPDATE installation_records
SET version = version + 1,
    updated_at = @now
WHERE user_id = @user_id
  AND account_id = @account_id
  AND hidden_at = 0;

-- name: BumpRecordsOfAccount :exec
UPDATE installation_records
SET version = version + 1,
    updated_at = @now
WHERE account_id = @account_id
  AND hidden_at = 0;

-- The counts are derived from access and imports. They are counted here, and adjusted after
-- each page of a sync and each revocation. BumpRecord comes first: PostgreSQL counts what was
-- committed when the statement began, so the rows must have been locked before.
-- name: RecountRecord :exec
UPDATE installation_records
SET repository_count = (
        SELECT COUNT(*)
        FROM access AS a
        WHERE a.user_id = installation_records.user_id
          AND a.account_id = installation_records.account_id
    ),
    import_count = (
        SELECT COUNT(*)
        FROM imports AS i
        JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id
        WHERE i.user_id = installation_records.user_id
          AND i.account_id = installation_records.account_id
    )
WHERE installation_records.user_id = @user_id
  AND installation_records.account_id = @account_id
  AND installation_records.hidden_at = 0;

-- name: RecountRecordsOfAccount :exec
UPDATE installation_records
SET repository_count = (
        SELECT COUNT(*)
        FROM access AS a
        WHERE a.user_id = installation_records.user_id
          AND a.account_id = installation_records.account_id
    ),
    import_count = (
        SELECT COUNT(*)
        FROM imports AS i
        JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id
        WHERE i.user_id = installation_records.user_id
          AND i.account_id = installation_records.account_id
    )
WHERE installation_records.account_id = @account_id
  AND installation_records.hidden_at = 0;

-- The repositories that a page of a sync added to a record, whose account is locked.
-- name: AddToRecord :exec
UPDATE installation_records
SET repository_count = repository_count + CAST(@repositories AS BIGINT),
    import_count = import_count + CAST(@imports AS BIGINT)
WHERE user_id = @user_id
  AND account_id = @account_id
  AND hidden_at = 0;

-- name: CountImportsAmong :one
SELECT COUNT(*)
FROM json_each(@ids) AS j
CROSS JOIN imports AS i
WHERE i.user_id = CAST(@user_id AS TEXT)
  AND i.repository_id = CAST(j.key AS BIGINT);

-- name: SetRecordSynced :exec
UPDATE installation_records
SET synced_at = @now,
    version = version + 1,
    updated_at = @now
WHERE id = @id;

-- name: MarkInstallationSeen :exec
UPDATE installations SET generation = @generation WHERE id = @id AND generation < @generation;

-- name: ListUnseenInstallations :many
SELECT id FROM installations WHERE deleted_at = 0 AND generation < @generation ORDER BY id;

-- Another App's installations are none of this one's.
-- name: MarkEveryInstallationDeleted :exec
UPDATE installations SET deleted_at = @now WHERE deleted_at = 0;

-- name: GetRecordUser :one
SELECT user_id FROM installation_records WHERE id = @id;

-- name: SetSuspendedThrough :exec
UPDATE installations
SET suspended_through = @github_id,
    suspended_through_login = @login
WHERE id = @id;

-- Every visible record of an installation.
-- name: ListRecordsOfInstallation :many
SELECT id, user_id, account_id
FROM installation_records
WHERE installation_id = @installation_id
  AND hidden_at = 0
ORDER BY id;

-- What removing an installation affects, over all users of this server.
-- name: CountReach :one
SELECT
    (
        SELECT COUNT(*)
        FROM installation_records AS ir
        WHERE ir.account_id = @account_id
          AND ir.hidden_at = 0
    ) AS users,
    (
        SELECT COUNT(*)
        FROM repositories AS r
        WHERE r.account_id = @account_id
          AND (SELECT a.account_id FROM access AS a WHERE a.repository_id = r.id LIMIT 1) IS NOT NULL
    ) AS repositories,
    (
        SELECT CAST(COALESCE(SUM(ir.import_count), 0) AS BIGINT)
        FROM installation_records AS ir
        WHERE ir.account_id = @account_id
          AND ir.hidden_at = 0
    ) AS imports;
