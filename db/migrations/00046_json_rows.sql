-- +goose Up

-- For PostgreSQL alone: json_each and jsonb_each of a statement's argument, whose planner
-- is to expect one row of them. It expects 100 of its own, and even fewer rows of a user
-- or a sync that its statistics don't know yet; then it reads all of these, and all of the
-- argument for each. With one row expected it starts from the argument and looks each row
-- up by its key, as SQLite does. STRICT keeps the bodies from being inlined, which would
-- bring the estimate of 100 back.

-- +goose StatementBegin
CREATE FUNCTION json_each(argument text, OUT key text, OUT value json) RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 1 AS $$
SELECT each.key, each.value FROM pg_catalog.json_each(CAST(argument AS json)) AS each
$$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION jsonb_each(argument text, OUT key text, OUT value jsonb) RETURNS SETOF record
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE ROWS 1 AS $$
SELECT each.key, each.value FROM pg_catalog.jsonb_each(CAST(argument AS jsonb)) AS each
$$;
-- +goose StatementEnd
