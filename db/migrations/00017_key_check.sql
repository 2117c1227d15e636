-- +goose Up

-- A value sealed with the key that this database is used with: a start with a
-- key that doesn't open it is refused. Empty until the first start.
ALTER TABLE settings ADD COLUMN key_check BYTEA NOT NULL DEFAULT '';
