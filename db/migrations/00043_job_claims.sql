-- +goose Up

-- Whose lease it is: a number drawn by each claim, 0 while nobody holds the job.
ALTER TABLE jobs ADD COLUMN claim BIGINT NOT NULL DEFAULT 0;
