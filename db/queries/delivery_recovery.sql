-- What GitHub lists as sent. What is not known is missing, unless it is of no use.
-- name: NoteSentDeliveries :exec
INSERT INTO deliveries (guid, event, action, installation_id, received_at, outcome, body, sent_at, last_sent_at, attempt_id)
SELECT
    CAST(j.key AS TEXT),
    j.value ->> 'event',
    j.value ->> 'action',
    CAST(j.value ->> 'installation_id' AS BIGINT),
    0,
    j.value ->> 'outcome',
    '',
    CAST(j.value ->> 'sent_at' AS BIGINT),
    CAST(j.value ->> 'last_sent_at' AS BIGINT),
    CAST(j.value ->> 'attempt_id' AS BIGINT)
FROM json_each(@sent) AS j
WHERE TRUE
ON CONFLICT (guid) DO UPDATE SET
    sent_at = CASE WHEN excluded.sent_at < deliveries.sent_at THEN excluded.sent_at ELSE deliveries.sent_at END,
    last_sent_at = CASE WHEN excluded.last_sent_at > deliveries.last_sent_at THEN excluded.last_sent_at ELSE deliveries.last_sent_at END,
    fetch_tries = CASE WHEN excluded.attempt_id > deliveries.attempt_id THEN 0 ELSE deliveries.fetch_tries END,
    attempt_id = CASE WHEN excluded.attempt_id > deliveries.attempt_id THEN excluded.attempt_id ELSE deliveries.attempt_id END
WHERE excluded.attempt_id > deliveries.attempt_id
   OR excluded.sent_at < deliveries.sent_at;

-- name: ListMissingDeliveries :many
SELECT guid, attempt_id
FROM deliveries
WHERE outcome = 'missing'
  AND fetch_tries < @most_tries
ORDER BY sent_at, attempt_id
LIMIT CAST(@most AS BIGINT);

-- name: CountFetchableDeliveries :one
SELECT COUNT(*) FROM deliveries WHERE outcome = 'missing' AND fetch_tries < @most_tries;

-- name: CountFetchTry :exec
UPDATE deliveries SET fetch_tries = fetch_tries + @tries WHERE guid = @guid AND outcome = 'missing';

-- name: ListFailedDeliveries :many
SELECT guid
FROM deliveries
WHERE outcome = 'failed'
  AND caught_up_at = 0
ORDER BY sent_at, guid;

-- name: RetryDelivery :execrows
UPDATE deliveries
SET outcome = 'pending',
    caught_up_at = @now
WHERE guid = @guid
  AND outcome = 'failed'
  AND caught_up_at = 0;

-- name: GetDeliveryCursor :one
SELECT * FROM delivery_cursors WHERE id = 1;

-- name: SetDeliveryCursor :exec
INSERT INTO delivery_cursors (id, watermark, cursor, newest)
VALUES (1, 0, @cursor, @newest)
ON CONFLICT (id) DO UPDATE SET
    cursor = excluded.cursor,
    newest = excluded.newest;

-- The watermark never goes back.
-- name: AdvanceDeliveryWatermark :exec
UPDATE delivery_cursors
SET watermark = CASE WHEN newest > watermark THEN newest ELSE watermark END,
    cursor = '',
    newest = 0
WHERE id = 1;

-- name: DeleteDeliveryCursor :exec
DELETE FROM delivery_cursors WHERE id = 1;

-- name: SetFoundDeliveries :exec
UPDATE sync_runs SET found = fetched + @missing WHERE kind = 'recover_deliveries' AND subject = '' AND finished_at = 0;

-- name: CountFetchedDelivery :exec
UPDATE sync_runs SET fetched = fetched + 1 WHERE kind = 'recover_deliveries' AND subject = '' AND finished_at = 0;
