-- name: InsertSetupCode :exec
INSERT INTO setup_codes (code_hash, created_at) VALUES (@code_hash, @now);

-- The latest unused codes are kept: several instances may have started at once.
-- name: DeleteOldSetupCodes :exec
DELETE FROM setup_codes
WHERE (setup_codes.used_at > 0 AND setup_codes.used_at < @used_before)
   OR (setup_codes.used_at = 0 AND setup_codes.code_hash NOT IN (
        SELECT newer.code_hash
        FROM setup_codes AS newer
        WHERE newer.used_at = 0
        ORDER BY newer.created_at DESC, newer.code_hash
        LIMIT @row_limit
      ));

-- name: UseSetupCode :execrows
UPDATE setup_codes
SET browser_hash = @browser_hash,
    used_at = @now
WHERE code_hash = @code_hash
  AND used_at = 0
  AND EXISTS (SELECT 1 FROM settings WHERE id = 1 AND length(app) = 0);

-- name: IsSetupBrowser :one
SELECT EXISTS (
    SELECT 1 FROM setup_codes WHERE browser_hash = @browser_hash AND used_at > @used_after
) AS marked;

-- name: DeleteSetupCodes :exec
DELETE FROM setup_codes;

-- name: InsertSetupState :exec
INSERT INTO setup_states (state_hash, browser_hash, created_at)
VALUES (@state_hash, @browser_hash, @now);

-- name: TakeSetupState :execrows
DELETE FROM setup_states
WHERE state_hash = @state_hash
  AND browser_hash = @browser_hash
  AND created_at > @created_after;

-- name: DeleteOldSetupStates :exec
DELETE FROM setup_states WHERE created_at <= @created_before;

-- name: DeleteSetupStates :exec
DELETE FROM setup_states;
