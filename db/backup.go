package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var (
	// ErrBackupExists means that the backup file already exists.
	ErrBackupExists = errors.New("the file for the backup already exists")
	// ErrNoBackup means that a file can't be restored from.
	ErrNoBackup = errors.New("isn't a complete backup: restore from another file that neptun backup has written")
	// ErrRestoring means that a restore was interrupted while it replaced the database.
	ErrRestoring = errors.New("a restore of this database was interrupted: run neptun restore FILE again")
	// ErrInUse means that a running instance uses the database.
	ErrInUse = errors.New("a running Neptun uses this database: stop it first")
	// ErrNotNeptun means that a database wasn't created by Neptun.
	ErrNotNeptun = errors.New("this isn't a database of Neptun")
)

// Backup writes a consistent copy of a SQLite file to another file, while instances may be
// writing to it. The other file is whole or doesn't exist, and Backup replaces no file: until
// the copy is complete, it is named FILE.*.partial.
func Backup(ctx context.Context, file, to string) (err error) {
	if _, err := os.Stat(file); err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	if _, err := os.Lstat(to); err == nil {
		return ErrBackupExists
	}
	// Readable only by this user. VACUUM INTO fills an empty file.
	partial, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".*.partial")
	if err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	defer func() {
		if removed := os.Remove(partial.Name()); !errors.Is(removed, fs.ErrNotExist) {
			err = errors.Join(err, removed)
		}
	}()
	if err := errors.Join(fillFile(ctx, file, partial), partial.Close()); err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	if err := moveToNew(partial.Name(), to); err != nil {
		return fmt.Errorf("db: back up: %w", err)
	}
	return nil
}

// fillFile writes a copy of a SQLite file to an empty file, and syncs it.
func fillFile(ctx context.Context, file string, to *os.File) error {
	err := onSQLiteFile(file, func(pool *sql.DB) error {
		d := &DB{dialect: sqlite, writer: pool, reader: pool}
		if err := d.checkCopied(ctx); err != nil {
			return err
		}
		_, err := pool.ExecContext(ctx, "VACUUM INTO $1", to.Name())
		return err
	})
	if err != nil {
		return err
	}
	return to.Sync()
}

// moveToNew renames a file, unless the new name exists: the error is ErrBackupExists then.
func moveToNew(file, to string) error {
	// A link doesn't replace a file, and a rename does.
	err := os.Link(file, to)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrBackupExists
	case err == nil:
		return errors.Join(os.Remove(file), syncFolder(to))
	}
	return reserveAndMove(file, to) // the file system has no links, such as FAT
}

// reserveAndMove is moveToNew without links: it creates the new name first. A kill before the
// rename leaves an empty file.
func reserveAndMove(file, to string) error {
	reserved, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	switch {
	case errors.Is(err, fs.ErrExist):
		return ErrBackupExists
	case err != nil:
		return err
	}
	return errors.Join(reserved.Close(), moveFile(file, to))
}

// moveFile renames a file so that a power failure doesn't undo it.
func moveFile(file, to string) error {
	if err := os.Rename(file, to); err != nil {
		return err
	}
	return syncFolder(to)
}

// syncFolder syncs the folder of a file, which has its name.
func syncFolder(file string) error {
	folder, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	if err = folder.Sync(); runtime.GOOS == "windows" {
		err = nil // it doesn't sync folders
	}
	return errors.Join(err, folder.Close())
}

// restoringSuffix names the unfinished copy of a backup during a restore, beside the
// database's file. Without the database's file, the restore was interrupted.
const restoringSuffix = ".restoring"

// Restore replaces a SQLite file by a backup. The previous file is kept beside it, under the
// returned name; "" if there was no file. The next Open after an interrupted one opens the
// previous file, or returns ErrRestoring.
func Restore(ctx context.Context, backup, file string, now time.Time) (replaced string, err error) {
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
	restored := file + restoringSuffix
	if err := copyBackup(ctx, backup, restored); err != nil {
		return "", fmt.Errorf("db: restore: %w", err)
	}
	if _, err := os.Stat(file); err == nil {
		// Moves what the write-ahead log has into the file, unless it is damaged.
		_ = onSQLiteFile(file, func(pool *sql.DB) error {
			_, err := pool.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
			return err
		})
	}
	replaced = file + ".before-restore-" + now.UTC().Format("20060102-150405")
	if replaced, err = keep(file, replaced); err != nil {
		return replaced, fmt.Errorf("db: restore: %w", err)
	}
	if err := moveFile(restored, file); err != nil {
		return replaced, fmt.Errorf("db: restore: %w", err)
	}
	return replaced, nil
}

// copyBackup copies a backup, in place of a copy that was interrupted.
func copyBackup(ctx context.Context, backup, to string) (err error) {
	for _, part := range []string{"", "-journal"} {
		if err := os.Remove(to + part); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	created, err := os.OpenFile(to, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(fillFile(ctx, backup, created), created.Close()); err != nil {
		return errors.Join(err, os.Remove(to))
	}
	return nil
}

// keep moves a database out of the way. Its write-ahead log belongs to it, also one that an
// interrupted restore didn't move: beside another file, it would damage that one.
func keep(file, to string) (name string, err error) {
	for _, part := range []string{"", "-wal", "-shm"} {
		err := os.Rename(file+part, to+part)
		switch {
		case err == nil:
			name = to
		case !errors.Is(err, fs.ErrNotExist):
			return name, err
		}
	}
	return name, nil
}

// checkRestored rejects a file that a restore has moved away, and put no other in its place.
func checkRestored(file string) error {
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if _, err := os.Stat(file + restoringSuffix); err == nil {
		return fmt.Errorf("%w, or delete %s to start with an empty database", ErrRestoring, file+restoringSuffix)
	}
	return nil
}

// checkBackup rejects a file that is no backup, or damaged, or that this release can't use.
func checkBackup(ctx context.Context, backup string) error {
	if _, err := os.Stat(backup); err != nil {
		return fmt.Errorf("db: restore: %w", err)
	}
	migrations, err := ownMigrations()
	if err != nil {
		return err
	}
	if err = checkSQLiteFile(backup); err == nil {
		err = onSQLiteFile(backup, func(pool *sql.DB) error {
			d := &DB{dialect: sqlite, writer: pool, reader: pool, migrations: migrations}
			if err := d.checkCopied(ctx); err != nil {
				return err
			}
			if err := d.checkNeptun(ctx); err != nil {
				return err
			}
			if err := d.checkSchema(ctx); err != nil {
				return err
			}
			return d.Integrity(ctx)
		})
	}
	var (
		newer      *NewerSchemaError
		unfinished *UnfinishedCopyError
	)
	if err == nil || errors.As(err, &newer) || errors.As(err, &unfinished) || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("%s %w (%w)", backup, ErrNoBackup, err)
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
