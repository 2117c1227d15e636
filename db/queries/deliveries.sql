-- What was not applied is taken up again when GitHub sends it again.
-- name: InsertDelivery :execrows
INSERT INTO deliveries (guid, event, action, installation_id, received_at, outcome, body)
VALUES (@guid, @event, @action, @installation_id, @now, 'pending', @body)
ON CONFLICT (guid) DO UPDATE SET
    event = excluded.event,
    action = excluded.action,
    installation_id = excluded.installation_id,
    received_at = excluded.received_at,
    outcome = excluded.outcome,
    body = excluded.body
WHERE deliveries.outcome IN ('failed', 'ignored');

-- name: GetDelivery :one
SELECT guid, event, action, installation_id, received_at, outcome, applied_at, body
FROM deliveries
WHERE guid = @guid;

-- name: SettleDelivery :exec
UPDATE deliveries
SET outcome = @outcome,
    applied_at = @applied_at,
    body = @body
WHERE guid = @guid
  AND outcome = 'pending';

-- name: FailDelivery :exec
UPDATE deliveries SET outcome = 'failed' WHERE guid = @guid AND outcome = 'pending';

-- name: DeleteOldDeliveries :execrows
DELETE FROM deliveries WHERE received_at < @received_before AND outcome <> 'pending';

-- name: DeleteAllDeliveries :exec
DELETE FROM deliveries;

-- name: GetInstallationWrites :one
SELECT writes FROM installations WHERE id = @id;

-- name: CountInstallationWrite :exec
UPDATE installations SET writes = writes + 1 WHERE id = @id;

-- As long as the transaction lasts, nobody else writes the row.
-- name: HoldInstallation :execrows
UPDATE installations SET writes = writes + 1 WHERE id = @id AND writes = @writes;
