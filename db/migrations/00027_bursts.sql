-- +goose Up

-- What a delivery is about. Deliveries about the same thing are applied together;
-- '' for one that is to be applied alone first, since it takes access away.
ALTER TABLE deliveries ADD COLUMN subject TEXT NOT NULL DEFAULT '';
CREATE INDEX deliveries_pending ON deliveries (subject, received_at) WHERE outcome = 'pending';

-- Until when GitHub answers nothing more to the App.
CREATE TABLE app_limits (
    installation_id  BIGINT  PRIMARY KEY, -- in whose account's name; 0 for the App's own
    until            BIGINT  NOT NULL,
    secondary        BOOLEAN NOT NULL -- GitHub's word for too much at once
);

CREATE INDEX access_checks_repository ON access_checks (repository_id);

-- What GitHub last said of the App, as JSON, for all instances: one row.
CREATE TABLE app_facts (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    facts  TEXT   NOT NULL
);

-- When the planner's statistics were last refreshed: one row.
CREATE TABLE analyses (
    id           BIGINT PRIMARY KEY CHECK (id = 1),
    analyzed_at  BIGINT NOT NULL
);
