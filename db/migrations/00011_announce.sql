-- +goose Up

-- For PostgreSQL alone: it tells whoever listens, on any instance, that
-- something which open pages show was committed. SQLite tells by itself (see
-- db/watch.go). Triggers, so that no statement can forget to; without a word of
-- what changed, so that a transaction announces once, however much it changes.

-- +goose StatementBegin
CREATE FUNCTION neptun_announce() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('neptun', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER announce AFTER UPDATE OF version ON users
FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION neptun_announce();

CREATE TRIGGER announce AFTER UPDATE OF version ON accounts
FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION neptun_announce();

CREATE TRIGGER announce AFTER UPDATE OF version ON installation_records
FOR EACH ROW WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION neptun_announce();

CREATE TRIGGER announce AFTER INSERT OR UPDATE ON sync_runs
FOR EACH ROW EXECUTE FUNCTION neptun_announce();

-- The streams of a session end with it, on every instance.
CREATE TRIGGER announce AFTER UPDATE OF revoked_at ON sessions
FOR EACH ROW WHEN (OLD.revoked_at <> NEW.revoked_at) EXECUTE FUNCTION neptun_announce();
