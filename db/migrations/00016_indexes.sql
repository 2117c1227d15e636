-- +goose Up

-- Each repository of a page is looked up among the news since the page was asked
-- for, which after a burst are many, and for a worker that was away all of a week.
CREATE INDEX news_about ON news (repository_id, account_id, id);

-- SQLite takes a partial index only for the very words it was made with.
DROP INDEX deliveries_unsettled;
CREATE INDEX deliveries_missing ON deliveries (sent_at, attempt_id) WHERE outcome = 'missing';
CREATE INDEX deliveries_failed ON deliveries (sent_at, guid) WHERE outcome = 'failed';
