-- +goose Up

-- The operators' page counts deliveries and lists them by their outcome.
CREATE INDEX deliveries_outcome ON deliveries (outcome, sent_at, guid);
