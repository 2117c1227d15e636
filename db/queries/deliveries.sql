-- A delivery that wasn't applied is retried when GitHub redelivers it.
-- name: InsertDelivery :execrows
INSERT INTO deliveries (guid, event, action, installation_id, received_at, outcome, body, sent_at, caught_up_at, subject)
VALUES (@guid, @event, @action, @installation_id, @now, 'pending', @body, @now, @caught_up_at, @subject)
ON CONFLICT (guid) DO UPDATE SET
    event = excluded.event,
    action = excluded.action,
    installation_id = excluded.installation_id,
    received_at = excluded.received_at,
    outcome = excluded.outcome,
    body = excluded.body,
    caught_up_at = excluded.caught_up_at,
    subject = excluded.subject
WHERE deliveries.outcome IN ('failed', 'ignored', 'missing');

-- name: GetDelivery :one
SELECT guid, event, action, installation_id, received_at, outcome, applied_at, body, sent_at, attempt_id, caught_up_at
FROM deliveries
WHERE guid = @guid;

-- name: ListPendingDeliveries :many
SELECT guid, event, action, installation_id, sent_at, received_at, body
FROM deliveries
WHERE outcome = 'pending'
  AND subject = @subject
  AND subject <> ''
ORDER BY received_at, guid
LIMIT CAST(@row_limit AS BIGINT);

-- name: SetDeliverySubject :execrows
UPDATE deliveries SET subject = @subject WHERE guid = @guid AND outcome = 'pending';

-- name: FinishDeliveries :exec
UPDATE deliveries
SET outcome = @outcome,
    subject = '',
    applied_at = @applied_at,
    body = @body
WHERE outcome = 'pending'
  AND guid IN (SELECT CAST(j.key AS TEXT) FROM json_each(@guids) AS j);

-- name: FailPendingDeliveries :exec
UPDATE deliveries
SET outcome = 'failed'
WHERE outcome = 'pending'
  AND subject = @subject
  AND subject <> '';

-- name: SettleDelivery :exec
UPDATE deliveries
SET outcome = @outcome,
    subject = '',
    applied_at = @applied_at,
    body = @body
WHERE guid = @guid
  AND outcome = 'pending';

-- name: FailDelivery :exec
UPDATE deliveries SET outcome = 'failed' WHERE guid = @guid AND outcome = 'pending';

-- Deliveries that GitHub may still list are kept: otherwise they would look missing.
-- name: DeleteOldDeliveries :execrows
DELETE FROM deliveries
WHERE sent_at < @sent_before
  AND received_at < @sent_before
  AND last_sent_at < @sent_before
  AND outcome <> 'pending';

-- An empty outcome matches any.
-- name: ListDeliveries :many
SELECT guid, event, action, installation_id, received_at, outcome, applied_at, sent_at, attempt_id, caught_up_at
FROM deliveries
WHERE (CAST(@outcome AS TEXT) = '' OR outcome = CAST(@outcome AS TEXT))
ORDER BY sent_at DESC, guid DESC
LIMIT CAST(@row_limit AS BIGINT) OFFSET CAST(@skipped AS BIGINT);

-- name: CountDeliveries :one
SELECT COUNT(*) FROM deliveries WHERE CAST(@outcome AS TEXT) = '' OR outcome = CAST(@outcome AS TEXT);

-- name: ListDeliveriesOf :many
SELECT guid, event, action, installation_id, received_at, outcome, applied_at, sent_at, attempt_id, caught_up_at
FROM deliveries
WHERE guid IN (SELECT CAST(j.key AS TEXT) FROM json_each(@guids) AS j);

-- name: CountMissingDeliveries :one
SELECT COUNT(*) FROM deliveries WHERE outcome = 'missing';

-- name: DeleteAllDeliveries :exec
DELETE FROM deliveries;
