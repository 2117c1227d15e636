-- +goose Up

-- What GitHub says it sent, beside what came. One that GitHub sent and that
-- never came has the outcome 'missing', and neither received_at nor a body.
ALTER TABLE deliveries ADD COLUMN sent_at BIGINT NOT NULL DEFAULT 0; -- first, by GitHub's word; until it told, when it came
ALTER TABLE deliveries ADD COLUMN last_sent_at BIGINT NOT NULL DEFAULT 0; -- by GitHub's word; 0 until it told
ALTER TABLE deliveries ADD COLUMN attempt_id BIGINT NOT NULL DEFAULT 0; -- GitHub's id of the latest attempt; 0 until it told
ALTER TABLE deliveries ADD COLUMN caught_up_at BIGINT NOT NULL DEFAULT 0; -- when it was fetched, or taken up once more after it failed
ALTER TABLE deliveries ADD COLUMN fetch_tries BIGINT NOT NULL DEFAULT 0; -- how often it could not be fetched
UPDATE deliveries SET sent_at = received_at;
CREATE INDEX deliveries_sent ON deliveries (sent_at, guid);
CREATE INDEX deliveries_unsettled ON deliveries (outcome, sent_at) WHERE outcome IN ('missing', 'failed');

-- How far the looking for missed deliveries is: one row, and none before the
-- first look.
CREATE TABLE catch_ups (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    state        TEXT   NOT NULL, -- queued, running, waiting, done, failed
    message      TEXT   NOT NULL DEFAULT '', -- for people
    watermark    BIGINT NOT NULL DEFAULT 0, -- what GitHub sent until then is recorded
    cursor       TEXT   NOT NULL DEFAULT '', -- where GitHub's list is read on; '' for its newest
    newest       BIGINT NOT NULL DEFAULT 0, -- the next watermark, once the list is read
    found        BIGINT NOT NULL DEFAULT 0, -- how many were missing
    fetched      BIGINT NOT NULL DEFAULT 0, -- how many of those were fetched
    started_at   BIGINT NOT NULL DEFAULT 0,
    retry_at     BIGINT NOT NULL DEFAULT 0,
    finished_at  BIGINT NOT NULL DEFAULT 0  -- the end of the last whole look
);

-- When a person's installations are due to be synced by themselves.
ALTER TABLE github_tokens ADD COLUMN reconcile_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX github_tokens_reconcile ON github_tokens (reconcile_at) WHERE refused_at = 0;
