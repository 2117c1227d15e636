package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

// fencedTx is withTx for a step of a job: it stores nothing and returns jobs.ErrLost if the
// worker no longer holds the job of ctx.
func (d *DB) fencedTx(ctx context.Context, fn func(*sqlcgen.Queries) error) error {
	return d.fencedWriteTx(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error { return fn(q) })
}

// fencedWriteTx is fencedTx for callers that also run composed queries.
func (d *DB) fencedWriteTx(ctx context.Context, fn func(*sql.Tx, *sqlcgen.Queries) error) error {
	return d.writeTx(ctx, func(tx *sql.Tx, q *sqlcgen.Queries) error {
		if err := fn(tx, q); err != nil {
			return err
		}
		// Last, since other transactions enqueue a job while they hold the locks that fn takes.
		return holdJob(ctx, q)
	})
}

// fencedStep is fencedTx for one statement.
func (d *DB) fencedStep(ctx context.Context, doing string, statement func(*sqlcgen.Queries) error) error {
	return d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
		if err := statement(q); err != nil {
			return fmt.Errorf("db: %s: %w", doing, err)
		}
		return nil
	})
}

func holdJob(ctx context.Context, q *sqlcgen.Queries) error {
	row, ok := jobs.Held(ctx)
	if !ok {
		return nil
	}
	_, err := q.HoldJob(ctx, sqlcgen.HoldJobParams{ID: row.ID, Claim: row.Claim})
	if errors.Is(err, sql.ErrNoRows) {
		return jobs.ErrLost
	}
	if err != nil {
		return fmt.Errorf("db: hold job: %w", err)
	}
	return nil
}

// StillHeld must be called before a request to GitHub: it returns jobs.ErrLost if the worker
// no longer holds the job of ctx.
func (d *DB) StillHeld(ctx context.Context) error {
	row, ok := jobs.Held(ctx)
	if !ok {
		return nil
	}
	n, err := d.read.JobIsHeld(ctx, sqlcgen.JobIsHeldParams{ID: row.ID, Claim: row.Claim})
	if err != nil {
		return fmt.Errorf("db: look at job: %w", err)
	}
	if n == 0 {
		return jobs.ErrLost
	}
	return nil
}
