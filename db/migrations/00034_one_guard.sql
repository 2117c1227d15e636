-- +goose Up

-- Changes are numbered, and that is all by which older answers are known.
ALTER TABLE installations DROP COLUMN writes;
