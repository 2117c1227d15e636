package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// pollInterval is how often SQLite is polled for changes, with a pragma that takes a few
	// microseconds and reads no table.
	pollInterval = 250 * time.Millisecond
	// keepAlive is how long to wait for a notification from PostgreSQL before testing the
	// connection and assuming a change.
	keepAlive = 30 * time.Second
	// A failed watch is retried after firstPause, which doubles up to longestPause.
	firstPause, longestPause = 250 * time.Millisecond, 15 * time.Second
)

// Watch calls changed after each commit that may affect open pages, by this process or
// another one, until ctx ends. It may call it without a change, but misses none: it also calls
// it after it reconnects. One watch at a time has a reserved connection.
func (d *DB) Watch(ctx context.Context, changed func()) {
	d.keepWatching(ctx, func(ctx context.Context) error {
		if d.dialect == postgres {
			return d.listen(ctx, "neptun", changed)
		}
		return d.poll(ctx, changed)
	})
}

// keepWatching calls watch, and retries it when it fails, until ctx ends.
func (d *DB) keepWatching(ctx context.Context, watch func(context.Context) error) {
	pause := firstPause
	for {
		began := time.Now()
		err := watch(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longestPause {
			pause = firstPause
		}
		d.log.WarnContext(ctx, "changes can't be watched; trying again", slog.Duration("in", pause), slog.String("error", err.Error()))
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(2*pause, longestPause)
	}
}

// poll watches SQLite, which shows a connection whether another one, of this process or
// another, has committed something.
// https://sqlite.org/pragma.html#pragma_data_version
func (d *DB) poll(ctx context.Context, changed func()) error {
	conn, err := d.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: watch: %w", err)
	}
	defer conn.Close()
	often := time.NewTicker(pollInterval)
	defer often.Stop()
	var seen int64 = -1
	for {
		var version int64
		if err := conn.QueryRowContext(ctx, "PRAGMA data_version").Scan(&version); err != nil {
			return fmt.Errorf("db: watch: %w", err)
		}
		if version != seen {
			seen = version
			changed()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-often.C:
		}
	}
}

// listen watches a channel of PostgreSQL, which delivers the notifications of the
// migrations' triggers at each commit.
func (d *DB) listen(ctx context.Context, channel string, changed func()) error {
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: listen: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(driverConn any) error {
		// A connection that listens must not return to the pool.
		return errors.Join(driver.ErrBadConn, listenOn(ctx, driverConn, channel, changed))
	})
}

func listenOn(ctx context.Context, driverConn any, channel string, changed func()) error {
	wrapped, ok := driverConn.(*stdlib.Conn)
	if !ok {
		return fmt.Errorf("db: listen: a connection of the driver %T", driverConn)
	}
	conn := wrapped.Conn()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("db: listen: %w", err)
	}
	for {
		changed()
		quiet, cancel := context.WithTimeout(ctx, keepAlive)
		_, err := conn.WaitForNotification(quiet)
		cancel()
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
		case !errors.Is(err, context.DeadlineExceeded):
			return fmt.Errorf("db: listen: %w", err)
		default:
			if err := ping(ctx, conn.Ping); err != nil {
				return fmt.Errorf("db: listen: %w", err)
			}
		}
	}
}

// ping checks within a few seconds whether a connection still works.
func ping(ctx context.Context, send func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return send(ctx)
}
