package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// lockJobs tells whether this is the only process that does the jobs of a SQLite
// database. It holds a lock on an empty database beside it until Close: the
// operating system ends the lock of a process that dies, and keeps that of one
// that was merely stopped.
func (d *DB) lockJobs(ctx context.Context) (alone bool, err error) {
	var file string
	if err := d.reader.QueryRowContext(ctx, "SELECT file FROM pragma_database_list WHERE name = 'main'").Scan(&file); err != nil {
		return false, fmt.Errorf("db: lock jobs: %w", err)
	}
	d.locking.Lock()
	defer d.locking.Unlock()
	if d.jobLock != nil {
		return true, nil
	}
	lock, err := sql.Open("sqlite", "file:"+(&url.URL{Path: file + "-jobs"}).EscapedPath())
	if err != nil {
		return false, fmt.Errorf("db: lock jobs: %w", err)
	}
	lock.SetMaxOpenConns(1) // whose transaction lasts as long as the process
	_, err = lock.ExecContext(ctx, "BEGIN EXCLUSIVE")
	var refusal *sqlitedriver.Error
	switch {
	case err == nil:
		d.jobLock = lock
		return true, nil
	case errors.As(err, &refusal) && refusal.Code()&0xff == sqlite3.SQLITE_BUSY:
		return false, lock.Close()
	}
	return false, errors.Join(fmt.Errorf("db: lock jobs: %w", err), lock.Close())
}
