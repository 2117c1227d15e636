package db

import (
	"context"
	"errors"
	"fmt"
)

// jobLockSuffix is added to a SQLite file's name for the lock of the process that
// does its jobs.
const jobLockSuffix = "-jobs"

// lockJobs reports whether this is the only process that does the jobs of a SQLite
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
	lock, err := lockFile(ctx, file+jobLockSuffix)
	if errors.Is(err, ErrInUse) {
		return false, nil
	}
	d.jobLock = lock
	return err == nil, err
}
