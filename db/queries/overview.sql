-- name: GetOverviewTotals :one
SELECT
    COUNT(*) AS installations,
    CAST(COALESCE(SUM(ir.repository_count), 0) AS BIGINT) AS repositories,
    CAST(COALESCE(SUM(ir.import_count), 0) AS BIGINT) AS imports,
    CAST((SELECT COUNT(*) FROM imports AS i WHERE i.user_id = CAST(@user_id AS TEXT) AND i.hidden_at > 0) AS BIGINT) AS hidden_imports
FROM installation_records AS ir
WHERE ir.user_id = CAST(@user_id AS TEXT)
  AND ir.hidden_at = 0;

-- The imports' languages, the most frequent first. The order of the joins is
-- fixed, so that no plan depends on other users' data.
-- name: CountImportsByLanguage :many
SELECT
    r.language,
    COUNT(*) AS imports
FROM imports AS i
CROSS JOIN access AS a
CROSS JOIN repositories AS r
WHERE i.user_id = @user_id
  AND a.user_id = i.user_id
  AND a.repository_id = i.repository_id
  AND r.id = i.repository_id
GROUP BY r.language
ORDER BY 2 DESC, 1;

-- How many imports were last pushed to in each week since a time, at which week 0 starts.
-- name: CountImportsByWeek :many
SELECT
    CAST((r.pushed_at - CAST(@since AS BIGINT)) / 604800000 AS BIGINT) AS week,
    COUNT(*) AS imports
FROM imports AS i
CROSS JOIN access AS a
CROSS JOIN repositories AS r
WHERE i.user_id = @user_id
  AND a.user_id = i.user_id
  AND a.repository_id = i.repository_id
  AND r.id = i.repository_id
  AND r.pushed_at >= CAST(@since AS BIGINT)
GROUP BY 1
ORDER BY 1;
