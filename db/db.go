// Package db has Neptun's domain types and their storage: one SQLite file by default, or
// PostgreSQL for more than one machine. Both run the same queries (see queries/ and
// sqlc.yaml). Every look-up takes the user who requests it and checks ownership in its
// WHERE, so that "not yours" and "not found" are the same result.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"neptun/db/seal"
	"neptun/db/sqlcgen"

	"github.com/jackc/pgx/v5"
)

// ErrNotFound is the error for rows that don't exist, and for rows that the user may not see.
var ErrNotFound = errors.New("db: not found")

// Options are what Open needs besides the address.
type Options struct {
	// Keyring seals secrets at rest.
	Keyring *seal.Keyring
	// AccessMaxAge is how long a user's lists may be shown after GitHub last confirmed access.
	AccessMaxAge time.Duration
	// SessionIdle is how long a session lasts without being used; 0 for its whole lifetime.
	SessionIdle time.Duration
	// AuditRetention is how long an entry of the audit log is kept; 0 for no limit.
	AuditRetention time.Duration
	// GitHubURL and ClientID identify the GitHub host and the App that the database is
	// bound to from then on. Without a GitHubURL it isn't bound.
	GitHubURL string
	ClientID  string
	// Reset also opens a database of another App or key, for the commands that delete the
	// data of the old one.
	Reset bool
	// Check opens a database without changing anything in it.
	Check bool
	// Source opens a database to copy from. It must exist, no instance may use it, and the
	// configuration isn't stored in it.
	Source bool
	// CopyOf is the URL of the source of a database to copy to. It must be empty, or the
	// target of an unfinished copy, which starts over.
	CopyOf string
	// Connections is the size of the pool; 0 for the engine's default.
	Connections int
	// Operators are the configured operators.
	Operators Operators
	// Logger logs problems for operators; nil discards them.
	Logger *slog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// DB is an open database, safe for concurrent use.
type DB struct {
	dialect        dialect
	keyring        *seal.Keyring
	maxAge         time.Duration
	sessionIdle    time.Duration
	auditRetention time.Duration
	operators      Operators
	log            *slog.Logger
	now            func() time.Time
	migrations     fs.FS
	config         *pgx.ConnConfig // on PostgreSQL

	// SQLite has one writer at a time and any number of readers; on
	// PostgreSQL both are the same pool.
	writer, reader *sql.DB
	health         *sql.DB // one connection, for Ready
	write, read    *sqlcgen.Queries
	searched       searchTexts
	versions       versionsCache

	lookedForUnused atomic.Int64 // the id of the last repository

	queued  chan struct{} // SQLite: a job was enqueued
	locking sync.Mutex
	jobLock *sql.DB // SQLite: holds the lock of lockJobs, once it is held
}

// Open opens the database at url (sqlite:FILE or postgres://…) and brings its schema up to
// date. A database of another GitHub host, App or key, of a newer release, or of an unfinished
// copy is left unchanged: the error is an *OtherGitHubError, an *OtherAppError, ErrOtherKey, a
// *NewerSchemaError or an *UnfinishedCopyError. If running instances would not work with the new schema, it is
// ErrFormerInstances.
func Open(ctx context.Context, url string, options Options) (*DB, error) {
	migrations, err := ownMigrations()
	if err != nil {
		return nil, err
	}
	return open(ctx, url, options, migrations)
}

func open(ctx context.Context, url string, options Options, migrations fs.FS) (_ *DB, err error) {
	d := &DB{
		migrations: migrations,
		keyring:    options.Keyring, maxAge: options.AccessMaxAge, sessionIdle: options.SessionIdle, auditRetention: options.AuditRetention, operators: options.Operators,
		log: options.Logger, now: options.Now, queued: make(chan struct{}, 1),
	}
	if d.log == nil {
		d.log = slog.New(slog.DiscardHandler)
	}
	if d.now == nil {
		d.now = time.Now
	}
	if file, ok := SQLiteFile(url); ok {
		if err := checkRestored(file); err != nil {
			return nil, err
		}
		if _, err := os.Stat(file); err != nil && options.Source {
			return nil, fmt.Errorf("db: open: %w", err)
		}
	}
	if err := d.connect(url, options.Connections); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = d.Close()
			err = explained(err)
		}
	}()
	if err := d.reach(ctx); err != nil {
		return nil, err
	}
	if options.CopyOf == "" {
		if err := d.checkCopied(ctx); err != nil {
			return nil, err
		}
	}
	if options.Source {
		if err := d.checkSource(ctx); err != nil {
			return nil, err
		}
	}
	if err := d.checkOwner(ctx, options); err != nil {
		return nil, err
	}
	if options.CopyOf != "" {
		if err := d.startCopy(ctx, options.CopyOf); err != nil {
			return nil, err
		}
	}
	if options.Check {
		return d, nil
	}
	if err := d.migrate(ctx); err != nil {
		return nil, err
	}
	d.write, d.read = sqlcgen.New(d.writer), sqlcgen.New(d.reader)
	if options.Source || options.CopyOf != "" {
		return d, nil
	}
	if err := d.versions.open(ctx); err != nil {
		return nil, err
	}
	if !options.Reset {
		if err := d.bind(ctx, options.GitHubURL, options.ClientID); err != nil {
			return nil, err
		}
	}
	return d, d.configureOperators(ctx)
}

// Close closes all connections; queries in progress fail.
func (d *DB) Close() error {
	d.locking.Lock()
	defer d.locking.Unlock()
	var unlocked error
	if d.jobLock != nil {
		unlocked = d.jobLock.Close()
	}
	return errors.Join(d.versions.close(), d.reader.Close(), d.writer.Close(), d.health.Close(), unlocked)
}

// withTx runs fn in one transaction: committed when fn returns nil, rolled back
// when it returns an error or panics, and run again after a deadlock.
func (d *DB) withTx(ctx context.Context, fn func(*sqlcgen.Queries) error) error {
	return d.writeTx(ctx, func(_ *sql.Tx, q *sqlcgen.Queries) error { return fn(q) })
}

// txTries is how often a transaction is tried that PostgreSQL aborts because of a
// deadlock.
const txTries = 4

// deadlockPause lets the other transaction finish first.
const deadlockPause = 20 * time.Millisecond

// writeTx is withTx for callers that also run composed queries. fn may be called more than
// once.
func (d *DB) writeTx(ctx context.Context, fn func(*sql.Tx, *sqlcgen.Queries) error) (err error) {
	for try := range txTries {
		time.Sleep(time.Duration(try) * deadlockPause)
		err = inTx(ctx, d.writer, nil, func(tx *sql.Tx) error { return fn(tx, d.write.WithTx(tx)) })
		if !crossed(err) {
			return err
		}
	}
	return err
}

// snapshot runs fn on a consistent snapshot of the database.
func (d *DB) snapshot(ctx context.Context, fn func(*sql.Tx, *sqlcgen.Queries) error) error {
	options := &sql.TxOptions{ReadOnly: true, Isolation: d.dialect.snapshotIsolation()}
	return inTx(ctx, d.reader, options, func(tx *sql.Tx) error {
		if d.dialect == postgres {
			// It locks nothing, and a slow client may take long to read a list.
			if _, err := tx.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
				return fmt.Errorf("db: begin: %w", err)
			}
		}
		return fn(tx, d.read.WithTx(tx))
	})
}

func inTx(ctx context.Context, pool *sql.DB, options *sql.TxOptions, fn func(*sql.Tx) error) error {
	tx, err := pool.BeginTx(ctx, options)
	if err != nil {
		return fmt.Errorf("db: begin: %w", err)
	}
	// After a commit this does nothing; after an error or a panic it undoes.
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("db: commit: %w", err)
	}
	return nil
}

// found converts sql.ErrNoRows to ErrNotFound.
func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	return err
}

// millis is how a time is stored: epoch milliseconds, 0 for the zero time.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMillis is the inverse of millis.
func fromMillis(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// confirmedAfter returns the time since which GitHub must have confirmed a user's access
// for it to be shown.
func (d *DB) confirmedAfter() int64 {
	return millis(d.now().Add(-d.maxAge))
}
