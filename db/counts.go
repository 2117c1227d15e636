package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// Counts are the row counts for metrics.
type Counts struct {
	// Stored is the number of rows by kind: users, sessions, api_tokens,
	// installations, repositories, imports.
	Stored map[string]int64
	Jobs   []JobCount
	// OldestDue is how long the oldest due job has been due, OldestPending how long ago the
	// oldest webhook that isn't applied was received; 0 for none.
	OldestDue, OldestPending time.Duration
	PendingDeliveries        int64
}

// JobCount is the number of jobs of a kind in one state: due, running or waiting.
type JobCount struct {
	Kind, State string
	Count       int64
}

// Counts counts what is stored, for metrics.
func (d *DB) Counts(ctx context.Context) (Counts, error) {
	now := d.now()
	row, err := d.read.CountStored(ctx, millis(now))
	if err != nil {
		return Counts{}, fmt.Errorf("db: count: %w", err)
	}
	jobs, err := d.read.CountJobs(ctx, millis(now))
	if err != nil {
		return Counts{}, fmt.Errorf("db: count jobs: %w", err)
	}
	counts := Counts{
		Stored: map[string]int64{
			"users": row.Users, "sessions": row.Sessions, "api_tokens": row.ApiTokens,
			"installations": row.Installations, "repositories": row.Repositories, "imports": row.Imports,
		},
		OldestDue: since(now, row.OldestDue), OldestPending: since(now, row.OldestPending), PendingDeliveries: row.PendingDeliveries,
	}
	for _, job := range jobs {
		counts.Jobs = append(counts.Jobs, jobCount(job))
	}
	return counts, nil
}

func jobCount(row sqlcgen.CountJobsRow) JobCount {
	return JobCount{Kind: row.Kind, State: row.State, Count: row.Count}
}

// since returns the time from a stored time until now; 0 for none.
func since(now time.Time, ms int64) time.Duration {
	if ms == 0 {
		return 0
	}
	return max(0, now.Sub(fromMillis(ms)))
}
