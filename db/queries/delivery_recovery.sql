-- Deliveries that GitHub lists. An unknown one is missing, unless it would change nothing.
-- name: UpsertSentDeliveries :exec
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
  AND fetch_tries < @max_tries
ORDER BY sent_at, attempt_id
LIMIT CAST(@row_limit AS BIGINT);

-- name: CountFetchableDeliveries :one
SELECT COUNT(*) FROM deliveries WHERE outcome = 'missing' AND fetch_tries < @max_tries;

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

-- name: GetDeliveryRecovery :one
SELECT * FROM delivery_recovery WHERE id = 1;

-- Whether the syncs that were queued for all users at a time are still running: some user's
-- installations were not listed since, or a sync of their repositories runs.
-- name: IsReconciling :one
SELECT EXISTS (
    SELECT 1
    FROM github_tokens AS t
    WHERE t.refused_at = 0
      AND t.confirmed_at > @confirmed_after
      AND t.confirmed_at < @since
      AND t.reconcile_at < @parked
    UNION ALL
    SELECT 1
    FROM sync_runs AS s
    JOIN installation_records AS ir ON ir.id = s.record_id
    WHERE s.finished_at = 0
      AND ir.synced_at < @since
);

-- name: SetReconcileSince :exec
INSERT INTO delivery_recovery (id, watermark, cursor, newest, reconcile_since, note)
VALUES (1, 0, '', 0, @since, @note)
ON CONFLICT (id) DO UPDATE SET
    reconcile_since = excluded.reconcile_since,
    note = excluded.note;

-- name: SetDeliveryCursor :exec
INSERT INTO delivery_recovery (id, watermark, cursor, newest)
VALUES (1, 0, @cursor, @newest)
ON CONFLICT (id) DO UPDATE SET
    cursor = excluded.cursor,
    newest = excluded.newest;

-- The watermark never goes back.
-- name: AdvanceDeliveryWatermark :exec
UPDATE delivery_recovery
SET watermark = CASE WHEN newest > watermark THEN newest ELSE watermark END,
    cursor = '',
    newest = 0
WHERE id = 1;

-- name: DeleteDeliveryRecovery :exec
DELETE FROM delivery_recovery WHERE id = 1;

-- name: SetFoundDeliveries :exec
UPDATE sync_runs SET found = fetched + @missing WHERE kind = 'recover_deliveries' AND subject = '' AND finished_at = 0;

-- name: CountFetchedDelivery :exec
UPDATE sync_runs SET fetched = fetched + 1 WHERE kind = 'recover_deliveries' AND subject = '' AND finished_at = 0;
