-- +goose Up

-- 1 goes first. It takes the place of dating jobs back.
ALTER TABLE jobs ADD COLUMN priority BIGINT NOT NULL DEFAULT 3;

-- When the job is to be done once more, since that was asked for while it was
-- leased; 0 where it wasn't.
ALTER TABLE jobs ADD COLUMN again_at BIGINT NOT NULL DEFAULT 0;

UPDATE jobs SET priority = 2 WHERE kind = 'apply_delivery';

-- Jobs without arguments have no subject.
UPDATE jobs SET subject = '' WHERE subject = 'app';

DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (priority, run_at, id);
