package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrBackupExists means that the backup file already exists.
	ErrBackupExists = errors.New("the file for the backup already exists")
	// ErrInUse means that a running instance uses the database.
	ErrInUse = errors.New("a running Neptun uses this database: stop it first")
	// ErrNotNeptun means that a database wasn't created by Neptun.
	ErrNotNeptun = errors.New("this isn't a database of Neptun")
)

// Backup writes a consistent copy of a SQLite file to another file, while
// instances may be writing to it.
func Backup(ctx context.Context, file, to string) error {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	// Created first, readable only by this user: VACUUM INTO fills an empty file.
	created, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrBackupExists
	case err != nil:
		return fmt.Errorf("db: back up: %w", err)
	}
	if err := created.Close(); err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	err = onSQLiteFile(file, func(pool *sql.DB) error {
		_, err := pool.ExecContext(ctx, "VACUUM INTO $1", to)
		return err
	})
	if err != nil {
		return errors.Join(fmt.Errorf("db: back up: %w", err), os.Remove(to))
	}
	return nil
}

// Restore replaces a SQLite file by a backup. The previous file is kept beside it, under the
// returned name; "" if there was no file.
func Restore(ctx context.Context, backup, file string, now time.Time) (kept string, err error) {
	if err := checkBackup(ctx, backup); err != nil {
		return "", err
	}
	lock, err := lockFile(ctx, file+jobLockSuffix)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	// Complete before anything is replaced: without a file, the next start creates an empty
	// database.
	restored := file + ".restoring"
	if err := os.Remove(restored); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("db: restore: %w", err)
	}
	if err := Backup(ctx, backup, restored); err != nil {
		return "", err
	}
	if _, err := os.Stat(file); err == nil {
		kept = file + ".before-restore-" + now.UTC().Format("20060102-150405")
		// The write-ahead log belongs to the file: without it, the file is incomplete.
		for _, part := range []string{"", "-wal", "-shm"} {
			if err := os.Rename(file+part, kept+part); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return kept, fmt.Errorf("db: restore: %w", err)
			}
		}
	}
	if err := os.Rename(restored, file); err != nil {
		return kept, fmt.Errorf("db: restore: %w", err)
	}
	return kept, nil
}

// checkBackup rejects a file that is damaged, or that this release can't use.
func checkBackup(ctx context.Context, backup string) error {
	if err := checkSQLiteFile(backup); err != nil {
		return err
	}
	if _, err := os.Stat(backup); err != nil {
		return fmt.Errorf("db: restore: %w", err)
	}
	migrations, err := ownMigrations()
	if err != nil {
		return err
	}
	return onSQLiteFile(backup, func(pool *sql.DB) error {
		d := &DB{dialect: sqlite, writer: pool, reader: pool, migrations: migrations}
		if err := d.checkNeptun(ctx); err != nil {
			return err
		}
		if err := d.checkSchema(ctx); err != nil {
			return err
		}
		return d.Integrity(ctx)
	})
}

// checkNeptun rejects a database that Neptun never opened.
func (d *DB) checkNeptun(ctx context.Context) error {
	exists, err := d.hasColumn(ctx, "goose_db_version", "version_id")
	if err == nil && !exists {
		err = ErrNotNeptun
	}
	return err
}

// onSQLiteFile opens a file for one connection, without changing its journal mode.
func onSQLiteFile(file string, fn func(*sql.DB) error) error {
	pool, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath()+"?"+pragmas("busy_timeout(5000)").Encode())
	if err != nil {
		return fmt.Errorf("db: open %s: %w", file, err)
	}
	pool.SetMaxOpenConns(1)
	return errors.Join(fn(pool), pool.Close())
}

// lockFile holds a lock until it is closed. The error is ErrInUse if another process
// holds it.
func lockFile(ctx context.Context, file string) (*sql.DB, error) {
	lock, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file}).EscapedPath())
	if err != nil {
		return nil, fmt.Errorf("db: lock: %w", err)
	}
	lock.SetMaxOpenConns(1) // its transaction stays open until it is closed
	_, err = lock.ExecContext(ctx, "BEGIN EXCLUSIVE")
	var refusal *sqlitedriver.Error
	switch {
	case err == nil:
		return lock, nil
	case errors.As(err, &refusal) && refusal.Code()&0xff == sqlite3.SQLITE_BUSY:
		return nil, errors.Join(ErrInUse, lock.Close())
	}
	return nil, errors.Join(fmt.Errorf("db: lock: %w", err), lock.Close())
}
