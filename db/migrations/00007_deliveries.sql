-- +goose Up

-- The webhooks that GitHub delivered, each once.
CREATE TABLE deliveries (
    guid             TEXT   PRIMARY KEY, -- X-GitHub-Delivery, the same for every attempt
    event            TEXT   NOT NULL,
    action           TEXT   NOT NULL, -- empty where the event has none
    installation_id  BIGINT NOT NULL, -- GitHub's; 0 for none
    received_at      BIGINT NOT NULL,
    outcome          TEXT   NOT NULL, -- pending, applied, ignored, failed
    applied_at       BIGINT NOT NULL DEFAULT 0,
    body             BYTEA  NOT NULL -- sealed; empty once applied or ignored
);
CREATE INDEX deliveries_received ON deliveries (received_at);

-- Counts how often GitHub's word on an installation was stored, changed or not,
-- so that an answer which was under way meanwhile is known to be the older one.
ALTER TABLE installations ADD COLUMN writes BIGINT NOT NULL DEFAULT 0;
