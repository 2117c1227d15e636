package db

import (
	"context"
	"errors"
	"fmt"
)

// jobLockSuffix is added to a SQLite file's name for the lock of the process that
// runs its jobs.
const jobLockSuffix = "-jobs"

// lockJobs reports whether this is the only process that runs the jobs of a SQLite
// database. It locks an empty database beside it until Close: the operating system releases
// the lock when the process dies, but not while it is only paused.
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
