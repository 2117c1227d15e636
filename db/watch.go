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
	// glance is how often SQLite is asked whether somebody wrote: a pragma of a
	// few microseconds that reads no table.
	glance = 250 * time.Millisecond
	// silence is how long PostgreSQL may announce nothing before the connection is
	// tried, and everything taken for changed.
	silence = 30 * time.Second
	// How long to wait before watching again what broke: twice as long each time.
	firstPause, longestPause = 250 * time.Millisecond, 15 * time.Second
)

// Watch calls changed whenever something that open pages show may have been
// committed, by this process or another one, until ctx ends. It may call without
// a change, but misses none: after a connection was lost it calls too. One watch
// at a time has a connection set aside for it.
func (d *DB) Watch(ctx context.Context, changed func()) {
	d.keepWatching(ctx, func(ctx context.Context) error {
		if d.dialect == postgres {
			return d.listen(ctx, "neptun", changed)
		}
		return d.glanceAt(ctx, changed)
	})
}

// keepWatching watches until ctx ends, also after what it watched by was lost.
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

// glanceAt watches SQLite, which tells a connection whether another one, of this
// process or another, has committed something.
// https://sqlite.org/pragma.html#pragma_data_version
func (d *DB) glanceAt(ctx context.Context, changed func()) error {
	conn, err := d.reader.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: watch: %w", err)
	}
	defer conn.Close()
	often := time.NewTicker(glance)
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

// listen watches a channel of PostgreSQL, which delivers at each commit what the
// triggers of its migrations had to say.
func (d *DB) listen(ctx context.Context, channel string, changed func()) error {
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: listen: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(driverConn any) error {
		// A connection that listens must not go back to the others.
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
		quiet, cancel := context.WithTimeout(ctx, silence)
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

// ping tells within a few seconds whether a connection still leads anywhere.
func ping(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return ask(ctx)
}
