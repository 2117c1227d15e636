-- +goose Up

-- For PostgreSQL alone: it tells the instances that do jobs that one was
-- committed which may be due. On SQLite there is one instance, which knows (see
-- db/job_queue.go).

-- +goose StatementBegin
CREATE FUNCTION neptun_announce_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('neptun_jobs', '');
    RETURN NULL;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER announce_jobs AFTER INSERT ON jobs
FOR EACH STATEMENT EXECUTE FUNCTION neptun_announce_jobs();

CREATE TRIGGER announce_sooner AFTER UPDATE OF run_at ON jobs
FOR EACH ROW WHEN (NEW.run_at < OLD.run_at) EXECUTE FUNCTION neptun_announce_jobs();
