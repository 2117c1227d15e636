-- +goose Up

-- The newest migration that a program must know to go on with this database. One that
-- instances of the release before it can't work with raises it to its own number, and
-- they end.
ALTER TABLE settings ADD COLUMN required_schema BIGINT NOT NULL DEFAULT 0;
