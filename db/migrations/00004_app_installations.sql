-- +goose Up

-- How far the reading of all installations of the App is: one row, and none
-- before the first.
CREATE TABLE app_readings (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    run          BIGINT NOT NULL, -- counts the readings
    state        TEXT   NOT NULL, -- queued, running, waiting, done, failed
    message      TEXT   NOT NULL, -- for people
    started_at   BIGINT NOT NULL,
    retry_at     BIGINT NOT NULL,
    finished_at  BIGINT NOT NULL,
    synced_at    BIGINT NOT NULL  -- the end of the last whole reading
);

-- The latest reading of all installations that met this one.
ALTER TABLE installations ADD COLUMN seen_reading BIGINT NOT NULL DEFAULT 0;
